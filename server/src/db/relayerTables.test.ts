import { createClient } from '@libsql/client';
import { Kysely, Migrator, sql } from 'kysely';
import { expect, it } from 'vitest';
import { libsqlDialect } from './libsqlDialect.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

const BEFORE = '2026-11-21-first';
const BEFORE_USAGE = '2026-11-22-0200-indexer';

async function databaseBefore(migration = BEFORE) {
  const client = createClient({ url: ':memory:', concurrency: 1 });
  await client.execute('PRAGMA foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: libsqlDialect(client) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateTo(migration);
  if (error) throw error;
  return { db, migrator };
}

it('a database of before keeps its submissions and transfers', async () => {
  const { db, migrator } = await databaseBefore();
  await sql`insert into accounts values ('account', 'ana@example.org', 0, 1)`.execute(db);
  await sql`insert into submissions (id, kind, state, account_id, host_function_xdr, auth_xdr, attempts, errors,
    not_before, hash, created_at, updated_at)
    values ('row', 'transfer', 'confirmed', 'account', 'AAAA', '[]', 1, 0, 0, 'ab', 5, 6)`.execute(db);
  await sql`insert into transfers values ('row', 'C', 'G', 'C', 'XLM', 7, '12')`.execute(db);

  const { error } = await migrator.migrateToLatest();
  expect(error).toBeUndefined();
  expect(await db.selectFrom('submissions').selectAll().execute()).toEqual([
    expect.objectContaining({
      id: 'row',
      state: 'confirmed',
      account_id: 'account',
      hash: 'ab',
      created_at: 5,
      max_fee_stroops: '10000000',
      channel: null,
      bids: 0,
    }),
  ]);
  expect(await db.selectFrom('transfers').select(['submission_id', 'amount']).execute()).toEqual([
    { submission_id: 'row', amount: '12' },
  ]);
  await expect(
    sql`insert into transfers values ('none', 'C', 'G', 'C', 'XLM', 7, '12')`.execute(db),
  ).rejects.toThrow(/FOREIGN KEY/);
  await db.destroy();
});

it("a database of before keeps what its keys' submissions cost, and may still cost", async () => {
  const { db, migrator } = await databaseBefore(BEFORE_USAGE);
  const insert = (id: string, key: string, state: string, charged: string | null, createdAt: number) =>
    sql`insert into submissions (id, kind, state, api_key_id, host_function_xdr, auth_xdr, attempts, errors, not_before,
      max_fee_stroops, fee_charged_stroops, created_at, updated_at)
      values (${id}, 'call', ${state}, ${key}, 'AAAA', '[]', 1, 0, 0, '1000', ${charged}, ${createdAt}, 6)`.execute(
      db,
    );
  await insert('a', 'key', 'confirmed', '300', 600_001);
  await insert('b', 'key', 'failed', null, 600_002);
  await insert('c', 'key', 'sent', null, 1_200_000);
  await insert('d', 'other', 'queued', null, 5);

  const { error } = await migrator.migrateToLatest();
  expect(error).toBeUndefined();
  expect(await db.selectFrom('key_usage').selectAll().orderBy('starts_at').execute()).toEqual([
    { api_key_id: 'other', starts_at: 0, submissions: 1, stroops: 1_000 },
    { api_key_id: 'key', starts_at: 600_000, submissions: 2, stroops: 300 },
    { api_key_id: 'key', starts_at: 1_200_000, submissions: 1, stroops: 1_000 },
  ]);
  await db.destroy();
});
