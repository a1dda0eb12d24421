// Holds what the operations cost on chain to bench/costs.golden.json, digit by digit: a change that makes every
// transfer dearer is seen in review, whatever it was made for.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { GOLDEN_FILE } from './contracts.ts';
import { type Measured, measureCosts } from './costs.ts';
import type { Cost } from './submitting.ts';

const HINT =
  'If this is meant: node bench/main.ts contracts --update-golden, and explain a rise in CHANGELOG.md.';

let measured: Measured;
const golden = JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) as Record<string, Cost>;

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
  it.each(Object.keys(golden))('%s costs what the golden file says', (operation) => {
    const now: Record<string, Cost> = measured.costs;
    expect(changes(golden[operation]!, now[operation]!), `${operation} costs otherwise. ${HINT}`).toEqual([]);
  });

  it('the golden file has these operations and no others', () => {
    expect(Object.keys(golden)).toEqual(Object.keys(measured.costs));
  });
});

describe('any build of the contracts', () => {
  it('a transfer costs more than its signature verification, and no more than a third on top', () => {
    const { costs, secp256r1 } = measured;
    for (const { instructions } of [costs.passkeyTransfer, costs.transferToAccount, costs.explicitTransfer]) {
      expect(instructions).toBeGreaterThan(secp256r1);
      expect(instructions).toBeLessThan((secp256r1 * 4) / 3);
    }
  });

  it('verifies as many passkey signatures as the operation has', () => {
    const { costs, secp256r1 } = measured;
    const verifications = (of: Cost) => Math.floor(of.instructions / secp256r1);
    expect(verifications(costs.ed25519Session)).toBe(0);
    expect(verifications(costs.accountSigner)).toBe(0);
    expect(verifications(costs.addSession)).toBe(1);
    expect(verifications(costs.passkeySession)).toBe(1);
    expect(verifications(costs.sessionLimited)).toBe(1);
    expect(verifications(costs.batchOfThree)).toBe(1);
    expect(verifications(costs.twoOfThreeChange)).toBe(2);
  });

  it('a post-quantum part has its public key and signature in the entry', () => {
    const { passkeyTransfer, hybridMlDsa44Wasm, hybridMlDsa44Host, hybridSlhDsa128s } = measured.costs;
    const added = (hybrid: Cost) => hybrid.authEntryBytes - passkeyTransfer.authEntryBytes;
    expect(added(hybridMlDsa44Wasm)).toBeGreaterThanOrEqual(1312 + 2420);
    expect(added(hybridMlDsa44Host)).toBe(added(hybridMlDsa44Wasm));
    expect(added(hybridSlhDsa128s)).toBeGreaterThanOrEqual(32 + 7856);
  });

  it('measuring again gives the same numbers', async () => {
    expect(await measureCosts()).toEqual(measured);
  });
});
