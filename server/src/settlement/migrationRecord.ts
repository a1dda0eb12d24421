// What a migration tells of itself: with each new state an entry of the audit log and a message `settlement.migrated` for the
// merchant's webhooks, written in the transaction that makes the state true. The message names the address that payments go
// to from then on; `isComplete` is true in the last one.
import type { Db } from '../db/database.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { announceSettlement } from '../db/settlementMessages.ts';
import type { Migration } from '../db/settlementMigrations.ts';

/** @param migration as it was stored just now */
export async function recordState(trx: Db, migration: Migration, nowMs: number): Promise<void> {
  const { account_id: accountId, from_address: fromAddress, to_address: toAddress, state } = migration;
  const { settlement_address: settlementAddress } = await trx
    .selectFrom('merchants')
    .select('settlement_address')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  const detail = {
    migrationId: migration.id,
    network: migration.network,
    state,
    round: migration.round,
    fromAddress,
    toAddress,
    settlementAddress,
    movedAmount: migration.moved_amount,
    movedNativeStroops: migration.moved_native_stroops,
  };
  await recordAudit(trx, accountId, `migration.${state}`, detail, nowMs);
  const message = { merchantId: accountId, ...detail, isComplete: state === 'done' };
  await announceSettlement(trx, accountId, 'settlement.migrated', message, nowMs);
}

/** That it waits, and for what. */
export async function recordStop(trx: Db, migration: Migration, nowMs: number): Promise<void> {
  const { state, error_code: code, error_message: message } = migration;
  const detail = { migrationId: migration.id, state, code, message };
  await recordAudit(trx, migration.account_id, 'migration.stopped', detail, nowMs);
}
