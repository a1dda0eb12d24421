// Builds the web wallet and the merchants' dashboard when their sources are newer than the last build, so that a start
// shows what is in the tree.
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const SHARED_SOURCES = ['web/src/ui', 'web/src/wallet', 'web/public', 'sdk/src', 'package-lock.json'];

type Page = { name: string; config: string; dist: string; sources: string[] };

const wallet: Page = {
  name: 'the web wallet',
  config: 'vite.config.ts',
  dist: 'web/dist',
  sources: [...SHARED_SOURCES, 'web/index.html', 'web/vite.config.ts'],
};
const dashboard: Page = {
  name: "the merchants' dashboard",
  config: 'dashboard.config.ts',
  dist: 'web/dashboard/dist',
  sources: [...SHARED_SOURCES, 'web/src/dashboard', 'web/dashboard.config.ts'],
};

async function newestMs(path: string): Promise<number> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  const entries = await readdir(path);
  const times = await Promise.all(entries.map((entry) => newestMs(join(path, entry))));
  return Math.max(info.mtimeMs, ...times);
}

async function build(page: Page, onStep: (text: string) => void): Promise<string> {
  const dist = join(root, page.dist);
  const built = (await stat(join(dist, 'index.html')).catch(() => null))?.mtimeMs ?? 0;
  const changed = Math.max(
    ...(await Promise.all(page.sources.map((source) => newestMs(join(root, source))))),
  );
  if (built > changed) return dist;
  onStep(`building ${page.name}`);
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build', '-c', page.config, '--logLevel', 'error'], {
      cwd: join(root, 'web'),
      // Whoever starts it, a test for one, React's own checks stay out of the bundle.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`vite build ended with ${code}`))));
  });
  return dist;
}

/** @returns the folder with the built files */
export const buildWeb = (onStep: (text: string) => void): Promise<string> => build(wallet, onStep);

/** @returns the folder with the built files */
export const buildDashboard = (onStep: (text: string) => void): Promise<string> => build(dashboard, onStep);
