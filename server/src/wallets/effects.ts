// What a settled submission changes in the wallets' tables. Each effect runs in the transaction that settles its
// submission, mail to be sent included, so that chain and tables agree after a crash at any point.
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { setWalletState, walletOf } from '../db/accounts.ts';
import { insertActivity } from '../db/activity.ts';
import { discardCredential, replaceActiveCredential } from '../db/credentials.ts';
import type { Db } from '../db/database.ts';
import { openRotation, rotationOfSubmission, updateRotation } from '../db/rotations.ts';
import type { ActivityTable } from '../db/schema.ts';
import type { WalletEffects, WalletSubmission } from '../relayer/worker.ts';
import { completeRotation } from './completeRotation.ts';
import type { Notify } from './notify.ts';

export function walletEffects(deps: {
  nowMs: () => number;
  notify: Notify;
  nativeTokenId: string;
}): WalletEffects {
  const { nowMs, notify } = deps;

  async function record(
    db: Db,
    row: WalletSubmission,
    entry: Pick<ActivityTable, 'kind' | 'status'> & Partial<ActivityTable>,
  ) {
    const wallet = await walletOf(db, row.account_id);
    if (!wallet) return;
    await insertActivity(db, {
      id: row.id,
      wallet: wallet.address,
      at: row.ledger_closed_at ?? nowMs(),
      ledger: row.ledger ?? 0,
      counterparty: null,
      token: null,
      amount: null,
      hash: row.hash ?? '',
      ...entry,
    });
  }

  async function rotated(db: Db, row: WalletSubmission): Promise<void> {
    const rotation = await rotationOfSubmission(db, row.id);
    if (!rotation) return;
    if (row.state === 'failed') {
      await updateRotation(db, rotation, { state: 'failed' });
      await discardCredential(db, rotation.credential_id);
      return;
    }
    await completeRotation(db, rotation, notify);
    await record(db, row, { kind: 'rotated', status: 'confirmed' });
  }

  return {
    async deploy(db, row) {
      await setWalletState(db, row.account_id, row.state === 'confirmed' ? 'active' : 'failed');
      if (row.state === 'confirmed') await record(db, row, { kind: 'created', status: 'confirmed' });
      else await replaceActiveCredential(db, row.account_id);
    },

    async transfer(db, row) {
      const transfer = await db
        .selectFrom('transfers')
        .selectAll()
        .where('submission_id', '=', row.id)
        .executeTakeFirstOrThrow();
      // A confirmed transfer of the native asset is found among the network's events (activity.ts); the rest is not.
      if (row.state === 'confirmed' && transfer.token === deps.nativeTokenId) return;
      await record(db, row, {
        kind: 'sent',
        status: row.state === 'confirmed' ? 'confirmed' : 'failed',
        counterparty: transfer.to_address,
        token: transfer.token,
        amount: transfer.amount,
      });
    },

    rotate: rotated,
    async 'execute-rotation'(db, row) {
      if (row.state === 'confirmed') return rotated(db, row);
      // Anyone may have executed it first, or its time had not quite come: the chain is asked what holds (recover.ts).
      const rotation = await rotationOfSubmission(db, row.id);
      if (rotation) await updateRotation(db, rotation, { state: 'pending' });
    },

    async 'propose-rotation'(db, row) {
      const rotation = await rotationOfSubmission(db, row.id);
      if (!rotation) return;
      if (row.state === 'failed') return rotated(db, row);
      // Without a return value the time is read from the chain when due work is next looked at.
      const value = row.return_value_xdr ? ScVal.fromXdr(row.return_value_xdr, 'base64') : null;
      const executableAt = value?.type === 'scvU64' ? Number(value.value) * 1000 : null;
      await updateRotation(db, rotation, { state: 'pending', executable_at: executableAt });
      await notify(db, { accountId: row.account_id, what: 'rotation-proposed', executableAt });
    },

    async 'cancel-rotation'(db, row) {
      if (row.state === 'failed') return;
      const rotation = await openRotation(db, row.account_id);
      if (!rotation) return;
      if (!(await updateRotation(db, rotation, { state: 'cancelled' }))) return;
      await discardCredential(db, rotation.credential_id);
      await notify(db, { accountId: row.account_id, what: 'rotation-cancelled', executableAt: null });
    },
  };
}
