// Holds what the operations cost on chain to bench/costs.golden.json, digit by digit: a change that makes every
// transfer dearer is seen in review, whatever it was made for.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { GOLDEN_FILE } from './contracts.ts';
import { type Costs, measureCosts, OPERATIONS } from './costs.ts';

const HINT =
  'If this is meant: node bench/main.ts contracts --update-golden, and explain a rise in CHANGELOG.md.';

let measured: Awaited<ReturnType<typeof measureCosts>>;
const golden = JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) as Costs;

beforeAll(async () => {
  measured = await measureCosts();
});

/** "instructions rose from 10 to 12 (+2)", one line for each number that differs. */
function changes(before: Record<string, number>, after: Record<string, number>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    if (from === to) return [];
    if (from === undefined || to === undefined) return [`${name} was ${from} and is ${to}`];
    const by = to - from;
    return [`${name} ${by > 0 ? 'rose' : 'fell'} from ${from} to ${to} (${by > 0 ? '+' : ''}${by})`];
  });
}

/** Contracts that another compiler built cost otherwise, and that says nothing about a change. */
const isCommittedWasm = process.env.LATCHKEY_OTHER_WASM === undefined;

describe.runIf(isCommittedWasm)('on chain', () => {
  it.each(OPERATIONS)('%s costs what the golden file says', (operation) => {
    expect(
      changes(golden[operation], measured.costs[operation]),
      `${operation} costs otherwise. ${HINT}`,
    ).toEqual([]);
  });

  it('the golden file has these operations and no others', () => {
    expect(Object.keys(golden)).toEqual([...OPERATIONS]);
  });
});

describe('any build of the contracts', () => {
  it('a transfer costs more than its signature verification, and no more than a third on top', () => {
    const { costs, secp256r1 } = measured;
    for (const { instructions } of [costs.transferToContract, costs.transferToAccount]) {
      expect(instructions).toBeGreaterThan(secp256r1);
      expect(instructions).toBeLessThan((secp256r1 * 4) / 3);
    }
  });

  it('measuring again gives the same numbers', async () => {
    expect(await measureCosts()).toEqual(measured);
  });
});
