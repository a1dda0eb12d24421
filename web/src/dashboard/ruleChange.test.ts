import { describe, expect, it } from 'vitest';
import { isLooser } from './ruleChange.ts';

const limited = { dailyLimit: 100_0000000n, allowListOnly: true };
const open = { dailyLimit: null, allowListOnly: false };

describe('a change of the rules', () => {
  it.each([
    [limited, { dailyLimit: '100', allowListOnly: true }, false],
    [limited, { dailyLimit: '99.9', allowListOnly: true }, false],
    [limited, { dailyLimit: '100.0000001', allowListOnly: true }, true],
    [limited, { dailyLimit: '', allowListOnly: true }, true],
    [limited, { dailyLimit: '1', allowListOnly: false }, true],
    [open, { dailyLimit: '5', allowListOnly: true }, false],
    [open, { dailyLimit: '', allowListOnly: false }, false],
    [open, { dailyLimit: 'five', allowListOnly: false }, true],
  ])('from %o to %o is looser: %s', (present, next, looser) => {
    expect(isLooser(present, next)).toBe(looser);
  });
});
