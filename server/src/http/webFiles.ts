// Serves the built web wallet. Files under assets/ have a hash in their name and are kept for a year; the page itself
// is asked for each time. Paths without a file are the application's own routes and get the page.
import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import type { Context, Next } from 'hono';
import type { AppEnv } from './router.ts';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

export function webFiles(webDir: string) {
  const root = join(resolve(webDir), sep);
  return async (c: Context<AppEnv>, next: Next) => {
    const { path } = c.req;
    if (/^\/(?:api|v1|dev)\//.test(path)) return next();
    const name = decoded(path);
    if (name === null) return next();
    const file = join(root, name);
    const type = contentTypes[extname(file)];
    if (type && file.startsWith(root)) {
      const bytes = await readFile(file).catch(() => null);
      if (!bytes) return next();
      const immutable = path.startsWith('/assets/');
      return c.body(bytes, 200, {
        'content-type': type,
        'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    }
    const page = await readFile(join(root, 'index.html')).catch(() => null);
    if (!page) return next();
    return c.body(page, 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  };
}
