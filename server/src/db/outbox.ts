// Mail that has to be sent: written in the transaction that made it necessary, sent afterwards, tried again when the
// mail server is away, and given up after a day. A row is gone once its mail was handed over.
import { randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import type { OutboxTable } from './schema.ts';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 3_600_000;
const MAX_TRIES = 30;
const BATCH = 20;

export type OutboxMail = OutboxTable;

export async function insertMail(
  db: Db,
  mail: Pick<OutboxMail, 'account_id' | 'kind' | 'subject' | 'text'>,
): Promise<void> {
  await db
    .insertInto('outbox')
    .values({ ...mail, id: randomUUID(), tries: 0, not_before: 0 })
    .execute();
}

export function dueMail(db: Db, nowMs: number): Promise<OutboxMail[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('not_before', '<=', nowMs)
    .orderBy('not_before')
    .limit(BATCH)
    .execute();
}

export async function removeMail(db: Db, id: string): Promise<void> {
  await db.deleteFrom('outbox').where('id', '=', id).execute();
}

/** Puts the mail off; true when it was given up instead and is gone. */
export async function mailFailed(db: Db, mail: OutboxMail, nowMs: number): Promise<boolean> {
  if (mail.tries + 1 >= MAX_TRIES) {
    await removeMail(db, mail.id);
    return true;
  }
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** mail.tries, LONGEST_RETRY_MS);
  await db
    .updateTable('outbox')
    .set({ tries: mail.tries + 1, not_before: nowMs + delayMs })
    .where('id', '=', mail.id)
    .execute();
  return false;
}
