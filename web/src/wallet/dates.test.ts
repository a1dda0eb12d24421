import { describe, expect, it } from 'vitest';
import { countdown } from './dates.ts';

describe('countdown', () => {
  it('writes minutes and seconds', () => {
    expect(countdown(245_000)).toBe('4:05');
    expect(countdown(60_000)).toBe('1:00');
  });

  it('reaches zero only when the time is over', () => {
    expect(countdown(1)).toBe('0:01');
    expect(countdown(0)).toBe('0:00');
  });

  it('stays at zero afterwards', () => {
    expect(countdown(-5_000)).toBe('0:00');
  });
});
