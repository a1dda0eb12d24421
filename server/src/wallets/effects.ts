// What a settled submission changes in the wallets' tables. Each effect runs in the transaction that settles its
// submission, so that chain and tables agree after a crash at any point. Mail is queued by the caller's `notify`,
// which runs after that transaction.
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { endSessions, setWalletState, walletOf } from '../db/accounts.ts';
import { insertActivity } from '../db/activity.ts';
import { activateCredential, discardActiveCredentials, discardCredential } from '../db/credentials.ts';
import type { Db } from '../db/database.ts';
import { openRotation, rotationOfSubmission, updateRotation } from '../db/rotations.ts';
import type { ActivityTable } from '../db/schema.ts';
import type { Submission } from '../db/submissions.ts';
import type { Effects } from '../relayer/worker.ts';

/** Something the account's owner is told by e-mail. */
export type Notice = {
  accountId: string;
  what: 'rotation-proposed' | 'rotated' | 'rotation-cancelled';
  executableAt?: number;
};

export function walletEffects(deps: { nowMs: () => number; notify: (notice: Notice) => void }): Effects {
  const { nowMs, notify } = deps;

  async function record(
    db: Db,
    row: Submission,
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

  async function rotated(db: Db, row: Submission): Promise<void> {
    const rotation = await rotationOfSubmission(db, row.id);
    if (!rotation) return;
    if (row.state === 'failed') {
      await updateRotation(db, rotation.id, { state: 'failed' });
      await discardCredential(db, rotation.credential_id);
      return;
    }
    await updateRotation(db, rotation.id, { state: 'executed' });
    await activateCredential(db, row.account_id, rotation.credential_id);
    await endSessions(db, row.account_id);
    await record(db, row, { kind: 'rotated', status: 'confirmed' });
    notify({ accountId: row.account_id, what: 'rotated' });
  }

  return {
    async deploy(db, row) {
      await setWalletState(db, row.account_id, row.state === 'confirmed' ? 'active' : 'failed');
      if (row.state === 'confirmed') await record(db, row, { kind: 'created', status: 'confirmed' });
      else await discardActiveCredentials(db, row.account_id);
    },

    async transfer(db, row) {
      // A confirmed transfer shows up among the network's events; only a refused one would leave no trace.
      if (row.state !== 'failed') return;
      const transfer = await db
        .selectFrom('transfers')
        .selectAll()
        .where('submission_id', '=', row.id)
        .executeTakeFirstOrThrow();
      await record(db, row, {
        kind: 'sent',
        status: 'failed',
        counterparty: transfer.to_address,
        token: transfer.token,
        amount: transfer.amount,
      });
    },

    rotate: rotated,
    'execute-rotation': rotated,

    async 'propose-rotation'(db, row) {
      const rotation = await rotationOfSubmission(db, row.id);
      if (!rotation) return;
      if (row.state === 'failed') return rotated(db, row);
      const value = row.return_value_xdr ? ScVal.fromXdr(row.return_value_xdr, 'base64') : null;
      if (value?.type !== 'scvU64') throw new Error('propose_rotation returned no time');
      const executableAt = Number(value.value) * 1000;
      await updateRotation(db, rotation.id, { state: 'pending', executable_at: executableAt });
      notify({ accountId: row.account_id, what: 'rotation-proposed', executableAt });
    },

    async 'cancel-rotation'(db, row) {
      if (row.state === 'failed') return;
      const rotation = await openRotation(db, row.account_id);
      if (!rotation) return;
      await updateRotation(db, rotation.id, { state: 'cancelled' });
      await discardCredential(db, rotation.credential_id);
      notify({ accountId: row.account_id, what: 'rotation-cancelled' });
    },
  };
}
