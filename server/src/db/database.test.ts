import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountById, endSessions, findAccount, insertAccount } from './accounts.ts';
import { type Database, openDatabase } from './database.ts';

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

async function pragma(name: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(db);
  return rows[0]?.[name];
}

async function throwingTransaction(): Promise<void> {
  await expect(
    db.transaction().execute(async (trx) => {
      await insertAccount(trx, { id: 'other', email: 'eve@example.org' }, 1);
      throw new Error('half way');
    }),
  ).rejects.toThrow('half way');
}

describe('the database', () => {
  it('writes ahead and waits for the disk, also after a transaction', async () => {
    const FULL = 2;
    for (const step of [async () => {}, throwingTransaction]) {
      await step();
      expect(await pragma('journal_mode')).toBe('wal');
      expect(await pragma('synchronous')).toBe(FULL);
      expect(await pragma('foreign_keys')).toBe(1);
    }
  });

  it('has its rows again when the file is opened again', async () => {
    await insertAccount(db, ana, 42);
    await db.destroy();
    db = await openDatabase(url);
    expect(await findAccount(db, ana.email)).toEqual({ ...ana, session_epoch: 0, created_at: 42 });
  });

  it('has committed rows when the file is opened without having been closed', async () => {
    await db.transaction().execute((trx) => insertAccount(trx, ana, 42));
    const second = await openDatabase(url);
    expect(await findAccount(second, ana.email)).toMatchObject(ana);
    await second.destroy();
  });

  it('refuses rows of an account that does not exist', async () => {
    const wallet = { account_id: 'nobody', address: 'C', state: 'active' as const, submission_id: 's' };
    const insert = () =>
      db
        .insertInto('wallets')
        .values({ ...wallet, funding_due: 0, created_at: 1 })
        .execute();
    await expect(insert()).rejects.toThrow(/FOREIGN KEY/);
    await throwingTransaction();
    await expect(insert()).rejects.toThrow(/FOREIGN KEY/);
  });

  it('refuses a second account for the same e-mail', async () => {
    await insertAccount(db, ana, 1);
    await expect(insertAccount(db, { ...ana, id: 'second' }, 1)).rejects.toThrow(/UNIQUE/);
  });

  it('keeps times beyond 32 bits exact', async () => {
    await insertAccount(db, ana, 1_795_000_000_123);
    expect((await accountById(db, ana.id))?.created_at).toBe(1_795_000_000_123);
  });
});

describe('a transaction', () => {
  it('that throws leaves nothing', async () => {
    await throwingTransaction();
    expect(await accountById(db, 'other')).toBeUndefined();
  });

  it('whose statement is refused leaves nothing of the earlier ones', async () => {
    await expect(
      db.transaction().execute(async (trx) => {
        await insertAccount(trx, ana, 1);
        await insertAccount(trx, ana, 2);
      }),
    ).rejects.toThrow(/UNIQUE/);
    expect(await accountById(db, ana.id)).toBeUndefined();
  });

  it('that throws does not stop the next one', async () => {
    await throwingTransaction();
    await db.transaction().execute((trx) => insertAccount(trx, ana, 1));
    expect(await accountById(db, ana.id)).toMatchObject(ana);
  });

  it('runs after the one before it: no update is lost', async () => {
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

  it('shows nothing of itself to a reader before it is committed', async () => {
    await insertAccount(db, ana, 1);
    let reading: Promise<unknown> | undefined;
    await db
      .transaction()
      .execute(async (trx) => {
        await endSessions(trx, ana.id);
        reading = accountById(db, ana.id);
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw new Error('half way');
      })
      .catch(() => {});
    expect(await reading).toMatchObject({ session_epoch: 0 });
  });
});
