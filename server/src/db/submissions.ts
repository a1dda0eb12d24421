// Submissions: transactions the service sponsors, as rows that are the queue. State goes queued -> sent -> confirmed
// or failed; sent -> queued only when the stored envelope can never be included. The hash is stored before sending.
// A process claims a row for a while; the claim only saves work, what holds is that every change names the row it saw.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { freeChannel, leaseChannel } from './channels.ts';
import type { Database, Db } from './database.ts';
import type { SubmissionKind, SubmissionsTable } from './schema.ts';

/** How often the next row is looked for again when another process was faster. */
const MAX_CLAIM_TRIES = 5;

export type Submission = SubmissionsTable;

export type NewSubmission = {
  id?: string;
  kind: SubmissionKind;
  /** null for a submission by API key */
  accountId: string | null;
  hostFunctionXdr: string;
  authXdr: string[];
  authExpiresAtLedger: number | null;
  maxFeeStroops: bigint;
  mayRestore: boolean;
  /** of a submission by API key */
  byKey?: {
    apiKeyId: string;
    wallet: string | null;
    idempotencyKey: string | null;
    requestHash: string;
    signedXdr: string | null;
    validUntilSeconds: number | null;
  };
};

/** The row of a submission that nothing has happened to yet. */
export function queuedSubmission(submission: NewSubmission, nowMs: number): Submission {
  return {
    id: submission.id ?? randomUUID(),
    kind: submission.kind,
    state: 'queued',
    account_id: submission.accountId,
    api_key_id: submission.byKey?.apiKeyId ?? null,
    wallet: submission.byKey?.wallet ?? null,
    idempotency_key: submission.byKey?.idempotencyKey ?? null,
    request_hash: submission.byKey?.requestHash ?? null,
    host_function_xdr: submission.hostFunctionXdr,
    auth_xdr: JSON.stringify(submission.authXdr),
    auth_expires_at_ledger: submission.authExpiresAtLedger,
    signed_xdr: submission.byKey?.signedXdr ?? null,
    max_fee_stroops: String(submission.maxFeeStroops),
    may_restore: submission.mayRestore ? 1 : 0,
    channel: null,
    envelope_xdr: null,
    hash: null,
    valid_until_seconds: submission.byKey?.validUntilSeconds ?? null,
    attempts: 0,
    bids: 0,
    bid_at_ledger: null,
    claimed_until: 0,
    errors: 0,
    not_before: 0,
    ledger: null,
    ledger_closed_at: null,
    return_value_xdr: null,
    fee_charged_stroops: null,
    error_code: null,
    error_message: null,
    created_at: nowMs,
    updated_at: nowMs,
  };
}

export async function insertSubmission(db: Db, submission: NewSubmission, nowMs: number): Promise<string> {
  const row = queuedSubmission(submission, nowMs);
  await db.insertInto('submissions').values(row).execute();
  return row.id;
}

export function submissionById(db: Db, id: string): Promise<Submission | undefined> {
  return db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * The one to work on next, claimed until `claimedUntil`: what may be on its way comes before what is waiting, and of
 * what waits the oldest of whoever has least on its way. A queued one gets a channel account; without a free one only
 * those are taken that bring their own source.
 */
export async function claimSubmission(
  db: Database,
  nowMs: number,
  claimedUntil: number,
): Promise<Submission | undefined> {
  for (let attempt = 0; attempt < MAX_CLAIM_TRIES; attempt++) {
    const next = await nextSubmission(db, nowMs);
    if (!next) return undefined;
    try {
      return await db.transaction().execute((trx) => claimRow(trx, next, claimedUntil));
    } catch (error) {
      if (!(error instanceof TakenByAnother)) throw error;
    }
  }
  return undefined;
}

/** Undoes what was claimed half. */
class TakenByAnother extends Error {}

async function claimRow(trx: Db, row: Submission, claimedUntil: number): Promise<Submission> {
  const claimed = await trx
    .updateTable('submissions')
    .set({ claimed_until: claimedUntil })
    .where('id', '=', row.id)
    .where('state', '=', row.state)
    .where('claimed_until', '=', row.claimed_until)
    .executeTakeFirst();
  if (claimed.numUpdatedRows !== 1n) throw new TakenByAnother();
  const needsChannel = row.state === 'queued' && row.kind !== 'envelope' && row.channel === null;
  if (!needsChannel) return { ...row, claimed_until: claimedUntil };
  const channel = await leaseChannel(trx, row.id);
  if (channel === null) throw new TakenByAnother();
  await trx.updateTable('submissions').set({ channel }).where('id', '=', row.id).execute();
  return { ...row, claimed_until: claimedUntil, channel };
}

async function nextSubmission(db: Db, nowMs: number): Promise<Submission | undefined> {
  const waiting = (state: 'sent' | 'queued') =>
    db
      .selectFrom('submissions')
      .selectAll()
      .where('state', '=', state)
      .where('not_before', '<=', nowMs)
      .where('claimed_until', '<=', nowMs)
      .orderBy('created_at');
  const sent = await waiting('sent').limit(1).executeTakeFirst();
  if (sent) return sent;
  const hasNoChannel = !(await freeChannel(db));
  const queued = hasNoChannel
    ? waiting('queued').where((eb) => eb.or([eb('kind', '=', 'envelope'), eb('channel', 'is not', null)]))
    : waiting('queued');
  const owners = await queued.clearSelect().clearOrderBy().select('api_key_id').distinct().execute();
  if (owners.length === 0) return undefined;
  const onTheWay = await db
    .selectFrom('submissions')
    .select((eb) => ['api_key_id', eb.fn.countAll<number>().as('count')])
    .where('state', 'in', ['queued', 'sent'])
    .where('claimed_until', '>', nowMs)
    .groupBy('api_key_id')
    .execute();
  const load = new Map(onTheWay.map((it) => [it.api_key_id, Number(it.count)]));
  const loads = owners.map((it) => ({ owner: it.api_key_id, load: load.get(it.api_key_id) ?? 0 }));
  const { owner } = loads.reduce((least, it) => (it.load < least.load ? it : least));
  return queued
    .where('api_key_id', owner === null ? 'is' : '=', owner)
    .limit(1)
    .executeTakeFirst();
}

/** For a process that is alone on its database: whoever claimed rows before it is no more. */
export async function endClaims(db: Db): Promise<void> {
  await db
    .updateTable('submissions')
    .set({ claimed_until: 0 })
    .where('state', 'in', ['queued', 'sent'])
    .execute();
}

export async function renewClaims(db: Db, ids: string[], claimedUntil: number): Promise<void> {
  if (ids.length === 0) return;
  await db.updateTable('submissions').set({ claimed_until: claimedUntil }).where('id', 'in', ids).execute();
}

export type SubmissionChange = Partial<Omit<Submission, 'id' | 'kind' | 'account_id' | 'created_at'>>;

/** Changes the row if it still is what `row` says; false when somebody else has moved it on. */
export async function updateSubmission(
  db: Db,
  row: Submission,
  change: SubmissionChange,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('submissions')
    .set({ ...change, updated_at: nowMs })
    .where('id', '=', row.id)
    .where('state', '=', row.state)
    .where('attempts', '=', row.attempts)
    .where('bids', '=', row.bids)
    .where('errors', '=', row.errors)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** How much is waiting in all, and of one owner, and how much that owner has asked for since `sinceMs`. */
export async function submissionLoad(
  db: Db,
  owner: { accountId: string } | { apiKeyId: string },
  sinceMs: number,
): Promise<{ waiting: number; waitingOfOwner: number; ofOwner: number }> {
  const count = db.selectFrom('submissions').select((eb) => eb.fn.countAll<number>().as('count'));
  const ofOwner =
    'accountId' in owner
      ? count.where('account_id', '=', owner.accountId)
      : count.where('api_key_id', '=', owner.apiKeyId);
  const numberOf = async (query: typeof count) => Number((await query.executeTakeFirstOrThrow()).count);
  return {
    waiting: await numberOf(count.where('state', 'in', ['queued', 'sent'])),
    waitingOfOwner: await numberOf(ofOwner.where('state', 'in', ['queued', 'sent'])),
    ofOwner: await numberOf(ofOwner.where('created_at', '>', sinceMs)),
  };
}

/** What a key's submissions since then have cost, and may still cost. */
export async function stroopsSince(db: Db, apiKeyId: string, sinceMs: number): Promise<bigint> {
  const { stroops } = await db
    .selectFrom('submissions')
    .select(
      sql<string>`cast(coalesce(sum(cast(
        case when state in ('queued', 'sent') then max_fee_stroops else fee_charged_stroops end as bigint
      )), 0) as text)`.as('stroops'),
    )
    .where('api_key_id', '=', apiKeyId)
    .where('created_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return BigInt(stroops);
}

export async function ofWalletSince(
  db: Db,
  apiKeyId: string,
  wallet: string,
  sinceMs: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('submissions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('api_key_id', '=', apiKeyId)
    .where('wallet', '=', wallet)
    .where('created_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The submission that a key made under this Idempotency-Key. */
export function submissionByKey(
  db: Db,
  apiKeyId: string,
  idempotencyKey: string,
): Promise<Submission | undefined> {
  return db
    .selectFrom('submissions')
    .selectAll()
    .where('api_key_id', '=', apiKeyId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
}

/** Submissions that are not settled. */
export async function countOpen(db: Db): Promise<{ state: string; count: number }[]> {
  const rows = await db
    .selectFrom('submissions')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('state', 'in', ['queued', 'sent'])
    .groupBy('state')
    .execute();
  return rows.map((it) => ({ state: it.state, count: Number(it.count) }));
}
