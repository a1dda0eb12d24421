// Accounts and their wallets. An account is an e-mail address (normalised) with credentials and, once its wallet was
// asked for, one smart wallet. Only `session_epoch` and the wallet's `state`, `funding_due` and `funding_not_before` ever change.
import { LatchkeyError } from '@latchkey/sdk/api';
import { unclaimed } from './claim.ts';
import type { Db } from './database.ts';
import type { AccountsTable, WalletState, WalletsTable } from './schema.ts';

/** What mail programs agree on (RFC 5321 dot-string, with letters of any script), and nothing that is a list or a comment. */
const EMAIL =
  /^(?=[^@]{1,64}@)[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;
const MAX_EMAIL_CHARS = 254;

/** @throws LatchkeyError INVALID_EMAIL */
export function normaliseEmail(text: string): string {
  const email = text.normalize('NFKC').trim().toLowerCase();
  if (email.length > MAX_EMAIL_CHARS || !EMAIL.test(email)) {
    throw new LatchkeyError('INVALID_EMAIL', { details: { field: 'email' } });
  }
  return email;
}

export type Account = AccountsTable;
export type Wallet = WalletsTable;

export function findAccount(db: Db, email: string): Promise<Account | undefined> {
  return db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirst();
}

/** A merchant's account has its address behind a word of its own (merchants.ts). */
export function mailAddressOf({ email }: Pick<Account, 'email'>): string {
  return email.replace(/^merchant:/, '');
}

export function accountById(db: Db, id: string): Promise<Account | undefined> {
  return db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
}

const emailTaken = () => new LatchkeyError('EMAIL_TAKEN', { details: { field: 'email' } });

/** @throws LatchkeyError EMAIL_TAKEN */
export async function insertAccount(
  db: Db,
  who: { id: string; email: string },
  nowMs: number,
): Promise<Account> {
  const account = { ...who, session_epoch: 0, created_at: nowMs };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('accounts')
    .values(account)
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw emailTaken();
  return account;
}

/** Ends every session of the account. */
export async function endSessions(db: Db, accountId: string): Promise<void> {
  await db
    .updateTable('accounts')
    .set((eb) => ({ session_epoch: eb('session_epoch', '+', 1) }))
    .where('id', '=', accountId)
    .execute();
}

export function walletOf(db: Db, accountId: string): Promise<Wallet | undefined> {
  return db.selectFrom('wallets').selectAll().where('account_id', '=', accountId).executeTakeFirst();
}

export function walletAt(db: Db, address: string): Promise<Wallet | undefined> {
  return db.selectFrom('wallets').selectAll().where('address', '=', address).executeTakeFirst();
}

/**
 * A wallet whose deployment is on its way; it takes the place of one whose deployment failed.
 * @throws LatchkeyError EMAIL_TAKEN when the account has another
 */
export async function insertWallet(
  db: Db,
  wallet: Omit<Wallet, 'state' | 'funding_due' | 'funding_not_before'>,
): Promise<void> {
  await db
    .deleteFrom('wallets')
    .where('account_id', '=', wallet.account_id)
    .where('state', '=', 'failed')
    .execute();
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('wallets')
    .values({ ...wallet, state: 'deploying', funding_due: 1, funding_not_before: 0 })
    .onConflict((conflict) => conflict.column('account_id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw emailTaken();
}

export async function setWalletState(db: Db, accountId: string, state: WalletState): Promise<void> {
  await db.updateTable('wallets').set({ state }).where('account_id', '=', accountId).execute();
}

/**
 * A wallet on chain that was not given its test money yet (the one at `address`, where that is given), for the caller
 * alone until `untilMs`.
 */
export function claimWalletToFund(
  db: Db,
  when: { nowMs: number; untilMs: number },
  address?: string,
): Promise<Wallet | undefined> {
  return db
    .with(
      (cte) => cte('due').materialized(),
      (qb) => {
        const due = qb
          .selectFrom('wallets')
          .select('address')
          .where('state', '=', 'active')
          .where('funding_due', '=', 1)
          .where('funding_not_before', '<=', when.nowMs)
          .limit(1);
        return unclaimed(db, address === undefined ? due : due.where('address', '=', address));
      },
    )
    .updateTable('wallets')
    .set({ funding_not_before: when.untilMs })
    .where('address', 'in', (eb) => eb.selectFrom('due').select('address'))
    .returningAll()
    .executeTakeFirst();
}

export async function fundingDone(db: Db, address: string): Promise<void> {
  await db.updateTable('wallets').set({ funding_due: 0 }).where('address', '=', address).execute();
}
