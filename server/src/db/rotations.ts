// Recoveries: one row each, from the guardian's signature to the new signer on chain. At most one per account is open
// (submitted, pending or executing) at a time; a unique index of the table holds that.
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
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('rotations')
    .values(rotation)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw new LatchkeyError('ROTATION_IN_PROGRESS');
}

/** Proposed on chain and neither executed nor cancelled, as far as we know. */
export function pendingRotations(db: Db): Promise<Rotation[]> {
  return db.selectFrom('rotations').selectAll().where('state', '=', 'pending').execute();
}

/** Changes the row if it still is in the state that `row` says; false when somebody else has moved it on. */
export async function updateRotation(
  db: Db,
  row: Rotation,
  change: Partial<Pick<Rotation, 'state' | 'executable_at' | 'submission_id'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('rotations')
    .set(change)
    .where('id', '=', row.id)
    .where('state', '=', row.state)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
