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

export async function insertSubmission(db: Db, submission: NewSubmission, nowMs: number): Promise<string> {
  const id = submission.id ?? randomUUID();
  await db
    .insertInto('submissions')
    .values({
      id,
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
      ledger: null,
      ledger_closed_at: null,
      return_value_xdr: null,
      fee_charged_stroops: null,
      error_code: null,
      error_message: null,
      created_at: nowMs,
      updated_at: nowMs,
    })
    .execute();
  return id;
}

export function submissionById(db: Db, id: string): Promise<Submission | undefined> {
  return db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The one to work on next: what may be on its way comes before what is waiting. */
export async function nextSubmission(db: Db): Promise<Submission | undefined> {
  const oldest = (state: 'sent' | 'queued') =>
    db
      .selectFrom('submissions')
      .selectAll()
      .where('state', '=', state)
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst();
  return (await oldest('sent')) ?? (await oldest('queued'));
}

export async function updateSubmission(
  db: Db,
  id: string,
  change: Partial<Omit<Submission, 'id' | 'kind' | 'account_id' | 'created_at'>>,
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('submissions')
    .set({ ...change, updated_at: nowMs })
    .where('id', '=', id)
    .execute();
}
