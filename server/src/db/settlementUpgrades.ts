// What only an upgrade asks of merchants' rows: the key whose smart wallet a submission makes, a passkey whose wallet was
// never made, and the end of a seed. The rest is in settlementKeys.ts and merchantPasskeys.ts.
import type { Db } from './database.ts';
import type { SubmissionsTable } from './schema.ts';
import type { Migration } from './settlementMigrations.ts';
import type { MerchantSettlementKeysTable } from './settlementTables.ts';

export function settlementKeyOfDeployment(
  db: Db,
  submissionId: string,
): Promise<MerchantSettlementKeysTable | undefined> {
  return db
    .selectFrom('merchant_settlement_keys')
    .selectAll()
    .where('deploy_submission_id', '=', submissionId)
    .executeTakeFirst();
}

/** So that the same passkey can be used for another try. */
export async function dropIncomingPasskeys(trx: Db, accountId: string): Promise<void> {
  await trx
    .deleteFrom('merchant_passkeys')
    .where('account_id', '=', accountId)
    .where('state', '=', 'incoming')
    .execute();
}

/** migrating -> self-custody, without the seed. purge.ts makes unreadable what was deleted. */
export async function eraseSeed(trx: Db, migration: Migration, nowMs: number): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('merchant_settlement_keys')
    .set({ status: 'self-custody', encrypted_seed: null, kek_version: null, updated_at: nowMs })
    .where('account_id', '=', migration.account_id)
    .where('network', '=', migration.network)
    .where('managed', '=', 0)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error(`the seed of migration ${migration.id} is not to be erased`);
}

/**
 * The last ledger in which anybody could still carry out a transfer that was signed for the merchant's migration, because it
 * was in an envelope that was sent; null when there is none.
 */
export async function lastSignedTransferLedger(db: Db, accountId: string): Promise<number | null> {
  const row = await db
    .selectFrom('submissions')
    .select((eb) => eb.fn.max('auth_expires_at_ledger').as('ledger'))
    .where('account_id', '=', accountId)
    .where('kind', '=', 'migrate-settlement')
    .where('state', '!=', 'confirmed')
    .executeTakeFirst();
  return row?.ledger === null || row?.ledger === undefined ? null : Number(row.ledger);
}

/** Whether the signed entries of a submission may have been seen: an envelope with them was made, for it or for another. */
export async function wasShown(
  db: Db,
  submission: Pick<SubmissionsTable, 'account_id' | 'kind' | 'auth_xdr'>,
): Promise<boolean> {
  const shown = await db
    .selectFrom('submissions')
    .select('id')
    .where('account_id', '=', submission.account_id)
    .where('kind', '=', submission.kind)
    .where('auth_xdr', '=', submission.auth_xdr)
    .where('attempts', '>', 0)
    .limit(1)
    .executeTakeFirst();
  return shown !== undefined;
}
