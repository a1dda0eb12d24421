import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import type { Database, Db } from './database.ts';
import { insertMerchant } from './merchants.ts';
import { insertPreparedCall, preparedCall, usePreparedCall } from './preparedCalls.ts';
import { insertSettlementKey } from './settlementKeys.ts';
import { insertSubmission } from './submissions.ts';
import {
  allowDestination,
  allowedDestinations,
  disallowDestination,
  lockRules,
  rulesRow,
  updateRules,
} from './withdrawalRules.ts';
import {
  insertWithdrawal,
  lockSettlement,
  pendingWithdrawals,
  settleWithdrawal,
  type Withdrawal,
  withdrawalByKey,
  withdrawalsPage,
  withdrawnSince,
} from './withdrawals.ts';

const NOW = 1_800_000_000_000;
const network = 'testnet' as const;

onEveryDatabase((open) => {
  let db: Database;
  let accountId: string;
  beforeEach(async () => {
    db = await open();
    accountId = await merchant();
  });
  afterEach(() => db.destroy());

  async function merchant(): Promise<string> {
    const id = randomUUID();
    await insertMerchant(db, {
      account_id: id,
      email: `${id}@example.org`,
      name: 'Shop',
      network,
      created_at: NOW,
    });
    const sealed = { ciphertext: 'sealed', kekVersion: 1 };
    await insertSettlementKey(db, { account_id: id, network, address: `G${id}` }, sealed, NOW);
    return id;
  }

  async function withdrawal(
    on: Db,
    change: Partial<Withdrawal> = {},
  ): Promise<Omit<Withdrawal, 'found_event' | 'found_hash'>> {
    const row = {
      id: randomUUID(),
      account_id: accountId,
      network,
      kind: 'managed' as const,
      state: 'pending' as const,
      amount: '4',
      destination: 'G',
      memo: null,
      submission_id: randomUUID(),
      idempotency_key: null,
      request_hash: null,
      created_at: NOW,
      ...change,
    };
    const work = { hostFunctionXdr: '', authXdr: [], authExpiresAtLedger: null };
    const limits = { maxFeeStroops: 1n, mayRestore: false };
    const kind = 'withdraw-settlement' as const;
    await insertSubmission(on, { id: row.submission_id, kind, accountId, ...work, ...limits }, NOW);
    await insertWithdrawal(on, row);
    return row;
  }

  describe('withdrawals', () => {
    it('at once, each under the lock of the merchant, never exceed what one after another would', async () => {
      const limit = 10n;
      const tries = Array.from({ length: 8 }, () =>
        db.transaction().execute(async (trx) => {
          await lockSettlement(trx, accountId, network);
          const withdrawn = await withdrawnSince(trx, accountId, network, NOW - 1);
          if (withdrawn + 4n > limit) return false;
          await withdrawal(trx);
          return true;
        }),
      );
      const made = (await Promise.all(tries)).filter((it) => it);
      expect(made).toHaveLength(2);
      expect(await withdrawnSince(db, accountId, network, NOW - 1)).toBe(8n);
    });

    it('count unless they failed, on their network and since a time', async () => {
      const huge = String(2n ** 100n);
      for (const change of [
        { state: 'confirmed' as const, amount: huge },
        { state: 'unknown' as const, amount: '2' },
        { state: 'pending' as const, amount: '3' },
        { state: 'failed' as const, amount: '5' },
        { network: 'mainnet' as const, amount: '7' },
        { created_at: NOW - 10, amount: '11' },
      ])
        await withdrawal(db, change);
      expect(await withdrawnSince(db, accountId, network, NOW - 10)).toBe(BigInt(huge) + 5n);
      expect(await pendingWithdrawals(db, accountId, network)).toBe(2);
      expect(await withdrawnSince(db, await merchant(), network, 0)).toBe(0n);
    });

    it('settle once', async () => {
      const { submission_id } = await withdrawal(db);
      expect(await settleWithdrawal(db, submission_id, 'confirmed')).toMatchObject({ state: 'confirmed' });
      expect(await settleWithdrawal(db, submission_id, 'failed')).toBeUndefined();
      expect(await settleWithdrawal(db, randomUUID(), 'failed')).toBeUndefined();
    });

    it('are found by the key of their request, which a merchant uses once', async () => {
      const row = await withdrawal(db, { idempotency_key: 'key', request_hash: 'hash' });
      expect(await withdrawalByKey(db, accountId, 'key')).toMatchObject({ id: row.id });
      await expect(withdrawal(db, { idempotency_key: 'key' })).rejects.toThrow();
      expect(await withdrawalByKey(db, await merchant(), 'key')).toBeUndefined();
    });

    it('are listed newest first, page after page, each once', async () => {
      const ids = new Set<string>();
      for (let i = 0; i < 5; i++) ids.add((await withdrawal(db, { created_at: NOW + Math.floor(i / 2) })).id);
      const seen: { at: number; id: string }[] = [];
      for (let before = null as { createdAt: number; id: string } | null; ; ) {
        const page = await withdrawalsPage(db, accountId, network, before, 2);
        if (page.length === 0) break;
        seen.push(...page.map((it) => ({ at: it.created_at, id: it.id })));
        before = { createdAt: page.at(-1)!.created_at, id: page.at(-1)!.id };
      }
      expect(new Set(seen.map((it) => it.id))).toEqual(ids);
      expect(seen.map((it) => it.at)).toEqual(seen.map((it) => it.at).sort((a, b) => b - a));
      expect(seen).toHaveLength(5);
    });
  });

  describe('prepared calls', () => {
    const call = (change = {}) => ({
      id: randomUUID(),
      account_id: accountId,
      network,
      action: 'withdraw' as const,
      detail: '{}',
      envelope_xdr: 'AAAA',
      expires_at: NOW + 1000,
      ...change,
    });

    it('are used once, by one of several at once', async () => {
      const { id } = await insertPreparedCall(db, call(), NOW);
      const used = await Promise.all(
        ['a', 'b', 'c'].map((it) => db.transaction().execute((trx) => usePreparedCall(trx, id, it))),
      );
      expect(used.filter((it) => it)).toHaveLength(1);
    });

    it('are seen by their merchant alone, and forgotten a day after they expired', async () => {
      const { id } = await insertPreparedCall(db, call(), NOW);
      expect(await preparedCall(db, accountId, id)).toMatchObject({ id, submission_id: null });
      expect(await preparedCall(db, await merchant(), id)).toBeUndefined();
      await insertPreparedCall(db, call({ expires_at: NOW + 90_000_000 }), NOW + 86_400_000);
      expect(await preparedCall(db, accountId, id)).toBeDefined();
      await insertPreparedCall(db, call({ expires_at: NOW + 90_000_000 }), NOW + 86_402_000);
      expect(await preparedCall(db, accountId, id)).toBeUndefined();
    });

    it('are limited in number while they wait', async () => {
      for (let i = 0; i < 100; i++) await insertPreparedCall(db, call(), NOW);
      await expect(insertPreparedCall(db, call(), NOW)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      await expect(
        insertPreparedCall(db, call({ expires_at: NOW + 5000 }), NOW + 1001),
      ).resolves.toBeDefined();
    });
  });

  describe('rules', () => {
    it('are there once somebody holds them, and change as a whole', async () => {
      expect(await rulesRow(db, accountId)).toBeUndefined();
      await Promise.all([1, 2].map(() => db.transaction().execute((trx) => lockRules(trx, accountId))));
      const rules = {
        daily_limit: '5',
        allow_list_only: 1,
        next_daily_limit: null,
        next_allow_list_only: 0,
        next_effective_at: NOW,
      };
      await updateRules(db, accountId, rules);
      expect(await rulesRow(db, accountId)).toMatchObject(rules);
      expect(await db.transaction().execute((trx) => lockRules(trx, accountId))).toMatchObject(rules);
    });

    it('keep the time from which a destination is allowed when it is allowed again', async () => {
      const destination = { account_id: accountId, address: 'G', label: 'Bank', effective_at: NOW };
      await allowDestination(db, destination);
      await allowDestination(db, { ...destination, label: 'The bank', effective_at: NOW + 1 });
      expect(await allowedDestinations(db, accountId)).toMatchObject([
        { label: 'The bank', effective_at: NOW },
      ]);
      expect(await disallowDestination(db, accountId, 'G')).toBe(true);
      expect(await disallowDestination(db, accountId, 'G')).toBe(false);
      expect(await allowedDestinations(db, accountId)).toEqual([]);
    });
  });
});
