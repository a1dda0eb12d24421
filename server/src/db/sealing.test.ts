import { describe, expect, it } from 'vitest';
import { openSealed, SealBroken, sealBytes } from './sealing.ts';

const key = new Uint8Array(32).fill(7);
const secret = new Uint8Array(32).map((_, i) => i);

describe('what is sealed', () => {
  it('opens under its key and associated data', () => {
    expect([...openSealed(key, sealBytes(key, secret, 'of ana'), 'of ana')]).toEqual([...secret]);
  });

  it('is never the same text twice', () => {
    expect(sealBytes(key, secret, 'of ana')).not.toBe(sealBytes(key, secret, 'of ana'));
  });

  it('does not open under another key or for something else', () => {
    const sealed = sealBytes(key, secret, 'of ana');
    expect(() => openSealed(new Uint8Array(32).fill(8), sealed, 'of ana')).toThrow(SealBroken);
    expect(() => openSealed(key, sealed, 'of ben')).toThrow(SealBroken);
  });

  it('does not open with any byte changed, or cut off anywhere', () => {
    const bytes = Buffer.from(sealBytes(key, secret, ''), 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(() => openSealed(key, changed.toString('base64'), '')).toThrow(SealBroken);
      expect(() => openSealed(key, bytes.subarray(0, at).toString('base64'), '')).toThrow(SealBroken);
    }
  });
});
