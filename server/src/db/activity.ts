// What happened to a wallet, one row each, and how far the network's events have been read for it. Rows are added
// once (the same id again changes nothing) and never change.
import type { Db } from './database.ts';
import type { ActivityTable } from './schema.ts';

export type Activity = ActivityTable;

export async function insertActivity(db: Db, row: Activity): Promise<void> {
  await db
    .insertInto('activity')
    .values(row)
    .onConflict((conflict) => conflict.columns(['wallet', 'id']).doNothing())
    .execute();
}

export async function nextLedgerOf(db: Db, wallet: string): Promise<number> {
  const row = await db
    .selectFrom('activity_cursors')
    .select('next_ledger')
    .where('wallet', '=', wallet)
    .executeTakeFirst();
  return row?.next_ledger ?? 0;
}

export async function setNextLedger(db: Db, wallet: string, nextLedger: number): Promise<void> {
  await db
    .insertInto('activity_cursors')
    .values({ wallet, next_ledger: nextLedger })
    .onConflict((conflict) => conflict.column('wallet').doUpdateSet({ next_ledger: nextLedger }))
    .execute();
}

/** Where a page ends: the position of its last row. */
export type ActivityPosition = { at: number; ledger: number; id: string };

/** Newest first, older than `before`; at most `limit`. */
export function activityPage(
  db: Db,
  wallet: string,
  before: ActivityPosition | null,
  limit: number,
): Promise<Activity[]> {
  let query = db.selectFrom('activity').selectAll().where('wallet', '=', wallet);
  if (before) {
    query = query.where((eb) =>
      eb.or([
        eb('at', '<', before.at),
        eb.and([eb('at', '=', before.at), eb('ledger', '<', before.ledger)]),
        eb.and([eb('at', '=', before.at), eb('ledger', '=', before.ledger), eb('id', '<', before.id)]),
      ]),
    );
  }
  return query.orderBy('at', 'desc').orderBy('ledger', 'desc').orderBy('id', 'desc').limit(limit).execute();
}
