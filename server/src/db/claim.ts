// Work rows shared by several server processes. A claim is one statement that finds due rows and marks them (with a lease,
// a state) at once. On PostgreSQL rows that another process is claiming right now are passed over; libSQL has one writer
// at a time, so nothing else is claiming there.
import type { SelectQueryBuilder } from 'kysely';
import { PostgresAdapter } from 'kysely';
import type { Db } from './database.ts';

export function isPostgres(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * The rows of `query` that nobody else is claiming, locked until the statement or transaction ends. Put it into a
 * materialised `with`, so that its limit is applied once, and change what it found in the same statement.
 */
export function unclaimed<DB, TB extends keyof DB, O>(
  db: Db,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return isPostgres(db) ? query.forUpdate().skipLocked() : query;
}
