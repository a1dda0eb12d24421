// Withdrawals from merchants' settlement wallets: a row for each that was submitted, made in the transaction that puts its
// submission in the queue. State goes pending -> confirmed, failed or unknown, by the submission's effect, and unknown -> confirmed or
// failed by what was read of the network. Whoever adds one holds
// the merchant's row (`lockSettlement`), so that what limits and migrations look at does not change under them.
import type { Db } from './database.ts';
import type { MerchantSettlementKeysTable, NetworkName, WithdrawalsTable } from './settlementTables.ts';

/** Longer than a signature lives. */
const UNKNOWN_RESERVED_MS = 3_600_000;

export type Withdrawal = WithdrawalsTable;

/** With what is known of its transaction. */
export type WithdrawalWithOutcome = Withdrawal & {
  hash: string | null;
  ledger: number | null;
  error_code: string | null;
  error_message: string | null;
};

/** Where a page ends: the position of its last row. */
export type WithdrawalPosition = { createdAt: number; id: string };

/** Holds the merchant's row on this network until the transaction ends; undefined when there is none. */
export function lockSettlement(
  trx: Db,
  accountId: string,
  network: NetworkName,
): Promise<MerchantSettlementKeysTable | undefined> {
  return trx
    .updateTable('merchant_settlement_keys')
    .set((eb) => ({ updated_at: eb.ref('updated_at') }))
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .returningAll()
    .executeTakeFirst();
}

export async function insertWithdrawal(
  trx: Db,
  withdrawal: Omit<Withdrawal, 'found_event' | 'found_hash'>,
): Promise<void> {
  await trx
    .insertInto('withdrawals')
    .values({ ...withdrawal, found_event: null, found_hash: null })
    .execute();
}

function withOutcome(db: Db, accountId: string) {
  return db
    .selectFrom('withdrawals')
    .innerJoin('submissions', 'submissions.id', 'withdrawals.submission_id')
    .selectAll('withdrawals')
    .select(['submissions.hash', 'submissions.ledger', 'submissions.error_code', 'submissions.error_message'])
    .where('withdrawals.account_id', '=', accountId);
}

export function withdrawalById(
  db: Db,
  accountId: string,
  id: string,
): Promise<WithdrawalWithOutcome | undefined> {
  return withOutcome(db, accountId).where('withdrawals.id', '=', id).executeTakeFirst();
}

export function withdrawalOfSubmission(
  db: Db,
  accountId: string,
  submissionId: string,
): Promise<WithdrawalWithOutcome | undefined> {
  return withOutcome(db, accountId).where('submissions.id', '=', submissionId).executeTakeFirst();
}

/** The one that a merchant asked for under this Idempotency-Key. */
export function withdrawalByKey(
  db: Db,
  accountId: string,
  idempotencyKey: string,
): Promise<Withdrawal | undefined> {
  return db
    .selectFrom('withdrawals')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
}

/** Newest first, older than `before`. */
export function withdrawalsPage(
  db: Db,
  accountId: string,
  network: NetworkName,
  before: WithdrawalPosition | null,
  limit: number,
): Promise<WithdrawalWithOutcome[]> {
  let query = withOutcome(db, accountId).where('withdrawals.network', '=', network);
  if (before) {
    query = query.where((eb) =>
      eb.or([
        eb('withdrawals.created_at', '<', before.createdAt),
        eb.and([eb('withdrawals.created_at', '=', before.createdAt), eb('withdrawals.id', '<', before.id)]),
      ]),
    );
  }
  return query
    .orderBy('withdrawals.created_at', 'desc')
    .orderBy('withdrawals.id', 'desc')
    .limit(limit)
    .execute();
}

/** What left the wallet since then, or may have. */
export async function withdrawnSince(
  db: Db,
  accountId: string,
  network: NetworkName,
  sinceMs: number,
): Promise<bigint> {
  const rows = await db
    .selectFrom('withdrawals')
    .select('amount')
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .where('created_at', '>', sinceMs)
    .where('state', '!=', 'failed')
    .execute();
  return rows.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

/** What will leave the wallet, may leave it yet, or left it after `readAtMs`: what a balance read then still holds. */
export async function reservedAmount(
  trx: Db,
  accountId: string,
  network: NetworkName,
  readAtMs: number,
): Promise<bigint> {
  const rows = await trx
    .selectFrom('withdrawals')
    .innerJoin('submissions', 'submissions.id', 'withdrawals.submission_id')
    .select('withdrawals.amount')
    .where('withdrawals.account_id', '=', accountId)
    .where('withdrawals.network', '=', network)
    .where((eb) =>
      eb.or([
        eb('withdrawals.state', '=', 'pending'),
        eb.and([
          eb('withdrawals.state', '=', 'unknown'),
          eb('withdrawals.created_at', '>', readAtMs - UNKNOWN_RESERVED_MS),
        ]),
        eb.and([eb('withdrawals.state', '=', 'confirmed'), eb('submissions.updated_at', '>=', readAtMs)]),
      ]),
    )
    .execute();
  return rows.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

export async function pendingWithdrawals(db: Db, accountId: string, network: NetworkName): Promise<number> {
  const { count } = await db
    .selectFrom('withdrawals')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Out of pending; undefined when the submission is of no withdrawal, or was settled before. */
export function settleWithdrawal(
  trx: Db,
  submissionId: string,
  state: Exclude<Withdrawal['state'], 'pending'>,
): Promise<Withdrawal | undefined> {
  return trx
    .updateTable('withdrawals')
    .set({ state })
    .where('submission_id', '=', submissionId)
    .where('state', '=', 'pending')
    .returningAll()
    .executeTakeFirst();
}
