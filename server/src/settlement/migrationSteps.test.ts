// Every decision of a migration, by itself: what the row and the ledger say, and what is done next.
import { tokenCalls } from '@latchkey/sdk/chain';
import { describe, expect, it } from 'vitest';
import type { Migration } from '../db/settlementMigrations.ts';
import { queuedSubmission, type Submission } from '../db/submissions.ts';
import type { ManagedAccount } from './managedAccount.ts';
import { type Known, nextStep } from './migrationSteps.ts';

const NOW = 1_795_000_000_000;
const HOUR_MS = 3_600_000;
const LEDGER = 50;
const from = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';
const to = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const tokens = { usdc: to, native: 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA' };

const migration = (change: Partial<Migration> = {}): Migration => ({
  id: 'migration',
  account_id: 'merchant',
  network: 'testnet',
  state: 'transferred',
  round: 1,
  from_address: from,
  to_address: to,
  gate_subject: null,
  gate_assertion: null,
  submission_id: null,
  close_submission_id: null,
  seen_ledger: LEDGER,
  not_before: 0,
  moved_amount: '0',
  moved_native_stroops: '0',
  error_code: null,
  error_message: null,
  version: 3,
  created_at: NOW,
  updated_at: NOW,
  ...change,
});

const account = (change: Partial<ManagedAccount> = {}): ManagedAccount => ({
  isThere: true,
  usdc: 0n,
  hasTrustLine: true,
  movableStroops: 0n,
  asOfLedger: LEDGER,
  ...change,
});
const gone = account({ isThere: false, hasTrustLine: false });

function submission(kind: Submission['kind'], change: Partial<Submission> = {}, amount = 5n): Submission {
  const token = kind === 'return-settlement' ? tokens.native : tokens.usdc;
  const work =
    kind === 'close-settlement'
      ? { operationsXdr: [] }
      : {
          hostFunctionXdr: tokenCalls.transfer(token, from, to, amount).toXdr('base64'),
          authXdr: [],
          authExpiresAtLedger: 1_000,
        };
  const limits = { maxFeeStroops: 1n, mayRestore: true };
  const row = queuedSubmission({ id: kind, kind, accountId: 'merchant', ...work, ...limits }, NOW);
  return { ...row, state: 'confirmed', ledger: LEDGER, ...change };
}
const failed = (kind: Submission['kind'], code = 'TRANSACTION_FAILED') =>
  submission(kind, { state: 'failed', error_code: code, error_message: 'why' });

const next = (known: Partial<Known>) =>
  nextStep({
    migration: migration(),
    last: null,
    close: null,
    account: account(),
    tokens,
    nowMs: NOW,
    ...known,
  });
const confirmed = migration({ state: 'confirmed' });
const closed = migration({ state: 'closed' });

describe('a migration that was agreed to', () => {
  it('moves the whole balance', () => {
    const full = account({ usdc: 7n, movableStroops: 3n });
    expect(next({ migration: confirmed, account: full })).toEqual({
      what: 'transfer',
      asset: 'usdc',
      amount: 7n,
    });
  });

  it('moves the mirror at once when there is no USDC', () => {
    expect(next({ migration: confirmed })).toEqual({ what: 'move-mirror' });
    expect(next({ migration: confirmed, account: account({ movableStroops: 3n }) })).toEqual({
      what: 'move-mirror',
    });
  });

  it('tries another balance by itself, and the same one only when that makes sense', () => {
    const again = (last: Submission, usdc: bigint) =>
      next({ migration: confirmed, last, account: account({ usdc }) }).what;
    expect(again(failed('migrate-settlement'), 4n)).toBe('transfer');
    expect(again(failed('migrate-settlement'), 5n)).toBe('stop');
    expect(again(failed('migrate-settlement', 'TRANSACTION_EXPIRED'), 5n)).toBe('transfer');
    expect(again(failed('migrate-settlement', 'OUTCOME_UNKNOWN'), 5n)).toBe('transfer');
  });

  it('says why it stops', () => {
    const last = failed('migrate-settlement');
    expect(next({ migration: confirmed, last, account: account({ usdc: 5n }) })).toEqual({
      what: 'stop',
      code: 'TRANSACTION_FAILED',
      message: 'why',
    });
  });
});

describe('a migration whose transfer has arrived', () => {
  it('moves what came after it, XLM too, and closes the account when it is empty', () => {
    expect(next({ account: account({ usdc: 2n }) })).toMatchObject({ what: 'transfer', asset: 'usdc' });
    expect(next({ account: account({ movableStroops: 2n }) })).toMatchObject({
      what: 'transfer',
      asset: 'native',
    });
    expect(next({})).toEqual({ what: 'close' });
  });

  it('moves XLM by itself once, and leaves what comes later to the merge', () => {
    const later = migration({ moved_native_stroops: '4' });
    expect(next({ migration: later, account: account({ movableStroops: 2n }) })).toEqual({ what: 'close' });
  });

  it('moves a payment that kept the account from being closed', () => {
    const last = failed('close-settlement');
    expect(next({ last, account: account({ usdc: 2n }) }).what).toBe('transfer');
    expect(next({ last }).what).toBe('stop');
    expect(next({ last: failed('close-settlement', 'TRANSACTION_EXPIRED') }).what).toBe('close');
  });

  it('moves dust more and more rarely, and at least once an hour', () => {
    const dust = account({ usdc: 1n });
    const after = (round: number, ms: number) =>
      next({ migration: migration({ round }), account: dust, nowMs: NOW + ms }).what;
    expect(after(2, 0)).toBe('transfer');
    expect(after(3, 4_999)).toBe('wait');
    expect(after(3, 5_000)).toBe('transfer');
    expect(after(5, 19_999)).toBe('wait');
    expect(after(60, HOUR_MS - 1)).toBe('wait');
    expect(after(60, HOUR_MS)).toBe('transfer');
  });
});

describe('an account that the node does not show', () => {
  it('is not believed to be closed unless a close of ours may have done it', () => {
    for (const state of ['confirmed', 'transferred'] as const) {
      const it = migration({ state, close_submission_id: 'close' });
      const what = (close: Submission | null) => next({ migration: it, close, account: gone });
      expect(what(null)).toMatchObject({ what: 'stop', code: 'NETWORK_UNAVAILABLE' });
      expect(what(failed('close-settlement'))).toMatchObject({ what: 'stop' });
      expect(what(submission('close-settlement'))).toEqual({ what: 'note-closed' });
      expect(what(failed('close-settlement', 'OUTCOME_UNKNOWN'))).toEqual({ what: 'note-closed' });
    }
  });

  it('is waited for while the node is behind', () => {
    const behind = { ...gone, asOfLedger: LEDGER - 1 };
    for (const state of ['confirmed', 'transferred', 'closed'] as const)
      expect(next({ migration: migration({ state }), account: behind })).toEqual({ what: 'wait' });
    const last = submission('close-settlement', { ledger: LEDGER + 3 });
    expect(next({ migration: closed, last, account: { ...gone, asOfLedger: LEDGER + 2 } })).toEqual({
      what: 'wait',
    });
  });
});

describe('a closed account', () => {
  const close = submission('close-settlement');

  it('is done with when nothing is owed', () => {
    expect(next({ migration: closed, last: close, close, account: gone })).toEqual({ what: 'finish' });
    const paid = submission('return-settlement');
    expect(next({ migration: closed, last: paid, close, account: gone })).toEqual({ what: 'finish' });
  });

  it('that somebody has made again is emptied again', () => {
    expect(next({ migration: closed, last: close, close })).toEqual({ what: 'reopen' });
  });

  it('owes a return until that is known to have been paid', () => {
    const last = failed('return-settlement', 'OUTCOME_UNKNOWN');
    expect(next({ migration: closed, last, close, account: gone })).toEqual({
      what: 'return',
      stroops: 5n,
      before: last,
    });
  });
});

it('waits for a submission that is on its way, and does nothing in states that others move on', () => {
  for (const state of ['queued', 'sent'] as const)
    expect(next({ last: submission('migrate-settlement', { state }) })).toEqual({ what: 'wait' });
  for (const state of ['ready', 'transferring', 'closing', 'done'] as const)
    expect(next({ migration: migration({ state }), account: account({ usdc: 1n }) })).toEqual({
      what: 'wait',
    });
});
