// The house rules that a machine can hold: who may import whom, how long a file may be, which names say nothing,
// and that every path a document names exists.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAX_LINES = 400;
const root = fileURLToPath(new URL('../', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const isTest = (file: string) =>
  /\.(test|suite)\.tsx?$/.test(file) || /\/(testing|test)\//.test(file) || file.startsWith('e2e/');
const sources = tracked.filter(
  (file) => /\.(ts|tsx|rs)$/.test(file) && !/\.generated\.|\/vectors\//.test(file),
);
const typescript = sources.filter((file) => /\.tsx?$/.test(file));

/** Packages a package may import; subpaths after a colon are the only ones allowed. */
const mayImport: Record<string, string[]> = {
  devnet: [],
  sdk: [],
  server: ['@latchkey/sdk/api', '@latchkey/sdk/chain'],
  web: ['@latchkey/sdk', '@latchkey/sdk/merchant'],
};

/** The demo page brings its own network, and so does what a server does for the wallet's pages. */
const demoMayImport = ['@latchkey/devnet/page', '@latchkey/sdk/chain'];

/** Folders inside the server, from the outside in: a folder imports from those after it, never before. */
const serverMayImport: Record<string, string[]> = {
  http: ['settlement', 'wallets', 'indexer', 'relayer', 'auth', 'db', 'mail'],
  development: ['deployment', 'relayer'],
  deployment: ['relayer'],
  settlement: ['wallets', 'relayer', 'auth', 'webhooks', 'db', 'mail'],
  wallets: ['relayer', 'auth', 'db', 'mail'],
  auth: ['db'],
  indexer: ['webhooks', 'db'],
  relayer: ['db'],
  mail: [],
  webhooks: [],
  db: [],
};

function importsOf(file: string): string[] {
  const found = read(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g,
  );
  return [...found].map(([, from, dynamic]) => (from ?? dynamic)!);
}

describe('the house', () => {
  it(`has no source file over ${MAX_LINES} lines`, () => {
    const long = sources.filter((file) => read(file).split('\n').length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('has no file or folder whose name says nothing', () => {
    const hollow = tracked.filter(
      (file) =>
        /(^|\/)(utils?|helpers?|commons?|core|types|misc|[a-z]*manager)(\.|\/)/i.test(file) &&
        !file.startsWith('mpc/core/'),
    );
    expect(hollow).toEqual([]);
  });

  it('opens every source file with a comment that says what it is', () => {
    const bare = sources.filter((file) => !isTest(file) && !/^(#!.*\n)?(\/\/|\/\*)/.test(read(file)));
    expect(bare).toEqual([]);
  });

  it('imports across packages only as ARCHITECTURE.md says', () => {
    const wrong = typescript.flatMap((file) => {
      const allowed = mayImport[file.split('/')[0]!];
      if (!allowed || isTest(file)) return [];
      return importsOf(file)
        .filter((from) => from.startsWith('@latchkey/') && !allowed.includes(from))
        .filter((from) => !(file.startsWith('server/src/development/') && from === '@latchkey/devnet'))
        .filter((from) => !(file.startsWith('web/src/demo/') && demoMayImport.includes(from)))
        .map((from) => `${file} imports ${from}`);
    });
    expect(wrong).toEqual([]);
  });

  it('reaches into no other package by a relative path', () => {
    const wrong = typescript.flatMap((file) => {
      const home = file.split('/')[0]!;
      if (!(home in mayImport)) return [];
      return importsOf(file)
        .filter((from) => from.startsWith('.'))
        .filter((from) => !relative(root, join(root, dirname(file), from)).startsWith(`${home}/`))
        .map((from) => `${file} imports ${from}`);
    });
    expect(wrong).toEqual([]);
  });

  it('lets data flow one way inside the server', () => {
    const folderOf = (path: string) => /^server\/src\/([a-z]+)\//.exec(path)?.[1];
    const wrong = typescript.flatMap((file) => {
      const folder = folderOf(file);
      const allowed = folder === undefined ? undefined : serverMayImport[folder];
      if (!allowed || isTest(file)) return [];
      return importsOf(file)
        .filter((from) => from.startsWith('.'))
        .map((from) => folderOf(relative(root, join(root, dirname(file), from))))
        .filter((target) => target !== undefined && target !== folder && !allowed.includes(target))
        .map((target) => `${file} imports from ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('names only paths that exist in its documents', () => {
    const dead = tracked
      .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')
      .flatMap((file) => {
        const text = read(file);
        const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path]) =>
          join(dirname(file), path!),
        );
        const roots = new Set(tracked.map((path) => path.split('/')[0]));
        const named = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`/g)]
          .map(([, path]) => path!)
          .filter((path) => roots.has(path.split('/')[0]!));
        // What a build or a start makes is not there on a fresh clone.
        const isMade = (path: string) => /(^|\/)(dist|target|\.latchkey)(\/|$)/.test(path);
        const missing = (path: string) =>
          !isMade(path) && !existsSync(join(root, path)) && !existsSync(join(root, dirname(file), path));
        return [...links, ...named].filter(missing).map((path) => `${file} names ${path}`);
      });
    expect(dead).toEqual([]);
  });

  it('keeps one commented entry per environment variable in the documentation', () => {
    const documented = read('docs/configuration.md');
    const used = new Set<string>();
    for (const file of ['server/src/config.ts', 'server/src/settlementConfig.ts'])
      for (const [, name] of read(file).matchAll(/'([A-Z][A-Z0-9_]{3,})'/g)) used.add(name!);
    expect([...used].filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });
});
