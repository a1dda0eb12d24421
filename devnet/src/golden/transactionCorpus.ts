// The golden corpus of transactions: stories told on fresh networks, one JSON line for each transaction. The file holds
// what was reviewed; `readCorpus` gives its lines, `tellCorpus` makes them anew, and they have to be the same.
import { readFile } from 'node:fs/promises';
import { CLASSIC_STORIES } from './classicStories.ts';
import { CONTRACT_STORIES } from './contractStories.ts';
import { type GoldenLine, record, type Story } from './recorder.ts';
import { VALIDITY_STORIES } from './validityStories.ts';

export const CORPUS_FILE = new URL('../../golden/transactions.jsonl', import.meta.url);

export const STORIES: readonly Story[] = [...VALIDITY_STORIES, ...CLASSIC_STORIES, ...CONTRACT_STORIES];

export async function readCorpus(): Promise<GoldenLine[]> {
  const text = await readFile(CORPUS_FILE, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as GoldenLine);
}

/** The names of the fields that are not the same. */
export function differingFields(before: GoldenLine, after: GoldenLine): (keyof GoldenLine)[] {
  const names = Object.keys(after) as (keyof GoldenLine)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

export async function tellCorpus(): Promise<GoldenLine[]> {
  const lines: GoldenLine[] = [];
  for (const story of STORIES) lines.push(...(await record(story)));
  return lines;
}
