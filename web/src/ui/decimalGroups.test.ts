import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalGroups } from './decimalGroups.ts';

const texts = (decimal: string) => decimalGroups(decimal).map((piece) => piece.text);

describe('decimalGroups', () => {
  it('groups the integer digits by three from the right', () => {
    expect(texts('1')).toEqual(['1']);
    expect(texts('123')).toEqual(['123']);
    expect(texts('1234')).toEqual(['1', '234']);
    expect(texts('1234567')).toEqual(['1', '234', '567']);
  });

  it('leaves the fraction in one piece', () => {
    expect(texts('1234.5678901')).toEqual(['1', '234', '.5678901']);
  });

  it('keeps a sign apart from the digits', () => {
    expect(texts('-1000')).toEqual(['-', '1', '000']);
    expect(texts('\u221225.5')).toEqual(['\u2212', '25', '.5']);
  });

  it('loses and adds no character', () => {
    const decimal = fc
      .tuple(fc.constantFrom('', '-', '+'), fc.bigInt({ min: 0n, max: 2n ** 127n }), fc.option(fc.nat()))
      .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
    fc.assert(fc.property(decimal, (text) => texts(text).join('') === text));
  });

  it('makes no group longer than three digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), (whole) =>
        decimalGroups(String(whole)).every((piece) => /^\d{1,3}$/.test(piece.text)),
      ),
    );
  });
});
