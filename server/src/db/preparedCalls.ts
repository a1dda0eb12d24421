// Calls that a passkey is asked to sign: what was prepared, for whom, until when. Written once; then only `submission_id` is
// set, once, by whoever submits the call. Those that nobody submitted are kept for a day after they expired, so that a late
// one is told from an unknown one.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from './database.ts';
import type { PreparedCallsTable } from './settlementTables.ts';

export type PreparedCall = PreparedCallsTable;

const MAX_LIVE_PER_MERCHANT = 100;
const EXPIRED_MEMORY_MS = 24 * 3_600_000;

/** @throws LatchkeyError RATE_LIMITED when the merchant has too many that wait for a signature */
export async function insertPreparedCall(
  db: Db,
  call: Omit<PreparedCall, 'submission_id' | 'created_at'>,
  nowMs: number,
): Promise<PreparedCall> {
  const ofMerchant = call.account_id;
  await db
    .deleteFrom('prepared_calls')
    .where('account_id', '=', ofMerchant)
    .where('expires_at', '<', nowMs - EXPIRED_MEMORY_MS)
    .where('submission_id', 'is', null)
    .execute();
  const { live } = await db
    .selectFrom('prepared_calls')
    .select((eb) => eb.fn.countAll<number>().as('live'))
    .where('account_id', '=', ofMerchant)
    .where('expires_at', '>', nowMs)
    .where('submission_id', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(live) >= MAX_LIVE_PER_MERCHANT) throw new LatchkeyError('RATE_LIMITED');
  const row = { ...call, submission_id: null, created_at: nowMs };
  await db.insertInto('prepared_calls').values(row).execute();
  return row;
}

export function preparedCall(db: Db, accountId: string, id: string): Promise<PreparedCall | undefined> {
  return db
    .selectFrom('prepared_calls')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
}

/** False when it was submitted before. */
export async function usePreparedCall(trx: Db, id: string, submissionId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('prepared_calls')
    .set({ submission_id: submissionId })
    .where('id', '=', id)
    .where('submission_id', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
