import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { insertPayment } from '../db/settlementPayments.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { createMerchantEvents, type MerchantEvent, type MerchantEvents } from './events.ts';
import { insertMerchantRow } from './testing/merchantRows.ts';

const onTestnet = (accountId: string) => ({ accountId, network: 'testnet' as const, sessionEpoch: 0 });

onEveryDatabase((open) => {
  let db: Database;
  let events: MerchantEvents;
  let told: MerchantEvent[];
  let isEnded: boolean;
  const ear = {
    tell: (event: MerchantEvent) => void told.push(event),
    end: () => {
      isEnded = true;
    },
  };

  beforeEach(async () => {
    db = await open();
    events = createMerchantEvents({ db, log: pino({ level: 'silent' }), nowMs: () => 100_000 });
    told = [];
    isEnded = false;
    await insertMerchantRow(db, 'shop');
    await insertMerchantRow(db, 'other');
  });
  afterEach(() => db.destroy());

  const pay = (accountId: string, number: number) =>
    insertPayment(db, {
      ...{ account_id: accountId, network: 'testnet', direction: 'in', address: 'G', counterparty: 'C' },
      event_id: `${String(number).padStart(19, '0')}-0000000001`,
      ...{ memo: null, amount: String(number), ledger: number, at: number, hash: `hash ${number}` },
    });
  const names = () => told.map(({ name }) => name);

  describe('whoever listens', () => {
    it('is told of what comes from then on, once, in order, and of the balance after it', async () => {
      await pay('shop', 1);
      await events.listen(onTestnet('shop'), ear);
      await events.look();
      expect(told).toEqual([]);
      await pay('shop', 2);
      await pay('shop', 3);
      await pay('other', 4);
      await events.look();
      await events.look();
      expect(names()).toEqual(['payment', 'payment', 'balance']);
      expect(told.slice(0, 2).map(({ data }) => data.amount)).toEqual(['2', '3']);
    });

    it('is told of more payments than one look takes', async () => {
      await events.listen(onTestnet('shop'), ear);
      for (let i = 1; i <= 120; i++) await pay('shop', i);
      for (let i = 0; i < 4; i++) await events.look();
      const amounts = told.filter(({ name }) => name === 'payment').map(({ data }) => Number(data.amount));
      expect(amounts).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    });

    it('is told when the wallet, a migration or a withdrawal has moved on', async () => {
      await events.listen(onTestnet('shop'), ear);
      await db
        .updateTable('merchant_settlement_keys')
        .set({ status: 'upgrading', updated_at: 5 })
        .where('account_id', '=', 'shop')
        .execute();
      await events.look();
      expect(told).toMatchObject([
        { name: 'migration', data: { id: 'wallet', state: 'upgrading' } },
        { name: 'balance' },
      ]);
      await events.look();
      expect(told).toHaveLength(2);
    });

    it('is told no more once it has stopped, or everything has', async () => {
      const stop = await events.listen(onTestnet('shop'), ear);
      stop();
      await pay('shop', 1);
      await events.look();
      expect(told).toEqual([]);
      await events.listen(onTestnet('shop'), ear);
      events.close();
      expect(isEnded).toBe(true);
      await expect(events.listen(onTestnet('shop'), ear)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    });

    it('is told no more once the merchant is on another network', async () => {
      await events.listen(onTestnet('shop'), ear);
      await db
        .updateTable('merchants')
        .set({ network: 'mainnet' })
        .where('account_id', '=', 'shop')
        .execute();
      await events.look();
      expect(isEnded).toBe(true);
      expect(told).toEqual([]);
    });

    it('is told no more once the session was ended', async () => {
      await events.listen(onTestnet('shop'), ear);
      await db.updateTable('merchants').set({ session_epoch: 1 }).where('account_id', '=', 'shop').execute();
      await events.look();
      expect(isEnded).toBe(true);
    });

    it('is one of ten at most of a merchant', async () => {
      for (let i = 0; i < 10; i++) await events.listen(onTestnet('shop'), ear);
      await expect(events.listen(onTestnet('shop'), ear)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      await events.listen(onTestnet('other'), ear);
    });
  });
});
