// WebAuthn credentials. `incoming`: registered in a recovery that is not yet on chain; `active`: signs for the wallet;
// `replaced`: rotated out, signs nothing any more and is kept for the record.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from './database.ts';
import type { CredentialsTable } from './schema.ts';

export type Credential = CredentialsTable;

export function credentialsOf(db: Db, accountId: string, state?: Credential['state']): Promise<Credential[]> {
  let query = db.selectFrom('credentials').selectAll().where('account_id', '=', accountId);
  if (state) query = query.where('state', '=', state);
  return query.orderBy('created_at').execute();
}

export function credentialById(db: Db, id: string): Promise<Credential | undefined> {
  return db.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst();
}

/** @throws LatchkeyError CREDENTIAL_ALREADY_REGISTERED */
export async function insertCredential(db: Db, credential: Credential): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('credentials')
    .values(credential)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
}

export async function recordSignCount(db: Db, id: string, signCount: number): Promise<void> {
  await db.updateTable('credentials').set({ sign_count: signCount }).where('id', '=', id).execute();
}

/** The active credential signs nothing any more: another takes over, or its wallet never came to be. */
export async function replaceActiveCredential(db: Db, accountId: string): Promise<void> {
  await db
    .updateTable('credentials')
    .set({ state: 'replaced' })
    .where('account_id', '=', accountId)
    .where('state', '=', 'active')
    .execute();
}

/** The incoming credential takes over; whatever was active before is replaced. */
export async function activateCredential(db: Db, accountId: string, credentialId: string): Promise<void> {
  await replaceActiveCredential(db, accountId);
  await db.updateTable('credentials').set({ state: 'active' }).where('id', '=', credentialId).execute();
}

export async function discardCredential(db: Db, credentialId: string): Promise<void> {
  await db
    .updateTable('credentials')
    .set({ state: 'replaced' })
    .where('id', '=', credentialId)
    .where('state', '=', 'incoming')
    .execute();
}
