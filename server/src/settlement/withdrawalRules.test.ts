import { muxedAddress } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { describe, expect, it } from 'vitest';
import { readPayment } from './destination.ts';
import {
  changedRules,
  isLoosening,
  type Limits,
  LOOSENING_DELAY_MS,
  noRules,
  type Rules,
  requireWithinRules,
  rulesAt,
} from './withdrawalRules.ts';

const NOW = 1_800_000_000_000;
const DAY = LOOSENING_DELAY_MS;
const limits = (dailyLimit: bigint | null, allowListOnly = false): Limits => ({ dailyLimit, allowListOnly });
const rules = (current: Limits, pending: Rules['pending'] = null): Rules => ({ current, pending });
const code = (code: string) => expect.objectContaining({ code });

describe('changing the rules', () => {
  it('tightens at once', () => {
    expect(changedRules(noRules, limits(10n), NOW)).toEqual(rules(limits(10n)));
    expect(changedRules(rules(limits(10n)), limits(5n, true), NOW)).toEqual(rules(limits(5n, true)));
  });

  it.each([
    ['raises the limit', limits(10n), limits(11n)],
    ['ends the limit', limits(10n), limits(null)],
    ['ends the list', limits(10n, true), limits(10n, false)],
    ['ends both', limits(10n, true), limits(null, false)],
  ])('waits a day where it %s', (_, before, wanted) => {
    const after = changedRules(rules(before), wanted, NOW);
    expect(after).toEqual(rules(before, { ...wanted, effectiveAt: NOW + DAY }));
    expect(rulesAt(after, NOW + DAY - 1).current).toEqual(before);
    expect(rulesAt(after, NOW + DAY)).toEqual(rules(wanted));
  });

  it('tightens one thing at once while another that loosens waits', () => {
    const after = changedRules(rules(limits(10n, false)), limits(20n, true), NOW);
    expect(after).toEqual(rules(limits(10n, true), { ...limits(20n, true), effectiveAt: NOW + DAY }));
  });

  it('does not wait anew for what was asked for before, and forgets it for anything else', () => {
    const waiting = changedRules(rules(limits(10n)), limits(20n), NOW);
    expect(changedRules(waiting, limits(20n), NOW + 1000)).toEqual(waiting);
    expect(changedRules(waiting, limits(30n), NOW + 1000).pending?.effectiveAt).toBe(NOW + 1000 + DAY);
    expect(changedRules(waiting, limits(10n), NOW + 1000)).toEqual(rules(limits(10n)));
  });

  it('cannot bring a loosening forward by any number of changes', () => {
    const options = [
      limits(null),
      limits(5n),
      limits(10n),
      limits(20n),
      limits(20n, true),
      limits(null, true),
    ];
    let random = 7;
    const next = () => {
      random = (random * 48_271) % 2_147_483_647;
      return random;
    };
    for (let run = 0; run < 200; run++) {
      let state = rules(limits(10n, true));
      let now = NOW;
      // What was never asked for a day before must not hold.
      const asked: { at: number; limits: Limits }[] = [];
      for (let step = 0; step < 12; step++) {
        const wanted = options[next() % options.length]!;
        asked.push({ at: now, limits: wanted });
        state = changedRules(state, wanted, now);
        now += next() % (DAY / 2);
        const { dailyLimit, allowListOnly } = rulesAt(state, now).current;
        const old = asked.filter((it) => it.at + DAY <= now).map((it) => it.limits);
        const limitIsOld = old.some((it) => it.dailyLimit === dailyLimit);
        const isTight = dailyLimit !== null && dailyLimit <= 10n;
        expect(isTight || limitIsOld).toBe(true);
        expect(allowListOnly || old.some((it) => !it.allowListOnly)).toBe(true);
      }
    }
  });

  it('says which changes loosen, by what holds now', () => {
    const before = rules(limits(10n, true), { ...limits(50n, false), effectiveAt: NOW });
    expect(isLoosening(before, limits(50n, false), NOW - 1)).toBe(true);
    expect(isLoosening(before, limits(50n, false), NOW)).toBe(false);
    expect(isLoosening(before, limits(50n, true), NOW)).toBe(false);
    expect(isLoosening(noRules, limits(null), NOW)).toBe(false);
  });
});

describe('the rules', () => {
  const account = Keypair.random().publicKey();
  const to = (destination: string, memo?: string) => readPayment({ destination, memo }, 'managed');
  const allowed = (address: string, effectiveAt = NOW) => [{ address, effectiveAt }];
  const listed = rules(limits(null, true));

  it('hold what was withdrawn in a day to the limit, to the last unit', () => {
    const limited = rules(limits(10n));
    expect(() => requireWithinRules(to(account), 4n, limited, [], 6n, NOW)).not.toThrow();
    expect(() => requireWithinRules(to(account), 4n, limited, [], 7n, NOW)).toThrow(
      code('DAILY_LIMIT_EXCEEDED'),
    );
    expect(() => requireWithinRules(to(account), 10n ** 30n, noRules, [], 7n, NOW)).not.toThrow();
  });

  it('let a destination on the list pass once it has waited', () => {
    const now = allowed(account);
    expect(() => requireWithinRules(to(account), 1n, listed, now, 0n, NOW)).not.toThrow();
    const later = allowed(account, NOW + 1);
    expect(() => requireWithinRules(to(account), 1n, listed, later, 0n, NOW)).toThrow(
      code('DESTINATION_NOT_ALLOWED'),
    );
  });

  it('allow an account with all its numbers, and a number alone', () => {
    const [seven, eight] = [muxedAddress(account, 7n), muxedAddress(account, 8n)];
    expect(() => requireWithinRules(to(seven), 1n, listed, allowed(account), 0n, NOW)).not.toThrow();
    expect(() => requireWithinRules(to(account, '7'), 1n, listed, allowed(seven), 0n, NOW)).not.toThrow();
    for (const other of [to(eight), to(account), to(account, '8'), to(account, 'seven')]) {
      expect(() => requireWithinRules(other, 1n, listed, allowed(seven), 0n, NOW)).toThrow(
        code('DESTINATION_NOT_ALLOWED'),
      );
    }
  });
});
