// What it takes to have the network as it is published: from the start of the command line's process to its first answer,
// and the size of the package with everything it depends on but stellar-sdk, which its users have anyway.
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildDevnet, COMMAND_FILE } from '../../scripts/buildDevnet.ts';
import { type Figure, median, type Progress } from '../figure.ts';
import { root, startDevnet } from '../processes.ts';

const RUNS = 5;
const MAX_START_MS = 500;
const MAX_INSTALL_MB = 8;
const BYTES_PER_MB = 1_000_000;
const NOT_COUNTED = new Set(['@stellar/stellar-sdk']);

let built: Promise<string> | null = null;

/** Both areas measure the same package, which takes some seconds to build. */
function builtPackage(): Promise<string> {
  built ??= buildDevnet();
  return built;
}

export async function coldStart(progress: Progress): Promise<Figure[]> {
  const command = join(await builtPackage(), COMMAND_FILE);
  const runs: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    progress(`devnet: cold start ${run} of ${RUNS}`);
    const start = performance.now();
    const { stop } = await startDevnet(command);
    runs.push(performance.now() - start);
    await stop();
  }
  return [{ key: 'coldStart.ms', value: median(runs), target: MAX_START_MS }];
}

export async function installSize(progress: Progress): Promise<Figure[]> {
  progress('devnet: size of the package');
  const folder = await builtPackage();
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--silent'], {
    cwd: folder,
  });
  const [{ unpackedSize }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ unpackedSize: number }];
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const names = Object.keys(dependencies).filter((name) => !NOT_COUNTED.has(name));
  const sizes = await Promise.all(names.map((name) => sizeOf(join(root, 'node_modules', name))));
  const bytes = sizes.reduce((sum, size) => sum + size, unpackedSize);
  return [{ key: 'install.mb', value: bytes / BYTES_PER_MB, target: MAX_INSTALL_MB }];
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
