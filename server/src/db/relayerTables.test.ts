import { createClient } from '@libsql/client';
import { Kysely, Migrator, sql } from 'kysely';
import { expect, it } from 'vitest';
import { libsqlDialect } from './libsqlDialect.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

const BEFORE = '2026-11-21-first';

async function databaseBefore() {
  const client = createClient({ url: ':memory:', concurrency: 1 });
  await client.execute('PRAGMA foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: libsqlDialect(client) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateTo(BEFORE);
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
