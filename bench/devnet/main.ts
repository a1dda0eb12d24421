// `npm run bench:devnet [-- area…] [--json]`: what the embedded network takes, as a table or as one flat JSON object of
// numbers. Progress goes to standard error. A figure beyond its target is shown, never an error.
import { parseArgs } from 'node:util';
import { asJson, asTable, type Figure, type Progress } from '../figure.ts';
import { engineRatio } from './engineRatio.ts';
import { events } from './events.ts';
import { http } from './http.ts';
import { memory } from './memory.ts';
import { coldStart, installSize } from './start.ts';
import { throughput } from './throughput.ts';

const AREAS: Readonly<Record<string, (progress: Progress) => Promise<Figure[]>>> = {
  coldStart,
  installSize,
  throughput,
  http,
  events,
  memory,
  engineRatio,
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
