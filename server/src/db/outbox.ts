// Mail that has to be sent: written in the transaction that made it necessary, sent afterwards, tried again when the
// mail server is away, and given up after a day. A row is gone once its mail was handed over. Whoever sends one claims it
// first, for a while: of several servers one sends it, and if that one dies another does, perhaps a second time.
import { randomUUID } from 'node:crypto';
import { unclaimed } from './claim.ts';
import type { Db } from './database.ts';
import type { OutboxTable } from './schema.ts';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 3_600_000;
const MAX_TRIES = 30;
/** Longer than any mail server is waited for. */
const CLAIM_MS = 5 * 60_000;

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

/** The mail that is due longest, which nobody else gets now; undefined when none is due. */
export function claimDueMail(db: Db, nowMs: number): Promise<OutboxMail | undefined> {
  return db
    .with(
      (cte) => cte('due').materialized(),
      (qb) =>
        unclaimed(
          db,
          qb
            .selectFrom('outbox')
            .select('id')
            .where('not_before', '<=', nowMs)
            .orderBy('not_before')
            .limit(1),
        ),
    )
    .updateTable('outbox')
    .set({ not_before: nowMs + CLAIM_MS })
    .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
    .returningAll()
    .executeTakeFirst();
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
