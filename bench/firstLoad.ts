// What a browser fetches to show a built page: index.html, the scripts and styles it names, and what those import
// statically. Scripts and styles count gzipped, each file for itself; fonts count as they are, since they are compressed
// already. What is loaded later (dynamic imports), icons and images do not count.
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';

export type FirstLoad = { files: string[]; gzipBytes: number; fontBytes: number };

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

/**
 * @param dist folder with index.html; absolute paths in its files are relative to it
 * @throws Error ENOENT when a file is named that is not there
 */
export async function firstLoad(dist: string): Promise<FirstLoad> {
  const waiting = ['/index.html'];
  const load: FirstLoad = { files: [], gzipBytes: 0, fontBytes: 0 };
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (load.files.includes(path)) continue;
    load.files.push(path);
    const content = await readFile(posix.join(dist, path));
    if (path.endsWith('.woff2')) {
      load.fontBytes += content.length;
      continue;
    }
    load.gzipBytes += gzipSync(content).length;
    for (const reference of references(path, content.toString('utf8'))) {
      waiting.push(posix.resolve(posix.dirname(path), reference));
    }
  }
  return load;
}
