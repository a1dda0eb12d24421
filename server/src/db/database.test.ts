import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountById, findAccount, insertAccount } from './accounts.ts';
import { challengeSuite } from './challenges.suite.ts';
import { type Database, openDatabase } from './database.ts';
import { databaseSuite } from './db.suite.ts';

let dir: string;
let url: string;
let db: Database;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latchkey-database-'));
  url = pathToFileURL(join(dir, 'latchkey.db')).href;
  db = await openDatabase(url);
});
afterEach(async () => {
  await db.destroy();
  await rm(dir, { recursive: true, force: true });
});

const ana = { id: 'account', email: 'ana@example.org' };

// Only one process at a time writes a libSQL file: its two servers are one.
databaseSuite('libSQL', async () => ({ one: db, other: db, close: async () => {} }));
challengeSuite('challenges on libSQL', () => openDatabase(':memory:'));

async function pragma(name: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(db);
  return rows[0]?.[name];
}

async function throwingTransaction(): Promise<void> {
  const half = db.transaction().execute(async (trx) => {
    await insertAccount(trx, { id: 'other', email: 'eve@example.org' }, 1);
    throw new Error('half way');
  });
  await expect(half).rejects.toThrow('half way');
}

describe('a libSQL file', () => {
  it('is written ahead and waited for, also after a transaction', async () => {
    const FULL = 2;
    for (const step of [async () => {}, throwingTransaction]) {
      await step();
      expect(await pragma('journal_mode')).toBe('wal');
      expect(await pragma('synchronous')).toBe(FULL);
      expect(await pragma('foreign_keys')).toBe(1);
    }
  });

  it('has its rows again when it is opened again', async () => {
    await insertAccount(db, ana, 42);
    await db.destroy();
    db = await openDatabase(url);
    expect(await findAccount(db, ana.email)).toEqual({ ...ana, session_epoch: 0, created_at: 42 });
  });

  it('has committed rows when it is opened without having been closed', async () => {
    await db.transaction().execute((trx) => insertAccount(trx, ana, 42));
    const second = await openDatabase(url);
    expect(await findAccount(second, ana.email)).toMatchObject(ana);
    await second.destroy();
  });

  it('is made with its folder', async () => {
    const deep = await openDatabase(pathToFileURL(join(dir, 'a', 'b', 'latchkey.db')).href);
    await insertAccount(deep, ana, 42);
    await deep.destroy();
  });

  it('runs one transaction after the other', async () => {
    await insertAccount(db, ana, 1);
    const inside: string[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        db.transaction().execute(async (trx) => {
          inside.push(`${name} in`);
          const epoch = (await accountById(trx, ana.id))!.session_epoch;
          await new Promise((resolve) => setTimeout(resolve, 5));
          await trx
            .updateTable('accounts')
            .set({ session_epoch: epoch + 1 })
            .execute();
          inside.push(`${name} out`);
        }),
      ),
    );
    expect((await accountById(db, ana.id))?.session_epoch).toBe(4);
    expect(inside).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out', 'd in', 'd out']);
  });
});
