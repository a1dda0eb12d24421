import { Claimant, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { INT64_MAX } from './account.ts';
import { absolutePredicate, isFulfilled, isValidPredicate } from './claimableBalance.ts';

const always = Claimant.predicateUnconditional();
const until = (time: string) => Claimant.predicateBeforeAbsoluteTime(time);
const within = (seconds: string) => Claimant.predicateBeforeRelativeTime(seconds);
const { predicateNot: not, predicateAnd: and, predicateOr: or } = Claimant;
const P = xdr.ClaimPredicate;

describe('a claim predicate', () => {
  it('is valid up to four levels deep', () => {
    const nested = (levels: number): xdr.ClaimPredicate => (levels === 1 ? always : not(nested(levels - 1)));
    expect(isValidPredicate(nested(4))).toBe(true);
    expect(isValidPredicate(nested(5))).toBe(false);
    expect(isValidPredicate(and(always, or(until('1'), within('2'))))).toBe(true);
  });

  it('is invalid with a wrong number of operands or a negative time', () => {
    for (const predicate of [
      P.claimPredicateAnd([]),
      P.claimPredicateAnd([always]),
      P.claimPredicateOr([always]),
      P.claimPredicateNot(null),
      P.claimPredicateBeforeAbsoluteTime(-1n),
      P.claimPredicateBeforeRelativeTime(-1n),
      or(always, P.claimPredicateAnd([])),
    ]) {
      expect(isValidPredicate(predicate)).toBe(false);
    }
  });

  it('ends before its time, not at it', () => {
    expect(isFulfilled(until('100'), 99)).toBe(true);
    expect(isFulfilled(until('100'), 100)).toBe(false);
    expect(isFulfilled(not(until('100')), 100)).toBe(true);
    expect(isFulfilled(and(until('100'), not(until('50'))), 49)).toBe(false);
    expect(isFulfilled(and(until('100'), not(until('50'))), 50)).toBe(true);
    expect(isFulfilled(or(until('100'), always), 200)).toBe(true);
  });

  it('counts relative times from the ledger of its creation, at every level, up to the end of time', () => {
    const relative = and(or(within('5'), always), not(within('9223372036854775807')));
    const expected = and(or(until('1005'), always), not(until(String(INT64_MAX))));
    expect(absolutePredicate(relative, 1_000)).toEqual(expected);
    expect(absolutePredicate(until('7'), 1_000)).toEqual(until('7'));
  });
});
