// What a settled submission changes in an upgrade and its migration, in the transaction that settles it: a confirmed
// transfer moves the mirror, and nothing else does while there is anything to transfer. A failed step goes back to the state
// that it came from with its submission still named, so that the next look at the ledger can tell why (migrationSteps.ts).
import { randomUUID } from 'node:crypto';
import type { Db } from '../db/database.ts';
import { updatePasskey } from '../db/merchantPasskeys.ts';
import { setSettlementAddress } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { settlementKeyOf, updateSettlementKey } from '../db/settlementKeys.ts';
import {
  insertMigration,
  type Migration,
  type MigrationChange,
  migrationOfSubmission,
  updateMigration,
} from '../db/settlementMigrations.ts';
import { dropIncomingPasskeys, settlementKeyOfDeployment } from '../db/settlementUpgrades.ts';
import type { Submission } from '../db/submissions.ts';
import type { Effect, WalletSubmission } from '../relayer/worker.ts';
import { OWNER_SIGNER_ID } from '../wallets/ownerSigner.ts';
import { recordState, recordStop } from './migrationRecord.ts';
import { sentTransfer } from './migrationTransfer.ts';

export type MigrationEffects = Record<
  'deploy-settlement' | 'migrate-settlement' | 'close-settlement' | 'return-settlement',
  Effect
>;

const sum = (text: string, amount: bigint) => String(BigInt(text) + amount);
/** Failures of a return after which due work looks by itself whether it was paid (migrationReturn.ts). */
const TRIED_AGAIN = ['TRANSACTION_EXPIRED', 'OUTCOME_UNKNOWN'];
const noError = { error_code: null, error_message: null } as const;

/** Whether payments go to the smart wallet already. */
export async function hasMoved(db: Db, migration: Migration): Promise<boolean> {
  const key = await settlementKeyOf(db, migration.account_id, migration.network);
  return key?.managed === 0;
}

/** Payments go to the smart wallet from here on, and the service signs for the merchant no longer. */
export async function moveMirror(trx: Db, migration: Migration, nowMs: number): Promise<void> {
  const { account_id, network } = migration;
  const seen = { account_id, network, status: 'migrating' as const };
  if (!(await updateSettlementKey(trx, seen, { managed: 0 }, nowMs)))
    throw new Error(`the settlement key of migration ${migration.id} is not migrating`);
  await setSettlementAddress(trx, migration, migration.to_address);
}

/** What has moved in all, with this transfer. */
export function movedBy(
  submission: Submission,
  migration: Migration,
  nativeTokenId: string,
): Pick<Migration, 'moved_amount' | 'moved_native_stroops'> {
  const { moved_amount, moved_native_stroops } = migration;
  const transfer = sentTransfer(submission);
  if (!transfer) return { moved_amount, moved_native_stroops };
  return transfer.token === nativeTokenId
    ? { moved_amount, moved_native_stroops: sum(moved_native_stroops, transfer.amount) }
    : { moved_amount: sum(moved_amount, transfer.amount), moved_native_stroops };
}

export function migrationEffects(deps: {
  /** of the network whose submissions these are */
  nativeTokenId: string;
  nowMs: () => number;
}): MigrationEffects {
  const { nativeTokenId, nowMs } = deps;

  /** Changes the migration whose step this was; of one that names another submission by now nothing is due. */
  async function change(
    db: Db,
    row: WalletSubmission,
    migration: Migration,
    to: MigrationChange,
  ): Promise<Migration> {
    const seen_ledger = Math.max(migration.seen_ledger, row.ledger ?? 0);
    const changed = await updateMigration(db, migration, { ...noError, seen_ledger, ...to }, nowMs());
    // The row was read in this transaction: somebody who commits meanwhile is not overwritten, and this is tried again.
    if (!changed) throw new Error(`migration ${migration.id} was changed meanwhile`);
    if (changed.state !== migration.state) await recordState(db, changed, nowMs());
    return changed;
  }

  async function transferred(db: Db, row: WalletSubmission, migration: Migration): Promise<void> {
    await moveMirror(db, migration, nowMs());
    const moved = movedBy(row, migration, nativeTokenId);
    await change(db, row, migration, { state: 'transferred', ...moved });
  }

  return {
    async 'deploy-settlement'(db, row) {
      const key = await settlementKeyOfDeployment(db, row.id);
      if (key?.status !== 'upgrading' || !key.smart_wallet_address || !key.passkey_credential_id) return;
      const detail = { network: key.network, smartWalletAddress: key.smart_wallet_address };
      if (row.state !== 'confirmed') {
        const before = {
          status: 'managed',
          passkey_credential_id: null,
          smart_wallet_address: null,
        } as const;
        await updateSettlementKey(db, key, before, nowMs());
        await dropIncomingPasskeys(db, row.account_id);
        await recordAudit(db, row.account_id, 'upgrade.failed', { ...detail, code: row.error_code }, nowMs());
        return;
      }
      const incoming = { id: key.passkey_credential_id, state: 'incoming' } as const;
      await updatePasskey(db, incoming, { state: 'active', signer_id: OWNER_SIGNER_ID });
      await recordAudit(db, row.account_id, 'upgrade.deployed', { ...detail, hash: row.hash }, nowMs());
      const migration: Migration = {
        id: randomUUID(),
        account_id: row.account_id,
        network: key.network,
        state: 'ready',
        round: 1,
        from_address: key.address,
        to_address: key.smart_wallet_address,
        gate_subject: null,
        gate_assertion: null,
        submission_id: null,
        close_submission_id: null,
        seen_ledger: row.ledger ?? 0,
        not_before: 0,
        moved_amount: '0',
        moved_native_stroops: '0',
        ...noError,
        version: 0,
        created_at: nowMs(),
        updated_at: nowMs(),
      };
      if (await insertMigration(db, migration)) await recordState(db, migration, nowMs());
    },

    async 'migrate-settlement'(db, row) {
      const migration = await migrationOfSubmission(db, row.id);
      if (migration?.state !== 'transferring') return;
      if (row.state === 'confirmed') return transferred(db, row, migration);
      await change(db, row, migration, {
        state: (await hasMoved(db, migration)) ? 'transferred' : 'confirmed',
      });
    },

    async 'close-settlement'(db, row) {
      const migration = await migrationOfSubmission(db, row.id);
      if (migration?.state !== 'closing') return;
      await change(db, row, migration, { state: row.state === 'confirmed' ? 'closed' : 'transferred' });
    },

    async 'return-settlement'(db, row) {
      const migration = await migrationOfSubmission(db, row.id);
      if (migration?.state !== 'closed') return;
      const stroops = sentTransfer(row)?.amount ?? 0n;
      if (row.state === 'confirmed') {
        const moved = sum(migration.moved_native_stroops, stroops);
        await change(db, row, migration, { moved_native_stroops: moved });
      } else if (!TRIED_AGAIN.includes(row.error_code ?? '')) {
        const error = { error_code: row.error_code, error_message: row.error_message };
        await recordStop(db, await change(db, row, migration, error), nowMs());
      }
    },
  };
}
