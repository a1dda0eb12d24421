// Wallets, signers, pending recoveries, balances and events as the indexer has them: read for a batch of events, and
// written back after it. Everything here is an upsert, so that storing a batch again changes nothing.
import type { Db } from './database.ts';
import type {
  IndexedSignersTable,
  IndexedWalletsTable,
  PendingRecoveriesTable,
  WalletBalancesTable,
  WalletEventsTable,
} from './indexerSchema.ts';

export type IndexedWallet = IndexedWalletsTable;
export type IndexedSigner = IndexedSignersTable;
export type PendingRecovery = PendingRecoveriesTable;
export type WalletEventRow = WalletEventsTable;
export type WalletBalance = WalletBalancesTable;

/** Rows or values in one statement: both databases bound the number of parameters. */
const CHUNK = 400;

async function inChunks<T>(values: readonly T[], work: (chunk: T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < values.length; at += CHUNK) await work(values.slice(at, at + CHUNK));
}

async function byWallet<R>(wallets: string[], read: (chunk: string[]) => Promise<R[]>): Promise<R[]> {
  const rows: R[] = [];
  await inChunks(wallets, async (chunk) => rows.push(...(await read(chunk))));
  return rows;
}

export function walletsAmong(db: Db, addresses: string[]): Promise<IndexedWallet[]> {
  return byWallet(addresses, (chunk) =>
    db.selectFrom('indexed_wallets').selectAll().where('address', 'in', chunk).execute(),
  );
}

export function signersOf(db: Db, wallets: string[]): Promise<IndexedSigner[]> {
  return byWallet(wallets, (chunk) =>
    db.selectFrom('indexed_signers').selectAll().where('wallet', 'in', chunk).orderBy('signer_id').execute(),
  );
}

export function pendingRecoveriesOf(db: Db, wallets: string[]): Promise<PendingRecovery[]> {
  return byWallet(wallets, (chunk) =>
    db.selectFrom('pending_recoveries').selectAll().where('wallet', 'in', chunk).execute(),
  );
}

export async function putWallets(db: Db, rows: IndexedWallet[]): Promise<void> {
  await inChunks(rows, (chunk) =>
    db
      .insertInto('indexed_wallets')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.column('address').doUpdateSet((eb) => ({
          wasm_hash: eb.ref('excluded.wasm_hash'),
          is_known_code: eb.ref('excluded.is_known_code'),
          admin_threshold: eb.ref('excluded.admin_threshold'),
          guardian: eb.ref('excluded.guardian'),
          changed_at_ledger: eb.ref('excluded.changed_at_ledger'),
        })),
      )
      .execute(),
  );
}

export async function putSigners(db: Db, rows: IndexedSigner[]): Promise<void> {
  await inChunks(rows, (chunk) =>
    db
      .insertInto('indexed_signers')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['wallet', 'signer_id']).doUpdateSet((eb) => ({
          kind: eb.ref('excluded.kind'),
          credential_id: eb.ref('excluded.credential_id'),
          public_key: eb.ref('excluded.public_key'),
          address: eb.ref('excluded.address'),
          role: eb.ref('excluded.role'),
          expires_at_ledger: eb.ref('excluded.expires_at_ledger'),
          signer_xdr: eb.ref('excluded.signer_xdr'),
          policies: eb.ref('excluded.policies'),
          added_at_ledger: eb.ref('excluded.added_at_ledger'),
          changed_at_ledger: eb.ref('excluded.changed_at_ledger'),
          removed_at_ledger: eb.ref('excluded.removed_at_ledger'),
        })),
      )
      .execute(),
  );
}

export async function putPendingRecovery(db: Db, row: PendingRecovery): Promise<void> {
  const { wallet: _, recovery_contract: __, ...change } = row;
  await db
    .insertInto('pending_recoveries')
    .values(row)
    .onConflict((conflict) => conflict.columns(['wallet', 'recovery_contract']).doUpdateSet(change))
    .execute();
}

export async function removePendingRecovery(db: Db, wallet: string, recoveryContract: string): Promise<void> {
  await db
    .deleteFrom('pending_recoveries')
    .where('wallet', '=', wallet)
    .where('recovery_contract', '=', recoveryContract)
    .execute();
}

export async function insertWalletEvents(db: Db, rows: WalletEventRow[]): Promise<void> {
  await inChunks(rows, (chunk) =>
    db
      .insertInto('wallet_events')
      .values(chunk)
      .onConflict((conflict) => conflict.columns(['wallet', 'id']).doNothing())
      .execute(),
  );
}

/** Notes that the amounts have to be read again; what was read before stays until then. */
export async function putDueBalances(
  db: Db,
  rows: Pick<WalletBalance, 'wallet' | 'token' | 'changed_at_ledger'>[],
): Promise<void> {
  await inChunks(rows, (chunk) =>
    db
      .insertInto('wallet_balances')
      .values(chunk.map((row) => ({ ...row, amount: null, is_due: 1, not_before: 0 })))
      .onConflict((conflict) =>
        conflict.columns(['wallet', 'token']).doUpdateSet((eb) => ({
          changed_at_ledger: eb.ref('excluded.changed_at_ledger'),
          is_due: 1,
        })),
      )
      .execute(),
  );
}

export function dueBalances(db: Db, nowMs: number, limit: number): Promise<WalletBalance[]> {
  return db
    .selectFrom('wallet_balances')
    .selectAll()
    .where('is_due', '=', 1)
    .where('not_before', '<=', nowMs)
    .orderBy('not_before')
    .limit(limit)
    .execute();
}

/** Stores what was read or when to try again, unless the balance has changed since `row` was read. */
export async function updateBalance(
  db: Db,
  row: WalletBalance,
  change: Pick<WalletBalance, 'not_before'> | Pick<WalletBalance, 'amount' | 'is_due' | 'not_before'>,
): Promise<void> {
  await db
    .updateTable('wallet_balances')
    .set(change)
    .where('wallet', '=', row.wallet)
    .where('token', '=', row.token)
    .where('changed_at_ledger', '=', row.changed_at_ledger)
    .execute();
}
