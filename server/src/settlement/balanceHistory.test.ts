import { describe, expect, it } from 'vitest';
import { balancePoints } from './balanceHistory.ts';

const paid = (at: number, amount: bigint) => ({ at, direction: 'in' as const, amount: String(amount) });
const sent = (at: number, amount: bigint) => ({ at, direction: 'out' as const, amount: String(amount) });

describe('a balance over time', () => {
  it('ends with what the ledger says, and goes backwards from there', () => {
    const points = balancePoints({ at: 100, balance: 30n }, [sent(80, 20n), paid(60, 50n)], 10);
    expect(points).toEqual([
      { at: 10, balance: 0n },
      { at: 60, balance: 50n },
      { at: 80, balance: 30n },
      { at: 100, balance: 30n },
    ]);
  });

  it('has one point for what happened in one ledger, which a migration does not move', () => {
    const points = balancePoints({ at: 100, balance: 7n }, [paid(50, 7n), sent(50, 7n)], 10);
    expect(points).toEqual([
      { at: 10, balance: 7n },
      { at: 50, balance: 7n },
      { at: 100, balance: 7n },
    ]);
  });

  it('without payments is a line', () => {
    expect(balancePoints({ at: 100, balance: 7n }, [], 10)).toEqual([
      { at: 10, balance: 7n },
      { at: 100, balance: 7n },
    ]);
  });

  it('is exact beyond what floating point numbers can hold', () => {
    const much = 2n ** 100n + 1n;
    expect(balancePoints({ at: 9, balance: much }, [paid(5, 1n)], 1)[0]).toEqual({
      at: 1,
      balance: 2n ** 100n,
    });
  });

  it('of very many payments keeps its ends and at most as many points as a chart shows', () => {
    const payments = Array.from({ length: 50_000 }, (_, i) => paid(100_000 - i, 1n));
    const points = balancePoints({ at: 100_001, balance: 50_000n }, payments, 10);
    expect(points.length).toBeLessThanOrEqual(400);
    expect(points[0]).toEqual({ at: 10, balance: 0n });
    expect(points.at(-1)).toEqual({ at: 100_001, balance: 50_000n });
    expect(points.every((point, i) => i === 0 || point.at > points[i - 1]!.at)).toBe(true);
  });
});
