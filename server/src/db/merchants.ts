// Merchants. Of one change its mirror of the settlement address, its network, its authenticator app and its session epoch.
// Each has an accounts row of its own, which submissions refer to, under a name that no e-mail address has: a person's
// wallet with the same address is another account, and neither can use up the other's limits.
import type { Db } from './database.ts';
import type { MerchantsTable } from './settlementTables.ts';

export type Merchant = MerchantsTable;

export function merchantById(db: Db, accountId: string): Promise<Merchant | undefined> {
  return db.selectFrom('merchants').selectAll().where('account_id', '=', accountId).executeTakeFirst();
}

/** @param email normalised */
export function merchantByEmail(db: Db, email: string): Promise<Merchant | undefined> {
  return db.selectFrom('merchants').selectAll().where('email', '=', email).executeTakeFirst();
}

/** The e-mail of a merchant's account and challenges, apart from a person's with the same address. */
export function accountEmail({ email }: Pick<Merchant, 'email'>): string {
  return `merchant:${email}`;
}

/** With its account. False when there is a merchant with this e-mail already. */
export async function insertMerchant(
  db: Db,
  merchant: Pick<Merchant, 'account_id' | 'email' | 'name' | 'network' | 'created_at'>,
): Promise<boolean> {
  const account = await db
    .insertInto('accounts')
    .values({
      id: merchant.account_id,
      email: accountEmail(merchant),
      session_epoch: 0,
      created_at: merchant.created_at,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirstOrThrow();
  if (account.numInsertedOrUpdatedRows !== 1n) return false;
  await db
    .insertInto('merchants')
    .values({
      ...merchant,
      settlement_address: null,
      session_epoch: 0,
      totp_sealed: null,
      totp_next_sealed: null,
      totp_confirmed_at: null,
      totp_last_step: null,
    })
    .execute();
  return true;
}

/** Of a merchant on this network; one that was moved away meanwhile has its address elsewhere. */
export async function setSettlementAddress(
  db: Db,
  { account_id, network }: Pick<Merchant, 'account_id' | 'network'>,
  address: string,
): Promise<void> {
  await db
    .updateTable('merchants')
    .set({ settlement_address: address })
    .where('account_id', '=', account_id)
    .where('network', '=', network)
    .execute();
}

/** Ends every session of the merchant's dashboard. */
export async function endMerchantSessions(db: Db, accountId: string): Promise<void> {
  await db
    .updateTable('merchants')
    .set((eb) => ({ session_epoch: eb('session_epoch', '+', 1) }))
    .where('account_id', '=', accountId)
    .execute();
}

/** The secret of an app that is being set up; the present one counts until a code of the new one was seen. */
export async function setNextTotp(db: Db, accountId: string, sealed: string): Promise<void> {
  await db
    .updateTable('merchants')
    .set({ totp_next_sealed: sealed })
    .where('account_id', '=', accountId)
    .execute();
}

/** The app that was being set up counts from here on; false when that was another by now. */
export async function confirmNextTotp(
  db: Db,
  merchant: Pick<Merchant, 'account_id' | 'totp_next_sealed'>,
  step: number,
  nowMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merchants')
    .set({
      totp_sealed: merchant.totp_next_sealed,
      totp_next_sealed: null,
      totp_confirmed_at: nowMs,
      totp_last_step: step,
    })
    .where('account_id', '=', merchant.account_id)
    .where('totp_next_sealed', '=', merchant.totp_next_sealed)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function signUpsSince(db: Db, sinceMs: number): Promise<number> {
  const { count } = await db
    .selectFrom('merchants')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('created_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Takes the code of a time step, of the secret that was seen; false when that step or a later one was taken before, or the
 * secret is another by now.
 */
export async function takeTotpStep(
  db: Db,
  merchant: Pick<Merchant, 'account_id' | 'totp_sealed'>,
  step: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merchants')
    .set({ totp_last_step: step })
    .where('account_id', '=', merchant.account_id)
    .where('totp_sealed', '=', merchant.totp_sealed)
    .where((eb) => eb.or([eb('totp_last_step', 'is', null), eb('totp_last_step', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * To another network, where it has no address yet and none of its passkeys signs; its sessions end. False when it is not
 * any more on the network that was seen.
 */
export async function moveMerchantToNetwork(
  trx: Db,
  { account_id: accountId, network: from }: Pick<Merchant, 'account_id' | 'network'>,
  to: Merchant['network'],
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('merchants')
    .set((eb) => ({ network: to, settlement_address: null, session_epoch: eb('session_epoch', '+', 1) }))
    .where('account_id', '=', accountId)
    .where('network', '=', from)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return false;
  await trx
    .updateTable('merchant_passkeys')
    .set({ state: 'removed' })
    .where('account_id', '=', accountId)
    .execute();
  return true;
}
