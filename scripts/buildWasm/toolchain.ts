// Which Rust toolchain can build for a wasm target here: rustup's, if it has the target installed; else Debian's
// rustc, which builds the standard library from its sources. Debian's needs RUSTC_BOOTSTRAP for cargo's `-Zbuild-std`.
// Both leave no path of this machine in what they build, so that the same sources give the same bytes in any folder.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const debianBin = '/usr/bin';
const progressIntervalMs = 20_000;

export type Build = {
  /** The cargo workspace's folder. */
  workspace: string;
  /** A wasm target, such as `wasm32v1-none`. */
  target: string;
  /** The crates of the standard library that the target needs, for `-Zbuild-std`. */
  standardLibrary: string;
  /** Cargo's target folder. */
  targetFolder: string;
  linkerArguments: string[];
  cargoArguments: string[];
  environment: Record<string, string>;
  /** A panic has nobody to tell anything, so its texts can go, where the standard library is built from source. */
  silentPanics: boolean;
};

export type Toolchain = {
  /** Versions of everything that decides the bytes, on one line. */
  description: string;
  build(build: Build): Promise<void>;
};

/** Throws, and says what to install, if nothing here can build for `target`. */
export function findToolchain(target: string): Toolchain {
  const toolchain = rustupToolchain(target) ?? debianToolchain();
  if (toolchain) return toolchain;
  throw new Error(
    `No Rust toolchain here builds for ${target}. Install it with rustup ("rustup target add ${target}"), ` +
      'or on Debian install rustc-web, cargo-web, rust-web-src, rust-web-llvm and lld-22.',
  );
}

/** The output of `command` in one line, or undefined if it cannot be run. */
export function outputOf(command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function rustupToolchain(target: string): Toolchain | undefined {
  const installed = outputOf('rustup', 'target', 'list', '--installed')?.split('\n') ?? [];
  if (!installed.includes(target)) return undefined;
  const sysroot = outputOf('rustc', '--print', 'sysroot');
  return {
    description: `${outputOf('rustc', '--version')}, rustup's ${target}`,
    build: (build) => {
      const remapped = { [cargoHome()]: '/cargo', [build.workspace]: '/latchkey', [`${sysroot}`]: '/rustc' };
      const flags = Object.entries(remapped).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
      return runCargo('cargo', build, flags, [], {});
    },
  };
}

function debianToolchain(): Toolchain | undefined {
  const rustc = join(debianBin, 'rustc');
  const cargo = join(debianBin, 'cargo');
  const linker = newestLinker();
  const sysroot = outputOf(rustc, '--print', 'sysroot');
  if (!linker || !existsSync(cargo) || !existsSync(`${sysroot}/lib/rustlib/src/rust/library`))
    return undefined;
  return {
    description: `${outputOf(rustc, '--version')}, standard library from source, ${outputOf(linker, '--version')}`,
    build: (build) =>
      runCargo(cargo, build, [], debianFlags(build), {
        ...(build.silentPanics ? { CARGO_PROFILE_RELEASE_PANIC: 'immediate-abort' } : {}),
        RUSTC: rustc,
        RUSTC_BOOTSTRAP: '1',
        CARGO_PROFILE_RELEASE_TRIM_PATHS: 'all',
        [`CARGO_TARGET_${environmentName(build.target)}_LINKER`]: linker,
      }),
  };
}

function debianFlags({ standardLibrary, silentPanics }: Build): string[] {
  const flags = [`-Zbuild-std=${standardLibrary}`, '-Ztrim-paths'];
  return silentPanics ? [...flags, '-Zpanic-immediate-abort'] : flags;
}

function newestLinker(): string | undefined {
  const version = (name: string) => Number(name.slice('wasm-ld-'.length));
  const versioned = readdirSync(debianBin).filter((name) => /^wasm-ld-\d+$/.test(name));
  const newest = versioned.sort((a, b) => version(b) - version(a))[0];
  return newest && join(debianBin, newest);
}

async function runCargo(
  cargo: string,
  build: Build,
  flags: string[],
  cargoArguments: string[],
  environment: Record<string, string>,
): Promise<void> {
  const linkerFlags = build.linkerArguments.map((argument) => `-Clink-arg=${argument}`);
  // Flags of the caller's shell would change the bytes. The encoded form allows spaces in paths.
  const encodedFlags = [...flags, ...linkerFlags].join('\x1f');
  const { RUSTFLAGS: _, CARGO_ENCODED_RUSTFLAGS: __, ...inherited } = process.env;
  const child = spawn(
    cargo,
    ['build', '--release', '--locked', '--target', build.target, ...build.cargoArguments, ...cargoArguments],
    {
      cwd: build.workspace,
      stdio: 'inherit',
      env: {
        ...inherited,
        ...environment,
        ...build.environment,
        CARGO_TARGET_DIR: build.targetFolder,
        ...(encodedFlags === '' ? {} : { CARGO_ENCODED_RUSTFLAGS: encodedFlags }),
      },
    },
  );
  const stop = new AbortController();
  const progress = reportProgress(build.target, stop.signal);
  const code = await new Promise<number | null>((settle, fail) => {
    child.once('error', fail);
    child.once('close', settle);
  }).finally(() => stop.abort());
  await progress;
  if (code !== 0) throw new Error(`cargo could not build ${build.workspace} for ${build.target}`);
}

/** A cold build takes minutes in which cargo may print nothing. */
async function reportProgress(target: string, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  try {
    for (;;) {
      await delay(progressIntervalMs, undefined, { signal });
      console.log(`  ... building for ${target}, ${Math.round((Date.now() - startedAt) / 1000)} s`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function environmentName(target: string): string {
  return target.toUpperCase().replaceAll('-', '_');
}

function cargoHome(): string {
  return process.env.CARGO_HOME ?? join(homedir(), '.cargo');
}
