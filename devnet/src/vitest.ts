// Fixtures for tests with Vitest: `devnet` is a network of the test's own, made in under a millisecond once the engine
// is loaded. What all tests of a file need is prepared once per file, and every test goes back to it. Tests that share a
// preparation share a network, so they must not run concurrently.
import { test as base, type TestAPI } from 'vitest';
import { createDevnet, type Devnet, type DevnetOptions } from './index.ts';

/** Vitest's `test` whose tests may ask for `devnet`, each for a fresh one. */
export const test: TestAPI<{ devnet: Devnet }> = devnetTest();

/** The same with options for the networks. */
export function devnetTest(options: DevnetOptions = {}): TestAPI<{ devnet: Devnet }> {
  return base.extend<{ devnet: Devnet }>({
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture depends on.
    devnet: async ({}, use) => {
      const devnet = await createDevnet(options);
      await use(devnet);
      await devnet.close();
    },
  });
}

/**
 * Prepares a network once per file, such as by deploying contracts. Tests may ask for `devnet` and for `prepared`, which
 * is what `prepare` returned; whatever a test does to the network is undone after it.
 */
export function preparedDevnetTest<Prepared>(
  prepare: (devnet: Devnet) => Promise<Prepared>,
  options: DevnetOptions = {},
): TestAPI<{ devnet: Devnet; prepared: Prepared }> {
  type Beginning = { devnet: Devnet; prepared: Prepared };
  return base.extend<Beginning & { beginning: Beginning }>({
    beginning: [
      // biome-ignore lint/correctness/noEmptyPattern: as above.
      async ({}, use) => {
        const devnet = await createDevnet(options);
        await use({ devnet, prepared: await prepare(devnet) });
        await devnet.close();
      },
      { scope: 'file' },
    ],
    devnet: async ({ beginning: { devnet } }, use) => {
      const id = devnet.snapshot();
      await use(devnet);
      devnet.revert(id);
    },
    prepared: async ({ beginning }: { beginning: Beginning }, use: (prepared: Prepared) => Promise<void>) => {
      await use(beginning.prepared);
    },
  });
}
