import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressGroups, shortAddress } from './addressGroups.ts';

const address = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';

describe('addressGroups', () => {
  it('cuts a contract address into 14 groups of four', () => {
    const groups = addressGroups(address);
    expect(groups).toHaveLength(14);
    expect(groups[0]).toBe('CDLZ');
    expect(groups[13]).toBe('CYSC');
  });

  it('loses no character of any text', () => {
    fc.assert(fc.property(fc.string(), (text) => addressGroups(text).join('') === text));
  });
});

describe('shortAddress', () => {
  it('shows both ends', () => {
    expect(shortAddress(address)).toBe('CDLZFC\u2026HGCYSC');
  });

  it('never makes a text longer', () => {
    fc.assert(fc.property(fc.string(), (text) => shortAddress(text).length <= text.length));
  });
});
