// Carries recoveries under delay to their end: executes those whose time has come by the network's clock, and takes note
// of what others did on chain meanwhile (anyone may execute a due rotation, the owner may cancel with another client).
// A proposal that outlived its time is given up, so that a new recovery can be asked for.
import { randomUUID } from 'node:crypto';
import { PROPOSAL_LIFETIME_SECONDS, type Rpc, recoveryCalls } from '@latchkey/sdk/chain';
import { type Wallet, walletOf } from '../db/accounts.ts';
import { discardCredential } from '../db/credentials.ts';
import type { Database } from '../db/database.ts';
import { pendingRotations, type Rotation, updateRotation } from '../db/rotations.ts';
import { submissionById } from '../db/submissions.ts';
import type { Relayer } from '../relayer/worker.ts';
import { completeRotation } from './completeRotation.ts';
import type { Notify } from './notify.ts';
import { onChainRotation, type PendingOnChain } from './onChainRotation.ts';

/** An execution that failed is tried again after this long. */
const RETRY_AFTER_MS = 60_000;

export function createDueRotations(deps: {
  db: Database;
  rpc: Rpc;
  relayer: Relayer;
  notify: Notify;
  nowMs: () => number;
}): () => Promise<void> {
  const { db, rpc, relayer, notify, nowMs } = deps;

  async function execute(rotation: Rotation, wallet: Wallet, recoveryId: string): Promise<void> {
    const last = await submissionById(db, rotation.submission_id);
    if (last?.state === 'failed' && nowMs() - last.updated_at < RETRY_AFTER_MS) return;
    await db.transaction().execute(async (trx) => {
      const submissionId = randomUUID();
      const executing = { state: 'executing' as const, submission_id: submissionId };
      if (!(await updateRotation(trx, rotation, executing))) return;
      await relayer.enqueue(trx, {
        id: submissionId,
        kind: 'execute-rotation',
        accountId: rotation.account_id,
        hostFunctionXdr: recoveryCalls.execute(recoveryId, wallet.address).toXdr('base64'),
        authXdr: [],
        authExpiresAtLedger: null,
      });
    });
    relayer.wake();
  }

  async function advance(rotation: Rotation, networkTimeMs: number): Promise<void> {
    const wallet = await walletOf(db, rotation.account_id);
    if (!wallet) return;
    const { signerCredentialId, pending } = await onChainRotation(rpc, wallet.address);
    if (signerCredentialId === rotation.credential_id) {
      await db.transaction().execute((trx) => completeRotation(trx, rotation, notify));
    } else if (pending?.credentialId !== rotation.credential_id || hasExpired(pending, networkTimeMs)) {
      await db.transaction().execute(async (trx) => {
        if (!(await updateRotation(trx, rotation, { state: 'cancelled' }))) return;
        await discardCredential(trx, rotation.credential_id);
      });
    } else if (pending.executableAtMs > networkTimeMs) {
      await updateRotation(db, rotation, { executable_at: pending.executableAtMs });
    } else {
      await execute(rotation, wallet, pending.recoveryId);
    }
  }

  return async () => {
    const pending = await pendingRotations(db);
    if (pending.length === 0) return;
    const { closeTime } = await rpc.call('getLatestLedger');
    const networkTimeMs = Number(closeTime) * 1000;
    for (const rotation of pending) {
      if ((rotation.executable_at ?? 0) <= networkTimeMs) await advance(rotation, networkTimeMs);
    }
  };
}

function hasExpired({ executableAtMs }: PendingOnChain, networkTimeMs: number): boolean {
  return networkTimeMs > executableAtMs + PROPOSAL_LIFETIME_SECONDS * 1000;
}
