// How far the network has been read: one row. It moves only from where it was seen to be, so that of two processes that
// read the same ledgers one stores them and the other one's transaction is undone.
import type { Db } from './database.ts';
import type { IndexerCursorTable, IndexerGapsTable, IndexerStatus } from './indexerSchema.ts';

export type IndexerCursor = IndexerCursorTable;

export const CURSOR_ID = 'events';

/** Another process has moved the cursor meanwhile. */
export class CursorMoved extends Error {
  override readonly name = 'CursorMoved';
}

export function indexerCursor(db: Db): Promise<IndexerCursor | undefined> {
  return db.selectFrom('indexer_cursor').selectAll().where('id', '=', CURSOR_ID).executeTakeFirst();
}

/** Where to begin; changes nothing where there is a cursor already. */
export async function beginCursor(db: Db, nextLedger: number): Promise<void> {
  await db
    .insertInto('indexer_cursor')
    .values({
      id: CURSOR_ID,
      next_ledger: nextLedger,
      anchor_ledger: null,
      anchor_hash: null,
      status: 'following',
      status_text: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** @throws CursorMoved */
export async function moveCursor(
  db: Db,
  from: number,
  to: number,
  status: 'following' | 'filling' = 'following',
): Promise<void> {
  const result = await db
    .updateTable('indexer_cursor')
    .set({
      next_ledger: to,
      status,
      ...(status === 'following' ? { status_text: null } : {}),
    })
    .where('id', '=', CURSOR_ID)
    .where('next_ledger', '=', from)
    .where('status', status === 'filling' ? '=' : '!=', 'filling')
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new CursorMoved();
}

export async function setAnchor(db: Db, ledger: number, hash: string): Promise<void> {
  await db
    .updateTable('indexer_cursor')
    .set({ anchor_ledger: ledger, anchor_hash: hash })
    .where('id', '=', CURSOR_ID)
    .execute();
}

/** Changes nothing while a gap is being filled. */
export async function setIndexerStatus(
  db: Db,
  status: Exclude<IndexerStatus, 'filling'>,
  text: string | null,
): Promise<void> {
  await db
    .updateTable('indexer_cursor')
    .set({ status, status_text: text })
    .where('id', '=', CURSOR_ID)
    .where('status', '!=', 'filling')
    .execute();
}

/** From here on only whoever fills the gap moves the cursor. */
export async function beginFilling(db: Db, fromLedger: number, text: string): Promise<void> {
  await db
    .updateTable('indexer_cursor')
    .set({ next_ledger: fromLedger, status: 'filling', status_text: text })
    .where('id', '=', CURSOR_ID)
    .execute();
}

export async function endFilling(db: Db): Promise<void> {
  await db
    .updateTable('indexer_cursor')
    .set({ status: 'following', status_text: null })
    .where('id', '=', CURSOR_ID)
    .where('status', '=', 'filling')
    .execute();
}

export async function insertGap(db: Db, gap: IndexerGapsTable): Promise<void> {
  await db
    .insertInto('indexer_gaps')
    .values(gap)
    .onConflict((conflict) => conflict.column('from_ledger').doNothing())
    .execute();
}

export function indexerGaps(db: Db): Promise<IndexerGapsTable[]> {
  return db.selectFrom('indexer_gaps').selectAll().orderBy('from_ledger').execute();
}

/** Forgets all that can be read from the network again; webhook endpoints stay and begin anew. */
export async function clearIndex(db: Db): Promise<void> {
  for (const table of [
    'indexed_before',
    'webhook_retries',
    'wallet_balances',
    'wallet_events',
    'pending_recoveries',
    'indexed_signers',
    'indexed_wallets',
    'indexer_gaps',
    'indexer_cursor',
  ] as const) {
    await db.deleteFrom(table).execute();
  }
  await db.updateTable('webhook_endpoints').set({ position: '', position_wallet: '' }).execute();
}
