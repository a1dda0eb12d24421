// Builds the package that is published of devnet/ into devnet/dist: plain JavaScript with types, because Node strips no
// types under node_modules, beside the engine files, with a package.json that names the built files. The command is one
// file with all that it needs, because most of a start goes into finding the hundreds of files of the Stellar SDK. Inside
// the workspace the sources run as they are, and nothing needs this. `npm pack ./devnet/dist` packs it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = join(root, 'devnet');

/** As deep in the package as the module that finds the engine files by their place. */
export const COMMAND_FILE = './src/cli/bundled/latchkey-devnet.js';

/** @returns the built folder */
export async function buildDevnet(): Promise<string> {
  const target = join(source, 'dist');
  rmSync(target, { recursive: true, force: true });
  const compiler = fileURLToPath(import.meta.resolve('typescript/package.json'));
  execFileSync(process.execPath, [join(compiler, '../bin/tsc'), '-p', join(source, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  for (const file of readdirSync(join(target, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js')) nameBuiltFiles(join(target, 'src', file));
  }
  await bundleCommand(target);
  cpSync(join(source, 'engine'), join(target, 'engine'), { recursive: true });
  copyFileSync(join(source, 'README.md'), join(target, 'README.md'));
  cpSync(join(source, 'docs'), join(target, 'docs'), { recursive: true });
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeFileSync(join(target, 'package.json'), packageText());
  return target;
}

/** Puts the command and what it imports into one file, and the licences of what is not ours beside it. */
async function bundleCommand(target: string): Promise<void> {
  const bundle = await rolldown({ input: join(source, 'src/main.ts'), platform: 'node' });
  const { output } = await bundle.write({ file: join(target, COMMAND_FILE), format: 'esm', minify: true });
  await bundle.close();
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const licences = [...new Set(folders)].sort().map(licenceOf);
  writeFileSync(join(target, 'THIRD_PARTY_LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
}

/** @throws Error for a package without a licence text, which must not be passed on */
function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (file === undefined) throw new Error(`${name} comes without the text of its licence`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8')}`;
}

/** A worker is named by its URL, which the compiler leaves as it is. */
function nameBuiltFiles(path: string): void {
  const text = readFileSync(path, 'utf8');
  const named = text.replace(/(new URL\('\.[^']+)\.ts'/g, "$1.js'");
  if (named !== text) writeFileSync(path, named);
}

/** The workspace's package.json with built files in place of sources, and without what only the workspace needs. */
function packageText(): string {
  const { private: _private, scripts: _scripts, ...kept } = readPackage();
  const built = { ...kept, bin: { 'latchkey-devnet': COMMAND_FILE } };
  return `${JSON.stringify(built, null, 2).replace(/"(\.\/src\/[^"]+)\.ts"/g, '"$1.js"')}\n`;
}

function readPackage(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
}

if (import.meta.main) console.log(await buildDevnet());
