// Recoveries: one row each, from the guardian's signature to the new signer on chain. At most one per account is open
// (submitted, pending or executing) at a time.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from './database.ts';
import type { RotationState, RotationsTable } from './schema.ts';

export type Rotation = RotationsTable;

const OPEN: RotationState[] = ['submitted', 'pending', 'executing'];

export function openRotation(db: Db, accountId: string): Promise<Rotation | undefined> {
  return db
    .selectFrom('rotations')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', 'in', OPEN)
    .executeTakeFirst();
}

export function rotationById(db: Db, id: string): Promise<Rotation | undefined> {
  return db.selectFrom('rotations').selectAll().where('id', '=', id).executeTakeFirst();
}

export function rotationOfSubmission(db: Db, submissionId: string): Promise<Rotation | undefined> {
  return db.selectFrom('rotations').selectAll().where('submission_id', '=', submissionId).executeTakeFirst();
}

/** @throws LatchkeyError ROTATION_IN_PROGRESS */
export async function insertRotation(db: Db, rotation: Rotation): Promise<void> {
  if (await openRotation(db, rotation.account_id)) throw new LatchkeyError('ROTATION_IN_PROGRESS');
  await db.insertInto('rotations').values(rotation).execute();
}

/** Proposed on chain and neither executed nor cancelled, as far as we know. */
export function pendingRotations(db: Db): Promise<Rotation[]> {
  return db.selectFrom('rotations').selectAll().where('state', '=', 'pending').execute();
}

export async function updateRotation(
  db: Db,
  id: string,
  change: Partial<Pick<Rotation, 'state' | 'executable_at' | 'submission_id'>>,
): Promise<void> {
  await db.updateTable('rotations').set(change).where('id', '=', id).execute();
}
