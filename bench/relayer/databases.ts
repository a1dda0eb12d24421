// The databases that the indexer is measured on: a libSQL file as the smallest installation has it, and PostgreSQL where
// its server programs are on this machine; elsewhere that is said, and its figures are left out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Database, openDatabase } from '../../server/src/db/database.ts';
import { missingPostgres, startPostgres } from '../../server/src/testing/postgresServer.ts';
import type { Progress } from '../figure.ts';

export async function onLibsql<T>(measure: (db: Database) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const db = await openDatabase(pathToFileURL(join(dir, 'bench.db')).href);
  try {
    return await measure(db);
  } finally {
    await db.destroy();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Null where this machine has no PostgreSQL. */
export async function onPostgres<T>(
  progress: Progress,
  measure: (db: Database) => Promise<T>,
): Promise<T | null> {
  if (missingPostgres !== null) {
    progress(`relayer: no figures for PostgreSQL: ${missingPostgres.replace('tests', 'they')}`);
    return null;
  }
  const server = await startPostgres();
  try {
    const db = await openDatabase(await server.createDatabase());
    try {
      return await measure(db);
    } finally {
      await db.destroy();
    }
  } finally {
    await server.stop();
  }
}
