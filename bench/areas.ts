// The command line of a bench with areas: `[-- area…] [--json]`, all areas where none is named, as a table or as one flat
// JSON object of numbers. Progress goes to standard error. A figure beyond its target is shown, never an error.
import { parseArgs } from 'node:util';
import { asJson, asTable, type Figure, type Progress } from './figure.ts';

export type Areas = Readonly<Record<string, (progress: Progress) => Promise<Figure[]>>>;

/** Measures and prints, and ends the process: with 1 when there is no such area. */
export async function runAreas(areas: Areas): Promise<never> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !(name in areas));
  if (unknown !== undefined) {
    console.error(`bench: there is no area "${unknown}" among ${Object.keys(areas).join(', ')}`);
    process.exit(1);
  }
  const figures: Figure[] = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(areas)) {
    figures.push(...(await areas[name]!((text) => console.error(text))));
  }
  console.log(values.json ? asJson(figures) : asTable(figures));
  process.exit(0);
}
