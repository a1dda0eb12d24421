import type { Rpc } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../db/database.ts';
import { contractId } from '../indexer/testing/events.ts';
import { requireMerchantsOf } from './databaseCheck.ts';
import { insertMerchantRow } from './testing/merchantRows.ts';

describe('a database with merchants', () => {
  let db: Database;
  let found: number;
  let asked: number;
  let warnings: string[];

  beforeEach(async () => {
    db = await openDatabase(':memory:');
    [found, asked, warnings] = [0, 0, []];
  });
  afterEach(() => db.destroy());

  const rpc = {
    url: 'http://node',
    async call(_: string, { keys }: { keys: string[] }) {
      asked = keys.length;
      const entries = keys.slice(0, found).map((key) => ({ key, xdr: '', lastModifiedLedgerSeq: 1 }));
      return { entries, latestLedger: 1 };
    },
  } as unknown as Rpc;
  const check = () =>
    requireMerchantsOf(
      db,
      { rpc, name: 'testnet' },
      pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
    );

  it('is taken without any, and when one of their accounts is found', async () => {
    await check();
    for (const id of ['a', 'b', 'c']) await insertMerchantRow(db, id);
    found = 1;
    await check();
    expect(asked).toBe(3);
    expect(warnings).toEqual([]);
  });

  it('is of another network when none of their accounts is found', async () => {
    await insertMerchantRow(db, 'a');
    await expect(check()).rejects.toMatchObject({ name: 'UnusableDatabase' });
  });

  it('whose merchants are all on the other network is not looked at', async () => {
    await insertMerchantRow(db, 'a', { network: 'mainnet' });
    await check();
    expect(asked).toBe(0);
  });

  it('starts with a warning where there are smart wallets only and none is found: they may be archived', async () => {
    await insertMerchantRow(db, 'a', { smartWallet: contractId(1) });
    await db.updateTable('merchant_settlement_keys').set({ status: 'self-custody' }).execute();
    await check();
    expect(warnings).toHaveLength(1);
    found = 1;
    await check();
    expect(warnings).toHaveLength(1);
  });
});
