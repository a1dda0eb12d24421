// What a browser fetches to show the web wallet's first page: index.html, the scripts and styles it names, and what
// those import statically. Scripts and styles count gzipped, fonts as they are, since they are compressed already;
// what is loaded later (dynamic imports) and the icon do not count. 1 KB is 1000 bytes.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildWeb } from '../server/src/development/buildWeb.ts';
import type { Figure, Progress } from './figure.ts';

const MAX_GZIP_KB = 250;
const BYTES_PER_KB = 1000;

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, path]) => path!);
}

/** Paths a file makes the browser fetch at once, as they are written in it. */
function references(path: string, text: string): string[] {
  if (path.endsWith('.html')) {
    return [
      ...all(text, /<script\b[^>]*\bsrc="([^"]+)"/g),
      ...all(text, /<link\b(?=[^>]*\brel="(?:stylesheet|modulepreload)")[^>]*\bhref="([^"]+)"/g),
    ];
  }
  if (path.endsWith('.js')) return all(text, /\b(?:import|from)\s*"(\.{1,2}\/[^"]+\.js)"/g);
  return [
    ...all(text, /@import\s+(?:url\()?["']([^"']+\.css)/g),
    ...all(text, /url\(["']?([^"')]+\.woff2)["']?\)/g),
  ];
}

export async function web(progress: Progress): Promise<Figure[]> {
  progress('web: the size of the first load');
  const dist = await buildWeb((step) => progress(`web: ${step}`));
  const waiting = ['/index.html'];
  const seen = new Set<string>();
  let [gzipBytes, fontBytes] = [0, 0];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const content = await readFile(join(dist, path));
    if (path.endsWith('.woff2')) {
      fontBytes += content.length;
      continue;
    }
    gzipBytes += gzipSync(content).length;
    for (const reference of references(path, content.toString('utf8'))) {
      waiting.push(reference.startsWith('/') ? reference : join(dirname(path), reference));
    }
  }
  return [
    { key: 'web.gzipKb', value: gzipBytes / BYTES_PER_KB, target: MAX_GZIP_KB },
    { key: 'web.fontKb', value: fontBytes / BYTES_PER_KB },
  ];
}
