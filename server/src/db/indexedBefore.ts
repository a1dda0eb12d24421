// The way back to the ledger before a gap. While there is a gap, whoever changes a row of the index for the first time
// since then leaves here what it was; going back puts all of that in its place again, so that the ledgers of the
// gap can be read in their turn and those after them once more. Balances are not among it: they are asked of the tokens.
import type { Db } from './database.ts';
import {
  pendingRecoveriesOf,
  putPendingRecovery,
  putSigners,
  putWallets,
  signersOf,
  walletsAmong,
} from './indexedWallets.ts';
import { beginFilling, indexerGaps } from './indexerCursor.ts';
import type {
  IndexedBeforeTable,
  IndexedSignersTable,
  IndexedWalletsTable,
  PendingRecoveriesTable,
} from './indexerSchema.ts';

const CHUNK = 200;

/** Keys of the rows that are about to change; of signers and recoveries `wallet` and the rest, with a space between. */
export type ChangedKeys = { wallets: string[]; signers: string[]; pending: string[] };

const walletsOf = (keys: string[]) => [...new Set(keys.map((key) => key.split(' ')[0]!))];

/** Run it in the transaction that changes the rows, before it does. */
export async function keepBefore(db: Db, changed: ChangedKeys): Promise<void> {
  if ((await indexerGaps(db)).length === 0) return;
  const wallets = await walletsAmong(db, changed.wallets);
  const signers = await signersOf(db, walletsOf(changed.signers));
  const pending = await pendingRecoveriesOf(db, walletsOf(changed.pending));
  const images = (table: IndexedBeforeTable['table_name'], keys: string[], rows: Map<string, unknown>) =>
    keys.map((key) => ({
      table_name: table,
      row_key: key,
      row: rows.has(key) ? JSON.stringify(rows.get(key)) : null,
    }));
  const all = [
    ...images('indexed_wallets', changed.wallets, new Map(wallets.map((it) => [it.address, it]))),
    ...images(
      'indexed_signers',
      changed.signers,
      new Map(signers.map((it) => [`${it.wallet} ${it.signer_id}`, it])),
    ),
    ...images(
      'pending_recoveries',
      changed.pending,
      new Map(pending.map((it) => [`${it.wallet} ${it.recovery_contract}`, it])),
    ),
  ];
  for (let at = 0; at < all.length; at += CHUNK) {
    await db
      .insertInto('indexed_before')
      .values(all.slice(at, at + CHUNK))
      .onConflict((conflict) => conflict.columns(['table_name', 'row_key']).doNothing())
      .execute();
  }
}

async function imagesOf<R>(db: Db, table: IndexedBeforeTable['table_name']) {
  const found = await db.selectFrom('indexed_before').selectAll().where('table_name', '=', table).execute();
  return {
    keys: found.map((it) => it.row_key),
    rows: found.flatMap((it) => (it.row === null ? [] : [JSON.parse(it.row) as R])),
    absent: found.filter((it) => it.row === null).map((it) => it.row_key),
  };
}

/**
 * Puts the index back to where it was before the first gap, and the cursor to that gap's first ledger, as `filling`.
 * Run it in a transaction.
 */
export async function goBackBeforeGaps(db: Db, text: string): Promise<void> {
  const [first] = await indexerGaps(db);
  if (!first) throw new Error('there is no gap to go back to');
  const wallets = await imagesOf<IndexedWalletsTable>(db, 'indexed_wallets');
  const signers = await imagesOf<IndexedSignersTable>(db, 'indexed_signers');
  const pending = await imagesOf<PendingRecoveriesTable>(db, 'pending_recoveries');
  for (const key of pending.keys) {
    const [wallet, contract] = key.split(' ') as [string, string];
    await db
      .deleteFrom('pending_recoveries')
      .where('wallet', '=', wallet)
      .where('recovery_contract', '=', contract)
      .execute();
  }
  for (const key of signers.absent) {
    const [wallet, id] = key.split(' ') as [string, string];
    await db
      .deleteFrom('indexed_signers')
      .where('wallet', '=', wallet)
      .where('signer_id', '=', Number(id))
      .execute();
  }
  for (const address of wallets.absent) {
    await db.deleteFrom('wallet_balances').where('wallet', '=', address).execute();
    await db.deleteFrom('indexed_wallets').where('address', '=', address).execute();
  }
  await putWallets(db, wallets.rows);
  await putSigners(db, signers.rows);
  for (const row of pending.rows) await putPendingRecovery(db, row);
  await db.deleteFrom('wallet_events').where('ledger', '>=', first.from_ledger).execute();
  for (const table of ['indexed_before', 'indexer_gaps'] as const) await db.deleteFrom(table).execute();
  await beginFilling(db, first.from_ledger, text);
}
