// Opens the database and brings its schema up to date. libSQL: "file:…" or ":memory:".
// Durability: write-ahead log with synchronous=FULL, because a row that says "sent" is the only memory of an
// envelope on its way; a commit that was answered survives a power cut, at the price of one fsync.
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { Kysely, Migrator, type Transaction } from 'kysely';
import { libsqlDialect } from './libsqlDialect.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** The database, or a transaction on it: what every table module takes. */
export type Db = Kysely<Tables> | Transaction<Tables>;
export type Database = Kysely<Tables>;

/** The database belongs to another network or to another release: waiting does not mend that. */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';
}

/** The path behind "file:…"; a relative one starts at the working directory. */
export function databaseFile(url: string): string {
  return fileURLToPath(new URL(url, `file://${process.cwd()}/`));
}

export async function openDatabase(url: string): Promise<Database> {
  const client = createClient({ url, concurrency: 1, timeout: BUSY_TIMEOUT_MS });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = FULL');
  await client.execute('PRAGMA foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: libsqlDialect(client) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
