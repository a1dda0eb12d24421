import { describe, expect, it } from 'vitest';
import { migrationSteps, whereMoneyIs } from './migrationSteps.ts';

const statuses = (state: Parameters<typeof migrationSteps>[0]['state'], failed = false) =>
  migrationSteps({ state, error: failed ? { code: 'X', message: 'x' } : null }).map((it) => it.status);

describe('the steps of a migration', () => {
  it.each([
    ['ready', ['now', 'later', 'later', 'later']],
    ['confirmed', ['done', 'now', 'later', 'later']],
    ['transferring', ['done', 'now', 'later', 'later']],
    ['transferred', ['done', 'done', 'now', 'later']],
    ['closing', ['done', 'done', 'now', 'later']],
    ['closed', ['done', 'done', 'done', 'now']],
    ['done', ['done', 'done', 'done', 'done']],
  ] as const)('are in %s: %j', (state, expected) => {
    expect(statuses(state)).toEqual(expected);
  });

  it('show where it stopped', () => {
    expect(statuses('transferring', true)).toEqual(['done', 'failed', 'later', 'later']);
  });

  it('say in each state where the money is', () => {
    expect(whereMoneyIs({ state: 'transferring' })).toContain('managed account');
    expect(whereMoneyIs({ state: 'transferred' })).toContain('new wallet');
  });
});
