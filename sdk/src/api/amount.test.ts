import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from './amount.ts';

describe('amounts', () => {
  it('reads what it writes, for every amount and every number of decimals', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 127n - 1n }),
        fc.integer({ min: 0, max: 18 }),
        (amount, decimals) => {
          expect(parseAmount(formatAmount(amount, decimals), decimals)).toBe(amount);
        },
      ),
    );
  });

  it.each([
    ['12.5', 7, 125_000_000n],
    ['0.0000001', 7, 1n],
    ['1.10', 1, 11n],
    ['007', 0, 7n],
    [' 3 ', 2, 300n],
  ])('reads %s with %i decimals', (text, decimals, amount) => {
    expect(parseAmount(text, decimals)).toBe(amount);
  });

  it.each([
    ['', 'digits'],
    ['1e3', 'digits'],
    ['-1', 'digits'],
    ['1,5', 'digits'],
    ['.5', 'digits'],
    ['5.', 'digits'],
    ['0x10', 'digits'],
    ['٣', 'digits'],
    ['0', 'greater than zero'],
    ['0.0000000', 'greater than zero'],
    ['0.00000001', '7 decimal places'],
    [`${2n ** 127n}`, 'larger'],
  ])('refuses "%s" and says why', (text, reason) => {
    expect(() => parseAmount(text, 7)).toThrow(
      expect.objectContaining({
        code: 'INVALID_AMOUNT',
        details: { field: 'amount' },
        message: expect.stringContaining(reason),
      }),
    );
  });

  it('writes negative amounts with their sign', () => {
    expect(formatAmount(-1n, 7)).toBe('-0.0000001');
  });
});
