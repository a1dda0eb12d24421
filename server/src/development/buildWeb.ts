// Builds the web wallet when its sources are newer than the last build, so that a start shows what is in the tree.
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const webDist = join(root, 'web/dist');
const SOURCES = [
  'web/src',
  'web/index.html',
  'web/vite.config.ts',
  'web/public',
  'sdk/src',
  'package-lock.json',
];

async function newestMs(path: string): Promise<number> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  const entries = await readdir(path);
  const times = await Promise.all(entries.map((entry) => newestMs(join(path, entry))));
  return Math.max(info.mtimeMs, ...times);
}

/** @returns the folder with the built files */
export async function buildWeb(onStep: (text: string) => void): Promise<string> {
  const built = (await stat(join(webDist, 'index.html')).catch(() => null))?.mtimeMs ?? 0;
  const changed = Math.max(...(await Promise.all(SOURCES.map((source) => newestMs(join(root, source))))));
  if (built > changed) return webDist;
  onStep('building the web wallet');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], {
      cwd: join(root, 'web'),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`vite build ended with ${code}`))));
  });
  return webDist;
}
