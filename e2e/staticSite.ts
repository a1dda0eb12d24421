// A folder of files on a port of its own, as any static host serves it, and pages built by Vite to put there.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { build, type InlineConfig } from 'vite';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export type StaticSite = { url: string; paths: string[]; close(): Promise<void> };

/** Builds a Vite project, by its configuration file or from the folder of its index.html. */
export async function buildPage(
  from: { configFile: string } | { root: string },
  outDir: string,
): Promise<void> {
  const config: InlineConfig =
    'root' in from ? { root: from.root, configFile: false, worker: { format: 'es' } } : from;
  await build({ ...config, logLevel: 'error', build: { outDir, emptyOutDir: true, target: 'es2022' } });
}

export async function serveFolder(folder: string): Promise<StaticSite> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    paths.push(pathname);
    const file = join(folder, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    const isThere = request.method === 'GET' && existsSync(file);
    response.writeHead(isThere ? 200 : 404, {
      'content-type': MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
    });
    if (isThere) createReadStream(file).pipe(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
