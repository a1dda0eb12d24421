// What is committed as wasm, and how each set of it is built from its sources: what the product ships, and the peer's
// contracts that `bench/` measures beside it, built the same way so that only the code is compared.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { findToolchain, outputOf } from './toolchain.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type ArtefactSet = {
  name: string;
  /** Where the artefacts are committed. */
  committedFolder: string;
  fileNames: string[];
  /** Whether the files are kept packed, as `<name>.gz`. Their sums are those of what is in them. */
  isPacked: boolean;
  /** Names every tool that decides the bytes; throws if one is missing. */
  describeToolchain(): string;
  /** Builds the artefacts into an existing folder. */
  build(outputFolder: string): Promise<void>;
};

const contractsTarget = 'wasm32v1-none';

type ContractSources = {
  name: string;
  /** Where the artefacts are committed, under the repository's root. */
  committedFolder: string;
  /** A contract's crate is its name after this and a hyphen. */
  cratePrefix: string;
  /** Contracts by the cargo workspace they are built in: one for each version of soroban-sdk. */
  workspaces: { folder: string; contractNames: string[] }[];
  /** Of a soroban-sdk too old to say what of the specification is used. */
  keepsSpecification?: boolean;
};

/** Up to which size wasm-opt inlines every function, where its default of 2 leaves the calls that cost most. */
const inlinedSizes: Record<string, number> = {
  wallet: 36,
  factory: 30,
  call_limits: 40,
  slh_dsa_verifier: 20,
};

/**
 * The host charges the code between two conditions or loops as soon as it gets there, jumped over or not. So wasm-opt
 * makes conditions of these contracts' jumps, and leaves long functions apart that are called in one place only.
 */
const structured = new Set(['wallet', 'factory', 'call_limits']);
const structuring = ['--one-caller-inline-max-function-size=800', '-O3', '--flatten', '--rereloop', '-O3'];

const contractSet = (sources: ContractSources): ArtefactSet => ({
  name: sources.name,
  committedFolder: join(root, sources.committedFolder),
  isPacked: false,
  fileNames: sources.workspaces.flatMap(({ contractNames }) => contractNames.map((name) => `${name}.wasm`)),
  describeToolchain: () =>
    `${findToolchain(contractsTarget).description}, ${wasmOptVersion() ?? 'no wasm-opt'}`,
  async build(outputFolder) {
    const { cratePrefix } = sources;
    const targetFolder = cargoTargetFolder(`${sources.name}-wasm`);
    for (const { folder, contractNames } of sources.workspaces) {
      await findToolchain(contractsTarget).build({
        workspace: join(root, folder),
        target: contractsTarget,
        standardLibrary: 'core,alloc',
        targetFolder,
        // A stack of 48 KiB leaves room for the data in one page of memory; callers pay for each page.
        linkerArguments: ['-zstack-size=49152'],
        cargoArguments: contractNames.flatMap((name) => [
          '-p',
          `${cratePrefix}-${name.replaceAll('_', '-')}`,
        ]),
        // Gates of soroban-sdk 29 and 30: whoever sets them promises to shake the contract's specification.
        environment: {
          SOROBAN_SDK_BUILD_SYSTEM_SUPPORTS_SPEC_SHAKING_V2: '1',
          STELLAR_CLI_VERSION: '30.0.0',
        },
        silentPanics: true,
      });
      for (const name of contractNames) {
        const file = `${cratePrefix.replaceAll('-', '_')}_${name}.wasm`;
        const built = join(targetFolder, contractsTarget, 'release', file);
        const optimised = join(outputFolder, `${name}.optimised.wasm`);
        optimise(built, optimised, name);
        const output = join(outputFolder, `${name}.wasm`);
        if (sources.keepsSpecification) copyFileSync(optimised, output);
        else shakeSpecification(optimised, output);
        rmSync(optimised);
      }
    }
  },
});

const contracts = contractSet({
  name: 'contracts',
  committedFolder: 'contracts/wasm',
  cratePrefix: 'latchkey',
  workspaces: [
    {
      folder: 'contracts',
      contractNames: [
        'wallet',
        'factory',
        'recovery',
        'guardian',
        'batch',
        'spending_limit',
        'allow_list',
        'time_window',
        'approvals',
        'call_limits',
        'ml_dsa_verifier',
        'slh_dsa_verifier',
      ],
    },
    { folder: 'contracts/verifiers/ml-dsa-host', contractNames: ['ml_dsa_host_verifier'] },
  ],
});

const openZeppelin = contractSet({
  name: 'openzeppelin',
  committedFolder: 'bench/peers/openzeppelin/wasm',
  cratePrefix: 'openzeppelin',
  workspaces: [{ folder: 'bench/peers/openzeppelin', contractNames: ['account', 'verifier'] }],
});

const smartAccountKit = contractSet({
  name: 'smart-account-kit',
  committedFolder: 'e2e/clients/kits/contracts/wasm',
  cratePrefix: 'smart-account-kit',
  workspaces: [{ folder: 'e2e/clients/kits/contracts', contractNames: ['account', 'verifier'] }],
  keepsSpecification: true,
});

const engineTarget = 'wasm32-unknown-unknown';
const engineProtocols = [29, 30];
const engine: ArtefactSet = {
  name: 'engine',
  committedFolder: join(root, 'devnet/engine'),
  isPacked: true,
  fileNames: engineProtocols.map((protocol) => `soroban-p${protocol}.wasm`),
  describeToolchain: () => findToolchain(engineTarget).description,
  async build(outputFolder) {
    const targetFolder = cargoTargetFolder('devnet-host-wasm');
    await findToolchain(engineTarget).build({
      workspace: join(root, 'devnet/host'),
      target: engineTarget,
      standardLibrary: 'std,panic_abort',
      targetFolder,
      linkerArguments: [],
      cargoArguments: ['--lib'],
      environment: {},
      silentPanics: false,
    });
    for (const protocol of engineProtocols) {
      const built = join(targetFolder, engineTarget, `release/latchkey_devnet_host_p${protocol}.wasm`);
      const packed = gzipSync(readFileSync(built), { level: constants.Z_BEST_COMPRESSION });
      writeFileSync(join(outputFolder, `soroban-p${protocol}.wasm.gz`), packed);
    }
  },
};

/** What the product ships, built unless something else is named. */
export const productSets: ArtefactSet[] = [contracts, engine];
export const artefactSets: ArtefactSet[] = [...productSets, openZeppelin, smartAccountKit];

function wasmOptVersion(): string | undefined {
  return outputOf('wasm-opt', '--version');
}

/** Binaryen takes 1 % off a transfer. Without it the contracts are the same, a little dearer. */
function optimise(input: string, output: string, name: string): void {
  const inlinedSize = inlinedSizes[name];
  if (wasmOptVersion() === undefined) {
    copyFileSync(input, output);
  } else {
    // The host accepts WebAssembly 1.0 and mutable globals, and nothing later.
    const features = ['--mvp-features', '--enable-mutable-globals'];
    const inlining = inlinedSize === undefined ? [] : [`--always-inline-max-function-size=${inlinedSize}`];
    const passes = structured.has(name) ? structuring : ['-O3'];
    run('wasm-opt', [...features, ...inlining, ...passes, input, '-o', output], root);
  }
}

function shakeSpecification(input: string, output: string): void {
  const workspace = join(root, 'contracts');
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
