// Submissions: transactions the service sponsors, as rows that are the queue. State goes queued -> sent -> confirmed
// or failed; sent -> queued only when the stored envelope can never be included. The hash is stored before sending.
// Every change names the row it saw; who works on a row is in submissionClaims.ts.
import { randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import { countSubmission, giveBack, keyUsage } from './keyUsage.ts';
import type { SubmissionKind, SubmissionsTable } from './schema.ts';

export type Submission = SubmissionsTable;

/** What is to happen on chain: a contract call with its authorization, or classic operations. */
export type SubmissionWork =
  | { hostFunctionXdr: string; authXdr: string[]; authExpiresAtLedger: number | null }
  | { operationsXdr: string[]; memoXdr?: string };

export type NewSubmission = SubmissionWork & {
  id?: string;
  /** the server's own if not given */
  network?: string;
  kind: SubmissionKind;
  /** null for a submission by API key */
  accountId: string | null;
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

function workColumns(work: SubmissionWork) {
  if ('operationsXdr' in work)
    return {
      host_function_xdr: '',
      auth_xdr: '[]',
      auth_expires_at_ledger: null,
      operations_xdr: JSON.stringify(work.operationsXdr),
      memo_xdr: work.memoXdr ?? null,
    };
  return {
    host_function_xdr: work.hostFunctionXdr,
    auth_xdr: JSON.stringify(work.authXdr),
    auth_expires_at_ledger: work.authExpiresAtLedger,
    operations_xdr: null,
    memo_xdr: null,
  };
}

/** The row of a submission that nothing has happened to yet. */
export function queuedSubmission(submission: NewSubmission, nowMs: number): Submission {
  return {
    id: submission.id ?? randomUUID(),
    network: submission.network ?? '',
    kind: submission.kind,
    state: 'queued',
    account_id: submission.accountId,
    api_key_id: submission.byKey?.apiKeyId ?? null,
    wallet: submission.byKey?.wallet ?? null,
    idempotency_key: submission.byKey?.idempotencyKey ?? null,
    request_hash: submission.byKey?.requestHash ?? null,
    ...workColumns(submission),
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
    result_xdr: null,
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
  if (row.api_key_id !== null) await countSubmission(db, row.api_key_id, submission.maxFeeStroops, nowMs);
  return row.id;
}

export function submissionById(db: Db, id: string): Promise<Submission | undefined> {
  return db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function submissionState(db: Db, id: string): Promise<Submission['state'] | undefined> {
  const row = await db.selectFrom('submissions').select('state').where('id', '=', id).executeTakeFirst();
  return row?.state;
}

export type SubmissionChange = Partial<Omit<Submission, 'id' | 'kind' | 'account_id' | 'created_at'>>;

/** Changes the row if it still is what `row` says; false when somebody else has moved it on, and nothing is changed. */
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
  if (result.numUpdatedRows !== 1n) return false;
  const isSettled = change.state === 'confirmed' || change.state === 'failed';
  if (isSettled && row.api_key_id !== null) {
    const savedStroops = BigInt(row.max_fee_stroops) - BigInt(change.fee_charged_stroops ?? '0');
    await giveBack(db, row.api_key_id, savedStroops, row.created_at);
  }
  return true;
}

/** How many of the service's own are not settled; what others have paid for does not keep its people out. */
export async function ownWaiting(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('submissions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('api_key_id', 'is', null)
    .where('state', 'in', ['queued', 'sent'])
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Steps of a migration, which a stranger's payment can make more of: an account's own day does not pay for them. */
const UNCOUNTED: SubmissionKind[] = ['migrate-settlement', 'close-settlement', 'return-settlement'];

/** Whether it counts among what an account may ask for in a day. */
export function isCounted(kind: SubmissionKind): boolean {
  return !UNCOUNTED.includes(kind);
}

/** How many of one owner are not settled, and how many that count it has asked for since `sinceMs`. */
export async function submissionLoad(
  db: Db,
  owner: { accountId: string } | { apiKeyId: string },
  sinceMs: number,
): Promise<{ waitingOfOwner: number; ofOwner: number }> {
  const count = db.selectFrom('submissions').select((eb) => eb.fn.countAll<number>().as('count'));
  const ofOwner =
    'accountId' in owner
      ? count.where('account_id', '=', owner.accountId)
      : count.where('api_key_id', '=', owner.apiKeyId);
  const numberOf = async (query: typeof count) => Number((await query.executeTakeFirstOrThrow()).count);
  return {
    waitingOfOwner: await numberOf(ofOwner.where('state', 'in', ['queued', 'sent'])),
    ofOwner:
      'apiKeyId' in owner
        ? (await keyUsage(db, owner.apiKeyId, sinceMs)).submissions
        : await numberOf(ofOwner.where('created_at', '>', sinceMs).where('kind', 'not in', UNCOUNTED)),
  };
}

/** What a key's submissions since then have cost, and may still cost. */
export async function stroopsSince(db: Db, apiKeyId: string, sinceMs: number): Promise<bigint> {
  return (await keyUsage(db, apiKeyId, sinceMs)).stroops;
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
