// Builds what is committed as wasm: `node scripts/buildWasm.ts [contracts] [engine] [openzeppelin] [smart-account-kit]
// [--check] [--out DIR]`; without a name the first two, which are all that the product ships. The artefacts and their
// SHA256SUMS, whose first line names the toolchain, go where they are committed, or to DIR/<name>. With --check the
// tree stays untouched and what was built is compared: the same toolchain must give the same bytes; another one
// cannot be compared, so the check says so, passes, and leaves what it built to be tested. That the committed
// artefacts match their own sums is checked in any case.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ArtefactSet, artefactSets, productSets } from './buildWasm/artefactSets.ts';
import { differingFiles, readSums, type Sums, sumsFileName, sumsOf, writeSums } from './buildWasm/sums.ts';

const usage =
  'usage: node scripts/buildWasm.ts [contracts] [engine] [openzeppelin] [smart-account-kit] [--check] [--out DIR]';

type Arguments = { sets: ArtefactSet[]; check: boolean; out: string | undefined };

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false }, out: { type: 'string' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !artefactSets.some((set) => set.name === name));
  if (unknown !== undefined) throw new Error(`nothing here is called "${unknown}"`);
  return {
    sets:
      positionals.length === 0 ? productSets : artefactSets.filter((set) => positionals.includes(set.name)),
    check: values.check,
    out: values.out === undefined ? undefined : resolve(values.out),
  };
}

/** Builds into a temporary folder first: a failed build leaves nothing half-done behind. */
async function build(set: ArtefactSet, outputFolder: string): Promise<Sums> {
  const toolchain = set.describeToolchain();
  console.log(`${set.name}: building with ${toolchain}`);
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-wasm-'));
  try {
    await set.build(folder);
    const sums = sumsOf(folder, set.fileNames, toolchain);
    writeSums(folder, sums);
    mkdirSync(outputFolder, { recursive: true });
    const kept = set.fileNames.map((name) => (set.isPacked ? `${name}.gz` : name));
    for (const name of [...kept, sumsFileName]) cpSync(join(folder, name), join(outputFolder, name));
    return sums;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** True if the committed artefacts are what their sums and, where that can be said, their sources say. */
async function check(set: ArtefactSet, outputFolder: string): Promise<boolean> {
  const committed = readSums(set.committedFolder);
  const corrupt = differingFiles(committed, sumsOf(set.committedFolder, set.fileNames, ''));
  if (corrupt.length > 0) {
    console.error(`${set.name}: ${corrupt.join(', ')} differ from the committed ${sumsFileName}`);
    return false;
  }
  const built = await build(set, outputFolder);
  if (built.toolchain !== committed.toolchain) {
    console.log(
      `${set.name}: the sums could not be compared: committed is what another toolchain built,\n` +
        `  ${committed.toolchain || 'which its sums do not name'}.\n` +
        `  What this one built is in ${outputFolder}.`,
    );
    return true;
  }
  const changed = differingFiles(committed, built);
  if (changed.length > 0) {
    console.error(
      `${set.name}: ${changed.join(', ')} differ from what the sources give. Run "npm run build:wasm -- ${set.name}" and commit;\n` +
        `  what was built is in ${outputFolder}.`,
    );
    return false;
  }
  console.log(`${set.name}: the committed artefacts are what the sources give`);
  return true;
}

async function main({ sets, check: checking, out }: Arguments): Promise<boolean> {
  const folderOf = (set: ArtefactSet, otherwise: () => string) =>
    out === undefined ? otherwise() : join(out, set.name);
  let passed = true;
  for (const set of sets) {
    if (checking) {
      const temporary = () => mkdtempSync(join(tmpdir(), `latchkey-${set.name}-`));
      passed = (await check(set, folderOf(set, temporary))) && passed;
    } else {
      const folder = folderOf(set, () => set.committedFolder);
      const { files } = await build(set, folder);
      for (const [name, sum] of Object.entries(files)) console.log(`  ${sum}  ${join(folder, name)}`);
    }
  }
  return passed;
}

try {
  process.exitCode = (await main(readArguments())) ? 0 : 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
