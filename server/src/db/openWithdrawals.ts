// Withdrawals that are not accounted for: those whose outcome is unknown, and those that are known to have been paid, but
// not in which transaction. They are compared with the payments that were read of the network; a payment is taken by one
// withdrawal at most, which whoever compares them holds the merchant's row for (`lockSettlement`).
import { sql } from 'kysely';
import type { Db } from './database.ts';
import type { Withdrawal } from './withdrawals.ts';

export type OpenWithdrawal = Withdrawal & {
  /** last ledger in which what was signed could be carried out; null for operations */
  auth_expires_at_ledger: number | null;
  /** unix seconds: no later ledger included the envelope */
  valid_until_seconds: number | null;
};

export type FoundPayment = { event_id: string; hash: string; ledger: number };

/** Paid ones are looked for this long; a payment that was not read by then is in a gap. */
const LOOKED_FOR_MS = 7 * 24 * 3_600_000;

function open(db: Db, nowMs: number) {
  return db
    .selectFrom('withdrawals')
    .innerJoin('submissions', 'submissions.id', 'withdrawals.submission_id')
    .where((eb) =>
      eb.or([
        eb('withdrawals.state', '=', 'unknown'),
        eb.and([
          eb('withdrawals.state', '=', 'confirmed'),
          eb('withdrawals.found_event', 'is', null),
          eb('submissions.ledger', 'is', null),
          eb('withdrawals.created_at', '>', nowMs - LOOKED_FOR_MS),
        ]),
      ]),
    );
}

/** Some of them, in no order: a few that cannot be decided do not keep the others waiting. Those that were paid come first. */
export function openWithdrawals(db: Db, nowMs: number, limit: number): Promise<OpenWithdrawal[]> {
  return open(db, nowMs)
    .selectAll('withdrawals')
    .select(['submissions.auth_expires_at_ledger', 'submissions.valid_until_seconds'])
    .orderBy('withdrawals.state')
    .orderBy(sql`random()`)
    .limit(limit)
    .execute();
}

/** Whether another one like it was paid by a payment that is not known yet. */
export async function hasUnaccountedTwin(trx: Db, withdrawal: Withdrawal, nowMs: number): Promise<boolean> {
  const twin = await open(trx, nowMs)
    .select('withdrawals.id')
    .where('withdrawals.account_id', '=', withdrawal.account_id)
    .where('withdrawals.network', '=', withdrawal.network)
    .where('withdrawals.amount', '=', withdrawal.amount)
    .where('withdrawals.state', '=', 'confirmed')
    .where('withdrawals.id', '!=', withdrawal.id)
    .limit(1)
    .executeTakeFirst();
  return twin !== undefined;
}

/** A payment that nothing else of the merchant's accounts for. */
export function unaccountedPayment(
  trx: Db,
  { account_id, network, amount }: Withdrawal,
  to: { counterparty: string; memos: string[] | null },
  within: { ledgers: { from: number; to: number } } | { timesMs: { from: number; to: number } },
): Promise<FoundPayment | undefined> {
  const [column, range] =
    'ledgers' in within ? (['ledger', within.ledgers] as const) : (['at', within.timesMs] as const);
  return trx
    .selectFrom('settlement_payments')
    .select(['event_id', 'hash', 'ledger'])
    .where('account_id', '=', account_id)
    .where('network', '=', network)
    .where('direction', '=', 'out')
    .where('counterparty', '=', to.counterparty)
    .where((eb) => (to.memos === null ? eb('memo', 'is', null) : eb('memo', 'in', to.memos)))
    .where('amount', '=', amount)
    .where(column, '>=', range.from)
    .where(column, '<=', range.to)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('submissions')
            .select('submissions.id')
            .where('submissions.account_id', '=', account_id)
            .where('submissions.state', '=', 'confirmed')
            .whereRef('submissions.hash', '=', 'settlement_payments.hash'),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('withdrawals')
            .select('withdrawals.id')
            .where('withdrawals.account_id', '=', account_id)
            .whereRef('withdrawals.found_event', '=', 'settlement_payments.event_id'),
        ),
      ),
    )
    .orderBy('ledger')
    .orderBy('event_id')
    .limit(1)
    .executeTakeFirst();
}

/** False when somebody else has decided it. */
export async function decideWithdrawal(
  trx: Db,
  seen: Pick<Withdrawal, 'id' | 'state'>,
  paid: FoundPayment | null,
): Promise<boolean> {
  const decision = paid
    ? { state: 'confirmed' as const, found_event: paid.event_id, found_hash: paid.hash }
    : { state: 'failed' as const };
  const { numUpdatedRows } = await trx
    .updateTable('withdrawals')
    .set(decision)
    .where('id', '=', seen.id)
    .where('state', '=', seen.state)
    .where('found_event', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
