// Questions to the indexer's tables: what happened to a wallet, what comes next in the order of
// events. Every answer is bounded.
import type { Db } from './database.ts';
import type { WalletEventRow } from './indexedWallets.ts';

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

export type IndexCounts = {
  wallets: number;
  signers: number;
  credentials: number;
  events: number;
  firstLedger: number | null;
};

/** Reads whole tables. */
export async function countIndex(db: Db): Promise<IndexCounts> {
  const wallets = await db
    .selectFrom('indexed_wallets')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.min<number | null>('deployed_at_ledger').as('first'),
    ])
    .executeTakeFirstOrThrow();
  const signers = await db
    .selectFrom('indexed_signers')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.count<number>('credential_id').distinct().as('credentials'),
    ])
    .executeTakeFirstOrThrow();
  const events = await db
    .selectFrom('wallet_events')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return {
    wallets: Number(wallets.count),
    signers: Number(signers.count),
    credentials: Number(signers.credentials),
    events: Number(events.count),
    firstLedger: wallets.first === null ? null : Number(wallets.first),
  };
}
