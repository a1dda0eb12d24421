// Makes unreadable what was deleted. In a libSQL file `secure_delete` (database.ts) overwrites deleted content with zeros as
// it is deleted, and here the write-ahead log, which holds older pages, is written back and cut to nothing. What a disk or a
// file system keeps of overwritten blocks is out of reach. libSQL by network and PostgreSQL are left to their operators: on
// PostgreSQL old row versions stay until VACUUM, and in its own log and backups as long as those are kept.
import { sql } from 'kysely';
import { isPostgres } from './claim.ts';
import type { Database } from './database.ts';

type Checkpoint = { busy: number; log: number; checkpointed: number };

/** @returns false when somebody else was reading or writing, and it has to be done again */
export async function purgeDeleted(db: Database): Promise<boolean> {
  if (isPostgres(db)) return true;
  const { rows } = await sql<Checkpoint>`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db);
  return rows[0]?.busy !== 1;
}
