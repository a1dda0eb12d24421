// How long a person waits after `npm start`: from the start of the process, on a fresh state folder (keys, network,
// accounts, contracts are made), to the first page and a healthy API. `start.ms` has the web wallet built already;
// `start.coldBuildMs` is the very first start after `npm install`, in a copy of the tree where it is not.
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buildWeb } from '../server/src/development/buildWeb.ts';
import { type Figure, median, type Progress } from './figure.ts';
import { root, startDevelopment } from './processes.ts';

const RUNS = 3;
const MAX_START_MS = 3_000;
const COPIED = ['contracts/wasm', 'devnet', 'sdk', 'server', 'web', 'package.json', 'package-lock.json'];
const LEFT_OUT = new Set(['web/dist', 'devnet/host']);

async function readyMs(folder?: string): Promise<number> {
  const started = await startDevelopment(folder);
  await started.stop();
  return started.readyMs;
}

/** A copy of what a start needs, with the installed packages linked and the workspaces' own links pointing inside. */
async function copyOfTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'latchkey-bench-tree-'));
  for (const path of COPIED) {
    await cp(join(root, path), join(copy, path), {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(relative(root, source)),
    });
  }
  const modules = join(copy, 'node_modules');
  await mkdir(join(modules, '@latchkey'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '@latchkey') await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of await readdir(join(root, 'node_modules/@latchkey'))) {
    await symlink(join(copy, name), join(modules, '@latchkey', name));
  }
  return copy;
}

async function coldBuildMs(): Promise<number> {
  const copy = await copyOfTree();
  try {
    return await readyMs(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

export async function start(progress: Progress): Promise<Figure[]> {
  const runs: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    await buildWeb((step) => progress(`start: ${step}`));
    progress(`start: run ${run} of ${RUNS}`);
    runs.push(await readyMs());
  }
  progress('start: the first start after an install, with the web wallet to build');
  return [
    { key: 'start.ms', value: median(runs), target: MAX_START_MS },
    { key: 'start.coldBuildMs', value: await coldBuildMs() },
  ];
}
