// `npm run bench:relayer [-- area…] [--json]`: what the relayer and the indexer take, as a table or as one flat JSON object
// of numbers. Progress goes to standard error. A figure beyond its target is shown, never an error.
import { parseArgs } from 'node:util';
import { asJson, asTable, type Figure, type Progress } from '../figure.ts';
import { indexer } from './indexer.ts';
import { lookup } from './lookup.ts';
import { submissions } from './submissions.ts';

const AREAS: Readonly<Record<string, (progress: Progress) => Promise<Figure[]>>> = {
  submissions,
  indexer,
  lookup,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const unknown = positionals.find((name) => !(name in AREAS));
if (unknown !== undefined) {
  console.error(`bench: there is no area "${unknown}" among ${Object.keys(AREAS).join(', ')}`);
  process.exit(1);
}
const figures: Figure[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(AREAS)) {
  figures.push(...(await AREAS[name]!((text) => console.error(text))));
}
console.log(values.json ? asJson(figures) : asTable(figures));
process.exit(0);
