import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstLoad } from './firstLoad.ts';

const page = `<link rel="icon" href="/icon.svg"><script type="module" crossorigin src="/app.js"></script>
<link rel="modulepreload" href="/shared.js"><link rel="stylesheet" crossorigin href="/app.css">`;
const files: Record<string, string> = {
  'index.html': page,
  'app.js': 'import{a}from"./shared.js";import"./effect.js";const later=()=>import("./later.js");a(later)',
  'shared.js': 'export const a=1',
  'effect.js': 'globalThis.b=1',
  'later.js': 'export{}',
  'app.css': '@font-face{src:url(/face.woff2)format("woff2")}body{background:url(/picture.svg)}',
  'face.woff2': 'x'.repeat(1234),
};

let dist: string;
beforeEach(async () => {
  dist = await mkdtemp(join(tmpdir(), 'latchkey-dist-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(dist, name), content);
});
afterEach(() => rm(dist, { recursive: true }));

describe('the first load', () => {
  it('is the page, its scripts and styles, and what they import statically', async () => {
    const load = await firstLoad(dist);
    expect(load.files.toSorted()).toEqual([
      '/app.css',
      '/app.js',
      '/effect.js',
      '/face.woff2',
      '/index.html',
      '/shared.js',
    ]);
  });

  it('counts each file gzipped once, and fonts apart, as they are', async () => {
    const counted = ['index.html', 'app.js', 'shared.js', 'effect.js', 'app.css'];
    const gzipBytes = counted.reduce((sum, name) => sum + gzipSync(files[name]!).length, 0);
    expect(await firstLoad(dist)).toMatchObject({ gzipBytes, fontBytes: 1234 });
  });

  it('fails on a file that is named and not there', async () => {
    await rm(join(dist, 'shared.js'));
    await expect(firstLoad(dist)).rejects.toThrow('shared.js');
  });
});
