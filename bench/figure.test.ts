import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asJson, asTable, median } from './figure.ts';

const figures = [
  { key: 'start.ms', value: 1500.12345, target: 3000 },
  { key: 'rss.mb', value: 301, target: 300 },
  { key: 'web.fontKb', value: 34.704 },
];

describe('figures', () => {
  it('as JSON are one flat object of numbers', () => {
    expect(JSON.parse(asJson(figures))).toEqual({
      'start.ms': 1500.123,
      'rss.mb': 301,
      'web.fontKb': 34.704,
    });
  });

  it('as a table have value, target, ratio and whether that is in order', () => {
    const cells = asTable(figures)
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(cells[2]).toEqual(['start.ms', '1,500.123', '3,000', '0.50', 'ok']);
    expect(cells[3]).toEqual(['rss.mb', '301', '300', '1.00', 'over']);
    expect(cells[4]).toEqual(['web.fontKb', '34.704']);
  });
});

describe('the median', () => {
  it('is the middle value, or halfway between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('has as many values below as above, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
