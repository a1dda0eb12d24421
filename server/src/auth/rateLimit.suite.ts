// What every store of rate limits must do. Run in this process and on Redis by rateLimits.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RateLimit, RateLimits } from './rateLimits.ts';

const refusal = expect.objectContaining({
  code: 'RATE_LIMITED',
  details: { retryAfterSeconds: expect.any(Number) },
});

export const accepted = async (limit: RateLimit, key: string, times: number) => {
  const results = await Promise.allSettled(Array.from({ length: times }, () => limit.consume(key)));
  for (const it of results) if (it.status === 'rejected') expect(it.reason).toEqual(refusal);
  return results.filter((it) => it.status === 'fulfilled').length;
};

export function rateLimitSuite(name: string, open: () => Promise<RateLimits>): void {
  describe(name, () => {
    let limits: RateLimits;
    let rules = 0;
    const rule = (change = {}) => ({ name: `rule${++rules}`, points: 3, durationSeconds: 60, ...change });

    beforeEach(async () => {
      limits = await open();
    });
    afterEach(() => limits.close());

    it('lets as many requests through as the rule says, also when they come at once', async () => {
      expect(await accepted(limits.create(rule()), 'ana', 10)).toBe(3);
    });

    it('counts every key for itself, and every rule', async () => {
      const [one, other] = [limits.create(rule()), limits.create(rule())];
      expect(await accepted(one, 'ana', 4)).toBe(3);
      expect(await accepted(one, 'ben', 4)).toBe(3);
      expect(await accepted(other, 'ana', 4)).toBe(3);
    });

    it('says how long to wait, in the words of the rule', async () => {
      const limit = limits.create(rule({ points: 1 }), (seconds) => `in ${seconds} seconds`);
      await limit.consume('ana');
      const refused = await limit.consume('ana').catch((error) => error);
      expect(refused.details.retryAfterSeconds).toBeGreaterThan(0);
      expect(refused.details.retryAfterSeconds).toBeLessThanOrEqual(60);
      expect(refused.message).toBe(`in ${refused.details.retryAfterSeconds} seconds`);
    });

    it('lets through again when the window is over, and refusals do not prolong it', async () => {
      const limit = limits.create(rule({ durationSeconds: 1 }));
      expect(await accepted(limit, 'ana', 4)).toBe(3);
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(await accepted(limit, 'ana', 1)).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await accepted(limit, 'ana', 4)).toBe(3);
    });

    it('takes keys of any length and any characters', async () => {
      const limit = limits.create(rule());
      for (const key of ['', 'a b\r\nFLUSHALL', 'ü\0', 'x'.repeat(100_000)]) {
        expect(await accepted(limit, key, 4)).toBe(3);
      }
    });
  });
}
