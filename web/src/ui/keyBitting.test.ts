import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BITTING_CUTS, BITTING_MAX_DEPTH, keyBitting } from './keyBitting.ts';

const address = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';

describe('keyBitting', () => {
  it('gives one address one shape', () => {
    expect(keyBitting(address)).toEqual(keyBitting(address));
  });

  it('stays within the blade', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cuts = keyBitting(text);
        expect(cuts).toHaveLength(BITTING_CUTS);
        for (const depth of cuts) expect(depth).toBeOneOf([0, 1, 2, 3, 4]);
      }),
    );
  });

  it('uses every depth over many addresses', () => {
    const seen = new Set(Array.from({ length: 50 }, (_, i) => keyBitting(`${address}${i}`)).flat());
    expect(seen.size).toBe(BITTING_MAX_DEPTH + 1);
  });

  it('changes shape with any character of the address', () => {
    const shapes = new Set(
      Array.from(address, (_, i) => keyBitting(`${address.slice(0, i)}7${address.slice(i + 1)}`).join('')),
    );
    expect(shapes.size).toBeGreaterThan(50);
  });
});
