// What is committed as wasm, and how each set of it is built from its sources.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findToolchain, outputOf } from './toolchain.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type ArtefactSet = {
  name: string;
  /** Where the artefacts are committed. */
  committedFolder: string;
  fileNames: string[];
  /** Names every tool that decides the bytes; throws if one is missing. */
  describeToolchain(): string;
  /** Builds the artefacts into an existing folder. */
  build(outputFolder: string): Promise<void>;
};

const contractsTarget = 'wasm32v1-none';
const contractNames = ['wallet', 'factory'];
const contracts: ArtefactSet = {
  name: 'contracts',
  committedFolder: join(root, 'contracts/wasm'),
  fileNames: contractNames.map((name) => `${name}.wasm`),
  describeToolchain: () =>
    `${findToolchain(contractsTarget).description}, ${wasmOptVersion() ?? 'no wasm-opt'}`,
  async build(outputFolder) {
    const workspace = join(root, 'contracts');
    const targetFolder = cargoTargetFolder('contracts-wasm');
    await findToolchain(contractsTarget).build({
      workspace,
      target: contractsTarget,
      standardLibrary: 'core,alloc',
      targetFolder,
      // A stack of 32 KiB leaves room for the data in one page of memory; callers pay for each page.
      linkerArguments: ['-zstack-size=32768'],
      cargoArguments: contractNames.flatMap((name) => ['-p', `latchkey-${name}`]),
      // The SDK's gate: whoever sets it promises to shake the contract's specification afterwards.
      environment: { SOROBAN_SDK_BUILD_SYSTEM_SUPPORTS_SPEC_SHAKING_V2: '1' },
    });
    for (const name of contractNames) {
      const built = join(targetFolder, contractsTarget, 'release', `latchkey_${name}.wasm`);
      const optimised = join(outputFolder, `${name}.optimised.wasm`);
      optimise(built, optimised);
      shakeSpecification(workspace, optimised, join(outputFolder, `${name}.wasm`));
      rmSync(optimised);
    }
  },
};

const engineTarget = 'wasm32-unknown-unknown';
const engineFileName = 'soroban-p30.wasm';
const engine: ArtefactSet = {
  name: 'engine',
  committedFolder: join(root, 'devnet/engine'),
  fileNames: [engineFileName],
  describeToolchain: () => findToolchain(engineTarget).description,
  async build(outputFolder) {
    const targetFolder = cargoTargetFolder('devnet-host-wasm');
    await findToolchain(engineTarget).build({
      workspace: join(root, 'devnet/host'),
      target: engineTarget,
      standardLibrary: 'std,panic_abort',
      targetFolder,
      linkerArguments: [],
      cargoArguments: [],
      environment: {},
    });
    const built = join(targetFolder, engineTarget, 'release/latchkey_devnet_host.wasm');
    const artefact = join(outputFolder, engineFileName);
    copyFileSync(built, artefact);
    // The linker marks its output executable; a committed artefact is data.
    chmodSync(artefact, 0o644);
  },
};

export const artefactSets: ArtefactSet[] = [contracts, engine];

function wasmOptVersion(): string | undefined {
  return outputOf('wasm-opt', '--version');
}

/** Binaryen takes 1 % off a transfer. Without it the contracts are the same, a little dearer. */
function optimise(input: string, output: string): void {
  if (wasmOptVersion() === undefined) {
    copyFileSync(input, output);
  } else {
    // The host accepts WebAssembly 1.0 and mutable globals, and nothing later.
    run('wasm-opt', ['-O3', '--mvp-features', '--enable-mutable-globals', input, '-o', output], root);
  }
}

function shakeSpecification(workspace: string, input: string, output: string): void {
  run('cargo', ['run', '--quiet', '--locked', '-p', 'spec-shake', '--', input, output], workspace, {
    CARGO_TARGET_DIR: cargoTargetFolder('contracts-native'),
  });
}

/** Outside of the tree, and kept: a cold build takes minutes. */
function cargoTargetFolder(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'latchkey/target', name);
}

function run(command: string, args: string[], cwd: string, environment: Record<string, string> = {}): void {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ''}`);
}
