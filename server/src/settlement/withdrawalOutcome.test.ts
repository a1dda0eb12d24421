import { randomUUID } from 'node:crypto';
import { Keypair } from '@stellar/stellar-sdk/base';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { insertMerchant } from '../db/merchants.ts';
import { insertSettlementKey } from '../db/settlementKeys.ts';
import { beginPaymentCursor, insertPayment, insertPaymentGap } from '../db/settlementPayments.ts';
import type { WithdrawalState } from '../db/settlementTables.ts';
import { insertSubmission, type Submission, submissionById } from '../db/submissions.ts';
import { insertWithdrawal, withdrawalById } from '../db/withdrawals.ts';
import type { WalletSubmission } from '../relayer/worker.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { createSettlementNetworks, type SettlementNetwork } from './network.ts';
import { createWithdrawalLook, withdrawalEffect } from './withdrawalOutcome.ts';

const NOW = 1_800_000_000_000;
const EXPIRY = 1000;
const network = 'testnet' as const;
const destination = Keypair.random().publicKey();

onEveryDatabase((open) => {
  let db: Database;
  let accountId: string;
  let latest: { sequence: number; closeTime: string };
  beforeEach(async () => {
    db = await open();
    accountId = randomUUID();
    latest = { sequence: EXPIRY + 1, closeTime: String(NOW / 1000) };
    const merchant = { account_id: accountId, email: 'shop@example.org', name: 'Shop', created_at: NOW };
    await insertMerchant(db, { ...merchant, network });
    const sealed = { ciphertext: 'sealed', kekVersion: 1 };
    await insertSettlementKey(db, { account_id: accountId, network, address: `G${accountId}` }, sealed, NOW);
  });
  afterEach(() => db.destroy());

  async function withdrawal(
    state: WithdrawalState,
    of: Partial<Submission> = {},
    memo: string | null = null,
  ): Promise<string> {
    const id = randomUUID();
    const work = { hostFunctionXdr: '', authXdr: [], authExpiresAtLedger: EXPIRY };
    const kind = 'withdraw-settlement' as const;
    await insertSubmission(db, { id, kind, accountId, ...work, maxFeeStroops: 1n, mayRestore: false }, NOW);
    const settled = { state: 'failed' as const, hash: `ours ${id}`, ledger: 999, ...of };
    await db.updateTable('submissions').set(settled).where('id', '=', id).execute();
    await insertWithdrawal(db, {
      id,
      account_id: accountId,
      network,
      kind: 'managed',
      state,
      amount: '30',
      destination,
      memo,
      submission_id: id,
      idempotency_key: null,
      request_hash: null,
      created_at: NOW,
    });
    return id;
  }

  let payments = 0;
  async function payment(
    change: { ledger?: number; hash?: string; memo?: string | null; amount?: string } = {},
  ) {
    const event_id = `event ${payments++}`;
    await insertPayment(db, {
      account_id: accountId,
      network,
      event_id,
      direction: 'out',
      address: 'G',
      counterparty: destination,
      memo: null,
      amount: '30',
      ledger: EXPIRY - 5,
      at: NOW + 5000,
      hash: `theirs ${event_id}`,
      ...change,
    });
    return event_id;
  }

  const readTo = (ledger: number) => beginPaymentCursor(db, network, ledger + 1);
  const look = () => {
    const node = { name: network, rpc: { call: async () => latest } } as unknown as SettlementNetwork;
    const networks = createSettlementNetworks([node]);
    return createWithdrawalLook({
      db,
      networks,
      nowMs: () => NOW + 60_000,
      log: pino({ level: 'silent' }),
    })();
  };
  const stateOf = async (id: string) => (await withdrawalById(db, accountId, id))!.state;

  describe('a withdrawal of unknown outcome', () => {
    it('is confirmed by a payment that nothing else accounts for', async () => {
      const id = await withdrawal('unknown');
      const event = await payment();
      await look();
      expect(await withdrawalById(db, accountId, id)).toMatchObject({
        state: 'confirmed',
        found_event: event,
        found_hash: `theirs ${event}`,
      });
    });

    it('has failed once every ledger was read in which it could have been paid', async () => {
      const id = await withdrawal('unknown');
      await readTo(EXPIRY - 1);
      await look();
      expect(await stateOf(id)).toBe('unknown');
      await db
        .updateTable('settlement_cursors')
        .set({ next_ledger: EXPIRY + 1 })
        .execute();
      await look();
      expect(await stateOf(id)).toBe('failed');
    });

    it('stays so where ledgers are missing', async () => {
      const id = await withdrawal('unknown');
      await readTo(EXPIRY + 10);
      await insertPaymentGap(db, { network, from_ledger: 1, to_ledger: EXPIRY - 100, found_at: NOW });
      await look();
      expect(await stateOf(id)).toBe('unknown');
    });

    it('is not confirmed by a payment of another amount, memo, time or withdrawal', async () => {
      const other = await withdrawal('confirmed', { state: 'confirmed', hash: 'ours' });
      const id = await withdrawal('unknown');
      await payment({ amount: '31' });
      await payment({ memo: '7' });
      await payment({ ledger: EXPIRY + 1 });
      await payment({ ledger: EXPIRY - 500 });
      await payment({ hash: 'ours' });
      await readTo(EXPIRY);
      await look();
      expect([await stateOf(other), await stateOf(id)]).toEqual(['confirmed', 'failed']);
    });

    it('with a memo is confirmed by the payment that carries it', async () => {
      const [id, text] = [await withdrawal('unknown', {}, '007'), await withdrawal('unknown', {}, 'invoice')];
      await payment({ memo: '7' });
      await payment({ memo: 'invoice' });
      await look();
      expect([await stateOf(id), await stateOf(text)]).toEqual(['confirmed', 'confirmed']);
    });

    it('shares no payment with another one, whoever looks at the same time', async () => {
      const ids = [await withdrawal('unknown'), await withdrawal('unknown'), await withdrawal('unknown')];
      await payment();
      await payment();
      await readTo(EXPIRY);
      await Promise.all([look(), look(), look()]);
      const states = await Promise.all(ids.map(stateOf));
      expect(states.sort()).toEqual(['confirmed', 'confirmed', 'failed']);
    });

    it('leaves a payment to the one that is known to have been paid', async () => {
      const unknown = await withdrawal('unknown');
      const known = await withdrawal('confirmed', { state: 'confirmed', hash: null, ledger: null });
      const event = await payment();
      await readTo(EXPIRY);
      await look();
      expect(await withdrawalById(db, accountId, known)).toMatchObject({ found_event: event });
      expect(await stateOf(unknown)).toBe('failed');
    });

    it('of operations is decided by the time in which its envelope could be included', async () => {
      const of = { auth_expires_at_ledger: null, valid_until_seconds: NOW / 1000 + 60 };
      const [paid, lost] = [await withdrawal('unknown', of), await withdrawal('unknown', of)];
      await payment();
      await readTo(EXPIRY + 1);
      await look();
      expect([await stateOf(paid), await stateOf(lost)].sort()).toEqual(['confirmed', 'unknown']);
      latest.closeTime = String(NOW / 1000 + 61);
      await look();
      expect([await stateOf(paid), await stateOf(lost)].sort()).toEqual(['confirmed', 'failed']);
    });
  });

  describe('a settled submission', () => {
    const effect = withdrawalEffect({ nowMs: () => NOW });
    const cases: [string, Partial<Submission>, WithdrawalState][] = [
      ['that was confirmed', { state: 'confirmed' }, 'confirmed'],
      ['that was never sent', { state: 'failed', attempts: 0 }, 'failed'],
      ['whose entry was shown', { state: 'failed', attempts: 1 }, 'unknown'],
      ['of operations, refused', { state: 'failed', attempts: 1, auth_expires_at_ledger: null }, 'failed'],
      ['that the network forgot', { state: 'failed', error_code: 'OUTCOME_UNKNOWN' }, 'unknown'],
    ];
    it.each(cases)('%s leaves its withdrawal as it is known', async (_, change, expected) => {
      const id = await withdrawal('pending', change);
      const row = (await submissionById(db, id)) as WalletSubmission;
      await db.transaction().execute((trx) => effect(trx, row));
      expect(await stateOf(id)).toBe(expected);
      await db.transaction().execute((trx) => effect(trx, { ...row, state: 'confirmed' }));
      expect(await stateOf(id)).toBe(expected);
    });
  });
});
