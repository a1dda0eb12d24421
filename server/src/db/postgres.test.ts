import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../testing/postgresServer.ts';
import { accountById, insertAccount } from './accounts.ts';
import { challengeSuite } from './challenges.suite.ts';
import { openDatabase } from './database.ts';
import { databaseSuite } from './db.suite.ts';
import { isDatabaseAway } from './refusals.ts';

const ana = { id: 'account', email: 'ana@example.org' };

describeWith(missingPostgres)('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  const openNew = async () => openDatabase(await server.createDatabase());

  databaseSuite('with two servers', async () => {
    const url = await server.createDatabase();
    const [one, other] = [await openDatabase(url), await openDatabase(url)];
    return { one, other, close: async () => void (await Promise.all([one.destroy(), other.destroy()])) };
  });
  challengeSuite('challenges', openNew);

  it('gets its schema once from servers that start together', async () => {
    const url = await server.createDatabase();
    const servers = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)));
    await insertAccount(servers[0]!, ana, 1);
    expect(await accountById(servers[3]!, ana.id)).toMatchObject(ana);
    await Promise.all(servers.map((it) => it.destroy()));
  });

  it('refuses to read an integer that a number cannot hold', async () => {
    const db = await openNew();
    const read = (text: string) => sql<{ n: number }>`select ${sql.raw(text)}::bigint as n`.execute(db);
    expect((await read('9007199254740991')).rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
    await expect(read('9007199254740993')).rejects.toThrow(RangeError);
    await db.destroy();
  });

  it('whose connections break loses the open transaction, and nothing else', async () => {
    const lost: Error[] = [];
    const url = await server.createDatabase();
    const db = await openDatabase({ url, onLostConnection: (error) => lost.push(error) });
    await insertAccount(db, ana, 1);
    const broken = db.transaction().execute(async (trx) => {
      await insertAccount(trx, { id: 'half', email: 'half@example.org' }, 1);
      await server.dropConnections();
      await insertAccount(trx, { id: 'way', email: 'way@example.org' }, 1);
    });
    expect(isDatabaseAway(await broken.catch((error) => error))).toBe(true);
    expect(await accountById(db, ana.id)).toMatchObject(ana);
    expect(await accountById(db, 'half')).toBeUndefined();

    await server.dropConnections();
    await expect.poll(() => lost.length).toBeGreaterThan(0);
    expect(await accountById(db, ana.id)).toMatchObject(ana);
    await db.destroy();
  });

  it('that is not there, or stops in the middle, is away and no more', async () => {
    const isAway = (work: Promise<unknown>) => work.then(() => null).catch(isDatabaseAway);
    const stopping = await startPostgres();
    const url = await stopping.createDatabase();
    const db = await openDatabase(url);
    const asleep = sql`select pg_sleep(10)`.execute(db);
    const outcome = isAway(asleep);
    await sql`select 1`.execute(db);
    await stopping.stop();
    expect(await outcome).toBe(true);
    expect(await isAway(accountById(db, ana.id))).toBe(true);
    expect(await isAway(openDatabase(url))).toBe(true);
    await db.destroy();
    expect(await isAway(openDatabase('postgres://latchkey@127.0.0.1:9/latchkey'))).toBe(true);
    const here = await openNew();
    expect(await isAway(sql`select * from nothing`.execute(here))).toBe(false);
    await here.destroy();
  });

  it('bounds a statement, and what a server holds that hangs in a transaction', async () => {
    const db = await openNew();
    for (const name of ['statement_timeout', 'idle_in_transaction_session_timeout']) {
      const { rows } = await sql`select current_setting(${name}) as bound`.execute(db);
      expect(rows).toEqual([{ bound: '30s' }]);
    }
    await db.destroy();
  });
});
