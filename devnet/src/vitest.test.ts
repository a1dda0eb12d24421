// The fixtures as their users have them: tests that would disturb each other if they shared a network.
import { Keypair } from '@stellar/stellar-sdk';
import { expect } from 'vitest';
import { START_SECONDS } from './testing/testNetwork.ts';
import { devnetTest, preparedDevnetTest, test } from './vitest.ts';

const alice = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1)).publicKey();

// Friendbot funds an account once per network, so a second test can only pass on a network of its own.
for (const which of ['first', 'second']) {
  test(`gives the ${which} test a fresh network`, async ({ devnet }) => {
    expect(devnet.latestLedger().sequence).toBe(1);
    await devnet.fund(alice);
  });
}

devnetTest({ passphrase: 'Of a test', nowSeconds: () => START_SECONDS })(
  'makes networks as they are asked for',
  ({ devnet }) => {
    expect(devnet.passphrase).toBe('Of a test');
    expect(devnet.latestLedger().closeTimeSeconds).toBe(START_SECONDS);
  },
);

let preparations = 0;
const preparedTest = preparedDevnetTest(
  async (devnet) => {
    preparations++;
    const { hash } = await devnet.fund(alice);
    return { hash };
  },
  { nowSeconds: () => START_SECONDS },
);

for (const which of ['first', 'second']) {
  preparedTest(`has the ${which} test begin with what was prepared`, async ({ devnet, prepared }) => {
    expect(preparations).toBe(1);
    expect(devnet.latestLedger().sequence).toBe(2);
    expect(await devnet.rpc('getTransaction', { hash: prepared.hash })).toMatchObject({ status: 'SUCCESS' });
    devnet.warp({ seconds: 3_600 });
    await devnet.fund(Keypair.random().publicKey());
  });
}
