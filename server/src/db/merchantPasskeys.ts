// Passkeys of merchants. `incoming`: its smart wallet is being deployed; `active`: a signer on chain, and signs in;
// `adding` and `removing`: the change on chain is on its way; `removed`: signs nothing any more, kept for the record.
import { LatchkeyError } from '@latchkey/sdk/api';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import type { MerchantPasskeyState, MerchantPasskeysTable, NetworkName } from './settlementTables.ts';

export type MerchantPasskey = MerchantPasskeysTable;

export function passkeysOf(
  db: Db,
  accountId: string,
  states: readonly MerchantPasskeyState[],
): Promise<MerchantPasskey[]> {
  return db
    .selectFrom('merchant_passkeys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', 'in', states)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export function passkeyById(db: Db, id: string): Promise<MerchantPasskey | undefined> {
  return db.selectFrom('merchant_passkeys').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Those that are signers on chain at present. */
export function signingPasskeysOf(db: Db, accountId: string): Promise<MerchantPasskey[]> {
  return passkeysOf(db, accountId, ['active', 'removing']);
}

/** @throws LatchkeyError CREDENTIAL_ALREADY_REGISTERED */
export async function insertPasskey(db: Db, passkey: MerchantPasskey): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('merchant_passkeys')
    .values(passkey)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
}

/** Changes the row while it is in the state that was seen; false when it is in another by now. */
export async function updatePasskey(
  db: Db,
  seen: Pick<MerchantPasskey, 'id' | 'state'>,
  change: Partial<Pick<MerchantPasskey, 'state' | 'signer_id' | 'submission_id' | 'name'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merchant_passkeys')
    .set(change)
    .where('id', '=', seen.id)
    .where('state', '=', seen.state)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function recordPasskeyUse(db: Db, id: string, signCount: number): Promise<void> {
  await db.updateTable('merchant_passkeys').set({ sign_count: signCount }).where('id', '=', id).execute();
}

/** The one whose change on chain this submission is. */
export function passkeyOfSubmission(db: Db, submissionId: string): Promise<MerchantPasskey | undefined> {
  return db
    .selectFrom('merchant_passkeys')
    .selectAll()
    .where('submission_id', '=', submissionId)
    .where('state', 'in', ['adding', 'removing'])
    .executeTakeFirst();
}

/** Devices of which nobody has submitted the call that adds them. */
export async function dropUnfinishedPasskeys(db: Db, accountId: string, beforeMs: number): Promise<void> {
  await db
    .deleteFrom('merchant_passkeys')
    .where('account_id', '=', accountId)
    .where('state', '=', 'adding')
    .where('submission_id', 'is', null)
    .where('created_at', '<', beforeMs)
    .execute();
}

/** Those whose change has settled without telling what came of it, in no order, with the network of the change. */
export function unclearPasskeys(
  db: Db,
  limit: number,
): Promise<(MerchantPasskey & { network: NetworkName })[]> {
  return (
    db
      .selectFrom('merchant_passkeys')
      .innerJoin('submissions', 'submissions.id', 'merchant_passkeys.submission_id')
      .innerJoin('prepared_calls', 'prepared_calls.submission_id', 'merchant_passkeys.submission_id')
      .selectAll('merchant_passkeys')
      .select('prepared_calls.network')
      .where('merchant_passkeys.state', 'in', ['adding', 'removing'])
      .where('submissions.state', 'in', ['confirmed', 'failed'])
      // So that a few that cannot be looked at do not keep the others waiting.
      .orderBy(sql`random()`)
      .limit(limit)
      .execute()
  );
}
