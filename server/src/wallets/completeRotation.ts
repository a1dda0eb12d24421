// What changes here once a wallet has its new signer on chain, whoever brought that about: the new credential is the
// active one, the old sessions end, and the owner is told, once: whoever learns of it second changes nothing. Call it in the
// transaction that learned of it.
import { endSessions } from '../db/accounts.ts';
import { activateCredential } from '../db/credentials.ts';
import type { Db } from '../db/database.ts';
import { type Rotation, updateRotation } from '../db/rotations.ts';
import type { Notify } from './notify.ts';

export async function completeRotation(db: Db, rotation: Rotation, notify: Notify): Promise<void> {
  if (!(await updateRotation(db, rotation, { state: 'executed' }))) return;
  await activateCredential(db, rotation.account_id, rotation.credential_id);
  await endSessions(db, rotation.account_id);
  await notify(db, { accountId: rotation.account_id, what: 'rotated', executableAt: null });
}
