// Submissions: transactions the service sponsors, as rows that are the queue. State goes queued -> sent -> confirmed
// or failed; sent -> queued only when the stored envelope can never be included. The hash is stored before sending.
import { randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import type { SubmissionKind, SubmissionsTable } from './schema.ts';

export type Submission = SubmissionsTable;

export type NewSubmission = {
  id?: string;
  kind: SubmissionKind;
  accountId: string;
  hostFunctionXdr: string;
  authXdr: string[];
  authExpiresAtLedger: number | null;
};

/** The row of a submission that nothing has happened to yet. */
export function queuedSubmission(submission: NewSubmission, nowMs: number): Submission {
  return {
    id: submission.id ?? randomUUID(),
    kind: submission.kind,
    state: 'queued',
    account_id: submission.accountId,
    host_function_xdr: submission.hostFunctionXdr,
    auth_xdr: JSON.stringify(submission.authXdr),
    auth_expires_at_ledger: submission.authExpiresAtLedger,
    envelope_xdr: null,
    hash: null,
    valid_until_seconds: null,
    attempts: 0,
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

/** The one to work on next: what may be on its way comes before what is waiting. */
export async function nextSubmission(db: Db, nowMs: number): Promise<Submission | undefined> {
  const oldest = (state: 'sent' | 'queued') =>
    db
      .selectFrom('submissions')
      .selectAll()
      .where('state', '=', state)
      .where('not_before', '<=', nowMs)
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst();
  return (await oldest('sent')) ?? (await oldest('queued'));
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
    .where('errors', '=', row.errors)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** How much is waiting in all, and how much one account has asked for since `sinceMs`. */
export async function submissionLoad(
  db: Db,
  accountId: string,
  sinceMs: number,
): Promise<{ waiting: number; ofAccount: number }> {
  const waiting = await db
    .selectFrom('submissions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', ['queued', 'sent'])
    .executeTakeFirstOrThrow();
  const ofAccount = await db
    .selectFrom('submissions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('created_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return { waiting: Number(waiting.count), ofAccount: Number(ofAccount.count) };
}
