// Opens the database and brings its schema up to date. libSQL: "file:…" or ":memory:", or by network ("libsql://…", Turso
// and sqld) with or without a local replica that answers reads; PostgreSQL: "postgres://…", which several server
// processes may share.
// Durability: libSQL files have a write-ahead log with synchronous=FULL, because a row that says "sent" is the only
// memory of an envelope on its way; a commit that was answered survives a power cut, at the price of one fsync.
// PostgreSQL does so by its defaults (fsync and synchronous_commit on), which are not checked here.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { Kysely, Migrator, type Transaction } from 'kysely';
import { libsqlDialect } from './libsqlDialect.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

const BUSY_TIMEOUT_MS = 5_000;
/** A replica sees other servers' commits this late at most, and its own at once. */
const REPLICA_SYNC_SECONDS = 1;

/** The database, or a transaction on it: what every table module takes. */
export type Db = Kysely<Tables> | Transaction<Tables>;
export type Database = Kysely<Tables>;

/** Where the rows are. Neither URL nor token may reach a log: both may hold a password. */
export type DatabaseSettings = {
  url: string;
  /** for libSQL by network */
  authToken?: string | null;
  /** "file:…" of the local copy of a libSQL database that is read by network otherwise */
  replicaUrl?: string | null;
  /** told of connections to PostgreSQL that broke */
  onLostConnection?: (error: Error) => void;
};

/** The database belongs to another network or to another release: waiting does not mend that. */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';
}

/** The path behind "file:…", or null where the rows are elsewhere; a relative one starts at the working directory. */
export function databaseFile(url: string): string | null {
  return url.startsWith('file:') ? fileURLToPath(new URL(url, `file://${process.cwd()}/`)) : null;
}

function makeFolderOf(url: string): void {
  const file = databaseFile(url);
  if (file !== null) mkdirSync(dirname(file), { recursive: true });
}

async function libsqlFile(url: string): Promise<Client> {
  makeFolderOf(url);
  const client = createClient({ url, concurrency: 1, timeout: BUSY_TIMEOUT_MS });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = FULL');
  await client.execute('PRAGMA foreign_keys = ON');
  // A deleted seed leaves no trace in the file: purge.ts.
  await client.execute('PRAGMA secure_delete = ON');
  return client;
}

/** The server decides about its files; foreign keys are on there by default. */
async function libsqlByNetwork({ url, authToken, replicaUrl }: DatabaseSettings): Promise<Client> {
  const token = authToken ? { authToken } : {};
  if (!replicaUrl) return createClient({ url, concurrency: 1, ...token });
  makeFolderOf(replicaUrl);
  const client = createClient({
    url: replicaUrl,
    syncUrl: url,
    syncInterval: REPLICA_SYNC_SECONDS,
    readYourWrites: true,
    concurrency: 1,
    ...token,
  });
  await client.sync();
  return client;
}

function libsqlClient(settings: DatabaseSettings): Promise<Client> {
  const { url } = settings;
  const isLocal = url === ':memory:' || url.startsWith('file:');
  return isLocal ? libsqlFile(url) : libsqlByNetwork(settings);
}

async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function openPostgres(url: string, onLostConnection: (error: Error) => void): Promise<Database> {
  // Loaded only where it is used: it takes 10 MB.
  const { postgresDialect } = await import('./postgresDialect.ts');
  const connect = (work: 'queries' | 'migration') =>
    new Kysely<Tables>({ dialect: postgresDialect(url, work, onLostConnection) });
  const migrating = connect('migration');
  await migrate(migrating).finally(() => migrating.destroy());
  return connect('queries');
}

export async function openDatabase(where: string | DatabaseSettings): Promise<Database> {
  const settings = typeof where === 'string' ? { url: where } : where;
  if (/^postgres(ql)?:/.test(settings.url)) {
    return openPostgres(settings.url, settings.onLostConnection ?? (() => {}));
  }
  const db = new Kysely<Tables>({ dialect: libsqlDialect(await libsqlClient(settings)) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
