// `npm run bench [-- area…] [--json]`: measures, and prints a table or one flat JSON object of numbers. Progress goes
// to standard error, so that standard output holds the figures alone. A figure over its target is shown, never an
// error: what must not rise unnoticed is held by costs.test.ts.
import { parseArgs } from 'node:util';
import { contracts } from './contracts.ts';
import { asJson, asTable, type Figure, type Progress } from './figure.ts';
import { memory } from './memory.ts';
import { start } from './start.ts';
import { transferRequest } from './transferRequest.ts';
import { web } from './web.ts';

type Area = (progress: Progress, updateGolden: boolean) => Promise<Figure[]>;
const areas = new Map<string, Area>([
  ['contracts', contracts],
  ['start', start],
  ['transferRequest', transferRequest],
  ['memory', memory],
  ['web', web],
]);

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        'update-golden': { type: 'boolean', default: false },
      },
    });
    const unknown = positionals.find((name) => !areas.has(name));
    if (unknown !== undefined) throw new UsageError(`there is no area "${unknown}"`);
    const chosen = positionals.length > 0 ? positionals : [...areas.keys()];
    if (values['update-golden'] && !chosen.includes('contracts')) {
      throw new UsageError('--update-golden belongs to the area contracts');
    }
    return { chosen, json: values.json, updateGolden: values['update-golden'] };
  } catch (cause) {
    throw new UsageError(
      `bench: ${(cause as Error).message}.\nUsage: npm run bench -- [${[...areas.keys()].join(' | ')}] [--json] [--update-golden]`,
    );
  }
}

async function main(): Promise<void> {
  const { chosen, json, updateGolden } = readArguments();
  const progress: Progress = (text) => console.error(text);
  const figures: Figure[] = [];
  for (const name of chosen) figures.push(...(await areas.get(name)!(progress, updateGolden)));
  console.log(json ? asJson(figures) : asTable(figures));
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(1);
});
