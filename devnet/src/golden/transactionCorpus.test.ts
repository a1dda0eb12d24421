import { stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { record } from './recorder.ts';
import { CORPUS_FILE, differingFields, readCorpus, STORIES } from './transactionCorpus.ts';

const MAX_BYTES = 500_000;

it.each(STORIES.map((story) => [story.name, story] as const))(
  'gives the reviewed results, metadata and ledger hashes: %s',
  async (name, story) => {
    const expected = (await readCorpus()).filter((line) => line.story === name);
    const lines = await record(story);
    // In words first: a difference in them says more than one in bytes, which `npm run golden:devnet` shows decoded.
    const words = ({ step, status, code, operations, feeCharged }: (typeof lines)[number]) =>
      [step, status, code, ...operations, feeCharged].join(' ');
    expect(lines.map(words)).toEqual(expected.map(words));
    const fields = lines.map((line, index) => [line.step, ...differingFields(expected[index]!, line)]);
    expect(fields).toEqual(expected.map(({ step }) => [step]));
  },
);

it('stays small enough to be read', async () => {
  expect((await stat(CORPUS_FILE)).size).toBeLessThan(MAX_BYTES);
});
