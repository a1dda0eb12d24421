import { describe, expect, it } from 'vitest';
import { stepOfCode } from './totp.ts';

/** RFC 6238 appendix B, SHA-1: the last six of its eight digits. */
const secret = new TextEncoder().encode('12345678901234567890');
const vectors: [seconds: number, code: string][] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
];
const stepAt = (seconds: number) => Math.floor(seconds / 30);

describe("an authenticator app's code", () => {
  it.each(vectors)('at %i s is the one of RFC 6238: %s', (seconds, code) => {
    expect(stepOfCode(secret, code, seconds * 1000, null)).toBe(stepAt(seconds));
  });

  it.each(vectors)('of %i s is right one step earlier and later, and no further', (seconds, code) => {
    const step = stepAt(seconds);
    const found = (drift: number) => stepOfCode(secret, code, (seconds + 30 * drift) * 1000, null);
    expect([found(-1), found(1)]).toEqual([step, step]);
    expect([found(-2), found(2)]).toEqual([null, null]);
  });

  it('is refused at its own step and before, once that was taken', () => {
    const [seconds, code] = vectors[3]!;
    const step = stepAt(seconds);
    expect(stepOfCode(secret, code, seconds * 1000, step - 1)).toBe(step);
    expect(stepOfCode(secret, code, seconds * 1000, step)).toBeNull();
    expect(stepOfCode(secret, code, seconds * 1000, step + 1)).toBeNull();
  });

  it('is not right with other digits, or with other than six', () => {
    for (const code of ['005925', '5924', '0005924', '89005924', ''])
      expect(stepOfCode(secret, code, 1234567890_000, null)).toBeNull();
  });
});
