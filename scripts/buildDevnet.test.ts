import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningCommand } from '../devnet/src/testing/runningCommand.ts';
import { buildDevnet } from './buildDevnet.ts';

const MAX_INSTALL_BYTES = 8_000_000;
const INSTALL_TIMEOUT_MS = 180_000;
const root = fileURLToPath(new URL('../', import.meta.url));
let folder: string;
let installed: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-package-')));
  const built = await buildDevnet();
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const [packed] = JSON.parse(npm('pack', built, '--json', '--pack-destination', folder)) as {
    filename: string;
  }[];
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  installed = join(folder, 'node_modules', '@latchkey', 'devnet');
  const tarball = join(folder, packed!.filename);
  if (process.env.CI) npm('install', '--prefer-offline', '--no-audit', '--no-fund', tarball);
  else unpackBesideTheWorkspace(tarball);
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true }));

/** Without a registry: what the package depends on is what the workspace has installed. */
function unpackBesideTheWorkspace(tarball: string): void {
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
  const { dependencies } = packageOf(installed);
  for (const name of Object.keys(dependencies)) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(join(target, '..'), { recursive: true });
    if (name.startsWith('@stellar/')) symlinkSync(join(root, 'node_modules', name), target);
    else cpSync(join(root, 'node_modules', name), target, { recursive: true });
  }
}

type Package = {
  exports: Record<string, string>;
  dependencies: Record<string, string>;
  bin: Record<string, string>;
  private?: boolean;
};
const packageOf = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Package;

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0);
}

/** This Node, and others that the machine has: the package promises Node 20. */
function nodes(): string[] {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  const isRecent = (node: string) =>
    Number(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.')[0]) >= 20;
  return [...new Set([process.execPath, ...found])].filter(isRecent);
}

describe('the installed package', () => {
  it('runs as a command', async () => {
    const main = join(installed, packageOf(installed).bin['latchkey-devnet']!);
    for (const node of nodes()) {
      const command = new RunningCommand(['--port', '0'], {}, main, node);
      const reply = await fetch(await command.rpcUrl(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getHealth' }),
      });
      expect(await reply.json()).toMatchObject({ result: { status: 'healthy' } });
      command.child.kill('SIGTERM');
      expect(await command.ended()).toBe(0);
    }
  });

  it('is imported by its name, with every engine', () => {
    const program = `
      import { createDevnet } from '@latchkey/devnet';
      for (const protocol of [29, 30]) {
        const net = await createDevnet({ protocol, accounts: 1, usdc: true });
        console.log(net.protocolVersion, (await net.fund(net.nativeTokenContractId)).hash.length);
      }`;
    writeFileSync(join(folder, 'use.js'), program);
    for (const node of nodes()) {
      const output = execFileSync(node, ['use.js'], { cwd: folder, encoding: 'utf8' });
      expect(output).toBe('29 64\n30 64\n');
    }
  });

  it('has every file that it exports, built, with its types, and no source', () => {
    const { exports, bin, private: isPrivate } = packageOf(installed);
    expect(isPrivate).toBeUndefined();
    expect(existsSync(join(installed, bin['latchkey-devnet']!))).toBe(true);
    for (const path of Object.values(exports)) {
      expect(path).toMatch(/\.js$/);
      expect(existsSync(join(installed, path)), path).toBe(true);
      expect(existsSync(join(installed, path.replace(/\.js$/, '.d.ts'))), path).toBe(true);
    }
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\btesting\b/.test(file))).toEqual([]);
    const scripts = files.filter((file) => file.endsWith('.js'));
    const unbuilt = scripts.filter((file) =>
      /['"]\.[^'"\n]*\.ts['"]/.test(readFileSync(join(installed, file), 'utf8')),
    );
    expect(unbuilt).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'docs/powers.md']));
    const licences = readFileSync(join(installed, 'THIRD_PARTY_LICENSES.txt'), 'utf8');
    expect(licences).toContain('@stellar/stellar-sdk 17.2.0 (Apache-2.0)');
    expect(licences).toContain('@noble/hashes 2.4.0 (MIT)');
  });

  it(`takes at most ${MAX_INSTALL_BYTES / 1e6} MB without the Stellar SDK`, () => {
    const { dependencies } = packageOf(installed);
    const own = Object.keys(dependencies).filter((name) => !name.startsWith('@stellar/'));
    const paths = [installed, ...own.map((name) => join(folder, 'node_modules', name))];
    expect(paths.reduce((total, path) => total + sizeOf(path), 0)).toBeLessThanOrEqual(MAX_INSTALL_BYTES);
  });
});
