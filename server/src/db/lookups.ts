// Questions to the indexer's tables: which wallets have a key, what happened to a wallet, what comes next in the order of
// events. Every answer is bounded.
import type { Db } from './database.ts';
import type { WalletEventRow } from './indexedWallets.ts';

export type KeyColumn = 'credential_id' | 'public_key' | 'address';

/** Signers with this key that were not removed, in the order of their wallets' addresses, after `afterWallet`. */
export function walletsWithKey(
  db: Db,
  column: KeyColumn,
  value: string,
  afterWallet: string,
  limit: number,
): Promise<{ wallet: string }[]> {
  return db
    .selectFrom('indexed_signers')
    .select('wallet')
    .distinct()
    .where(column, '=', value)
    .where('removed_at_ledger', 'is', null)
    .where('wallet', '>', afterWallet)
    .orderBy('wallet')
    .limit(limit)
    .execute();
}

/** Newest first, older than `before`; at most `limit`. */
export function walletHistory(
  db: Db,
  wallet: string,
  before: string | null,
  limit: number,
): Promise<WalletEventRow[]> {
  let query = db.selectFrom('wallet_events').selectAll().where('wallet', '=', wallet);
  if (before !== null) query = query.where('id', '<', before);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

export type EventPosition = { id: string; wallet: string };

/** What happened after a position, oldest first; of one wallet, or of all. */
export function eventsAfter(
  db: Db,
  { id, wallet: lastWallet }: EventPosition,
  wallet: string | null,
  limit: number,
): Promise<WalletEventRow[]> {
  let query = db.selectFrom('wallet_events').selectAll();
  if (wallet !== null) query = query.where('wallet', '=', wallet).where('id', '>', id);
  else {
    query = query.where((eb) =>
      eb.or([eb('id', '>', id), eb.and([eb('id', '=', id), eb('wallet', '>', lastWallet)])]),
    );
  }
  return query.orderBy('id').orderBy('wallet').limit(limit).execute();
}

export function walletEvent(db: Db, { id, wallet }: EventPosition): Promise<WalletEventRow | undefined> {
  return db
    .selectFrom('wallet_events')
    .selectAll()
    .where('wallet', '=', wallet)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The newest event's position. */
export async function lastEvent(db: Db): Promise<EventPosition> {
  const row = await db
    .selectFrom('wallet_events')
    .select(['id', 'wallet'])
    .orderBy('id', 'desc')
    .orderBy('wallet', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { id: '', wallet: '' };
}

export async function countRows(
  db: Db,
  table: 'indexed_wallets' | 'indexed_signers' | 'wallet_events',
): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
