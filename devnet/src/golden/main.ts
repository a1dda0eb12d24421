// Compares the golden corpus of transactions with what the network does now, and prints each difference in words. With
// --update-golden it takes the new lines over, for review as a change of the file.
// Usage: node devnet/src/golden/main.ts [--update-golden]
import { writeFile } from 'node:fs/promises';
import { xdr } from '@stellar/stellar-sdk';
import type { GoldenLine } from './recorder.ts';
import { CORPUS_FILE, differingFields, readCorpus, tellCorpus } from './transactionCorpus.ts';

const nameOf = ({ story, step }: GoldenLine) => `${story}: ${step}`;

const old = new Map((await readCorpus()).map((line) => [nameOf(line), line]));
const lines = await tellCorpus();
let differences = 0;
for (const line of lines) {
  const before = old.get(nameOf(line));
  old.delete(nameOf(line));
  const changes = before ? differencesOf(before, line) : ['is new'];
  if (changes.length === 0) continue;
  differences++;
  console.log(`${nameOf(line)}\n  ${changes.join('\n  ')}`);
}
for (const name of old.keys()) console.log(`${name}\n  is gone`);
differences += old.size;
console.log(`${lines.length} transactions, ${differences} of them differ`);
if (process.argv.includes('--update-golden')) {
  await writeFile(CORPUS_FILE, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
} else if (differences > 0) process.exitCode = 1;

function differencesOf(before: GoldenLine, after: GoldenLine): string[] {
  return differingFields(before, after).map(
    (name) => `${name}: ${shown(name, before)} -> ${shown(name, after)}`,
  );
}

function shown(name: keyof GoldenLine, line: GoldenLine): string {
  const value = line[name];
  if (name === 'meta' && line.meta)
    return JSON.stringify(xdr.TransactionMeta.fromXdr(line.meta, 'base64').toJson());
  return String(value);
}
