// What came to and left merchants' settlement addresses, and how far each network was read for it. Rows are added once
// (the same event again changes nothing) and never change; the cursor moves only from where it was seen to be, so
// that of two processes that read the same ledgers one stores them and the other one's transaction is undone.
import type { Db } from './database.ts';
import { CursorMoved } from './indexerCursor.ts';
import type { NetworkName, SettlementGapsTable, SettlementPaymentsTable } from './settlementTables.ts';

export type PaymentRow = SettlementPaymentsTable;
export type PaymentGap = SettlementGapsTable;

/** Both databases take more values in one statement, but not without limit. */
const ADDRESSES_PER_QUERY = 400;

export type AddressOwner = { account_id: string; address: string };

/** Which of these addresses are merchants' on this network. */
export async function ownersOf(db: Db, network: NetworkName, addresses: string[]): Promise<AddressOwner[]> {
  const found: AddressOwner[] = [];
  for (let at = 0; at < addresses.length; at += ADDRESSES_PER_QUERY) {
    const some = addresses.slice(at, at + ADDRESSES_PER_QUERY);
    for (const column of ['address', 'smart_wallet_address'] as const) {
      const rows = await db
        .selectFrom('merchant_settlement_keys')
        .select(['account_id', `${column} as address`])
        .where('network', '=', network)
        .where(column, 'in', some)
        .execute();
      for (const { account_id, address } of rows) if (address !== null) found.push({ account_id, address });
    }
  }
  return found;
}

/** False when it was there already. */
export async function insertPayment(trx: Db, row: PaymentRow): Promise<boolean> {
  const result = await trx
    .insertInto('settlement_payments')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'network', 'event_id', 'direction']).doNothing(),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function paymentCursor(db: Db, network: NetworkName): Promise<number | undefined> {
  const row = await db
    .selectFrom('settlement_cursors')
    .select('next_ledger')
    .where('network', '=', network)
    .executeTakeFirst();
  return row?.next_ledger;
}

/** Where to begin; changes nothing where there is a cursor already. */
export async function beginPaymentCursor(db: Db, network: NetworkName, nextLedger: number): Promise<void> {
  await db
    .insertInto('settlement_cursors')
    .values({ network, next_ledger: nextLedger })
    .onConflict((conflict) => conflict.column('network').doNothing())
    .execute();
}

/** @throws CursorMoved */
export async function movePaymentCursor(
  trx: Db,
  network: NetworkName,
  from: number,
  to: number,
): Promise<void> {
  const result = await trx
    .updateTable('settlement_cursors')
    .set({ next_ledger: to })
    .where('network', '=', network)
    .where('next_ledger', '=', from)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new CursorMoved();
}

export async function insertPaymentGap(trx: Db, gap: PaymentGap): Promise<void> {
  await trx
    .insertInto('settlement_gaps')
    .values(gap)
    .onConflict((conflict) => conflict.columns(['network', 'from_ledger']).doNothing())
    .execute();
}

export function paymentGaps(db: Db, network: NetworkName): Promise<PaymentGap[]> {
  return db
    .selectFrom('settlement_gaps')
    .selectAll()
    .where('network', '=', network)
    .orderBy('from_ledger')
    .execute();
}

/** Ledgers from `from` to before `to` of the gap were read. @throws CursorMoved when somebody else did that */
export async function shrinkPaymentGap(trx: Db, gap: PaymentGap, from: number, to: number): Promise<void> {
  const removed = await trx
    .deleteFrom('settlement_gaps')
    .where('network', '=', gap.network)
    .where('from_ledger', '=', gap.from_ledger)
    .executeTakeFirst();
  if (removed.numDeletedRows !== 1n) throw new CursorMoved();
  if (from > gap.from_ledger) await insertPaymentGap(trx, { ...gap, to_ledger: from - 1 });
  if (to <= gap.to_ledger) await insertPaymentGap(trx, { ...gap, from_ledger: to });
}

/** Where a page ends: the position of its last row. */
export type PaymentPosition = Pick<PaymentRow, 'event_id' | 'direction'>;

/** Newest first, older than `before`; at most `limit`. */
export function paymentPage(
  db: Db,
  accountId: string,
  network: NetworkName,
  before: PaymentPosition | null,
  limit: number,
): Promise<PaymentRow[]> {
  let query = paymentsOf(db, accountId, network);
  if (before) {
    const { event_id, direction } = before;
    query = query.where((eb) =>
      eb.or([
        eb('event_id', '<', event_id),
        eb.and([eb('event_id', '=', event_id), eb('direction', '<', direction)]),
      ]),
    );
  }
  return query.orderBy('event_id', 'desc').orderBy('direction', 'desc').limit(limit).execute();
}

/** Oldest first, after a position. */
export function paymentsAfter(
  db: Db,
  accountId: string,
  network: NetworkName,
  after: PaymentPosition | null,
  limit: number,
): Promise<PaymentRow[]> {
  let query = paymentsOf(db, accountId, network);
  if (after) {
    const { event_id, direction } = after;
    query = query.where((eb) =>
      eb.or([
        eb('event_id', '>', event_id),
        eb.and([eb('event_id', '=', event_id), eb('direction', '>', direction)]),
      ]),
    );
  }
  return query.orderBy('event_id').orderBy('direction').limit(limit).execute();
}

function paymentsOf(db: Db, accountId: string, network: NetworkName) {
  return db
    .selectFrom('settlement_payments')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('network', '=', network);
}

/** Those of these transactions that are withdrawals that the merchant asked us for. */
export async function withdrawalHashes(db: Db, accountId: string, hashes: string[]): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await db
    .selectFrom('withdrawals')
    .innerJoin('submissions', 'submissions.id', 'withdrawals.submission_id')
    .select(['submissions.hash', 'withdrawals.found_hash'])
    .where('withdrawals.account_id', '=', accountId)
    .where((eb) => eb.or([eb('submissions.hash', 'in', hashes), eb('withdrawals.found_hash', 'in', hashes)]))
    .execute();
  return new Set(rows.flatMap(({ hash, found_hash }) => [hash ?? [], found_hash ?? []].flat()));
}

/** Every address that is or was the merchant's, on one network or on all. */
export async function addressesOf(db: Db, accountId: string, network?: NetworkName): Promise<Set<string>> {
  let query = db
    .selectFrom('merchant_settlement_keys')
    .select(['address', 'smart_wallet_address'])
    .where('account_id', '=', accountId);
  if (network !== undefined) query = query.where('network', '=', network);
  const rows = await query.execute();
  return new Set(rows.flatMap((row) => [row.address, row.smart_wallet_address ?? row.address]));
}

/** Of each of these merchants where it is and which sessions count, and the event of the newest payment there. */
export async function newestPayments(
  db: Db,
  accountIds: string[],
): Promise<{ accountId: string; network: NetworkName; sessionEpoch: number; eventId: string | null }[]> {
  // One step in the primary key's index for each, however many payments there are.
  return db
    .selectFrom('merchants as k')
    .select((eb) => [
      'k.account_id as accountId',
      'k.network as network',
      'k.session_epoch as sessionEpoch',
      eb
        .selectFrom('settlement_payments as p')
        .select((inner) => inner.fn.max('p.event_id').as('newest'))
        .whereRef('p.account_id', '=', 'k.account_id')
        .whereRef('p.network', '=', 'k.network')
        .as('eventId'),
    ])
    .where('k.account_id', 'in', accountIds)
    .execute();
}
