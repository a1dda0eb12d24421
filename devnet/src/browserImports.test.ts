// What a page or a worker loads of the devnet: nothing that only Node has.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('.', import.meta.url));
const ENTRIES = ['index.ts', 'worker.ts', 'devnetWorker.ts'];
/** Uses Buffer where there is one, because it is faster. */
const MAY_ASK_FOR_BUFFER = 'bytes.ts';

/** The modules a file loads; what is imported as a type is not loaded. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g,
  );
  return [...found].map(([, from, dynamic]) => (from ?? dynamic)!);
}

function loadedFrom(entries: readonly string[]) {
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = entries.map((entry) => join(source, entry));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const from of importsOf(file)) {
      if (from.startsWith('.')) open.push(join(dirname(file), from));
      else if (from.startsWith('#platform/'))
        open.push(join(source, 'platform/browser', `${from.slice('#platform/'.length)}.ts`));
      else packages.add(from);
    }
  }
  return { files: [...files], packages: [...packages] };
}

it('has the browser load files that exist, and nothing but packages that run there', () => {
  const { files, packages } = loadedFrom(ENTRIES);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  expect(files.length).toBeGreaterThan(30);
  const runsThere = (name: string) => name.startsWith('@noble/') || name === '@stellar/stellar-sdk/xdr';
  expect(packages.filter((name) => !runsThere(name))).toEqual([]);
});

it('never names what only Node has in a file that a browser loads', () => {
  const { files } = loadedFrom(ENTRIES);
  const wrong = files.filter((file) => {
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    if (/\bprocess\.|\b__dirname\b|'node:/.test(code)) return true;
    return /\bBuffer\b/.test(code) && file !== join(source, MAY_ASK_FOR_BUFFER);
  });
  expect(wrong).toEqual([]);
});
