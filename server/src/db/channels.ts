// Channel accounts: which there are, what their sequence numbers are known to be, and which submission has which. An
// account is lent to one submission at a time; the row of the account says so, and a unique index backs it. The seed
// of their keys is kept here as ciphertext.
import type { Db } from './database.ts';
import type { ChannelsTable } from './schema.ts';

const SEED_ROW = 1;
/** How often a free account is looked for again when another process was faster. */
const MAX_LEASE_TRIES = 5;

export type Channel = ChannelsTable;

/** The sealed seed: the one proposed, unless there is one already. */
export async function keepSealedSeed(db: Db, proposed: string): Promise<string> {
  await db
    .insertInto('channel_seed')
    .values({ id: SEED_ROW, sealed: proposed })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return (await db.selectFrom('channel_seed').select('sealed').executeTakeFirstOrThrow()).sealed;
}

export function allChannels(db: Db): Promise<Channel[]> {
  return db.selectFrom('channels').selectAll().orderBy('key_index').execute();
}

/** Takes an account into the pool; one that was to leave it stays. */
export async function addChannel(db: Db, channel: Pick<Channel, 'address' | 'key_index'>): Promise<void> {
  await db
    .insertInto('channels')
    .values({ ...channel, state: 'active', sequence: null, submission_id: null })
    .onConflict((conflict) => conflict.column('address').doUpdateSet({ state: 'active' }))
    .execute();
}

/** From now on nobody gets the accounts whose keys come at or after `keyIndex`. */
export async function retireChannels(db: Db, keyIndex: number): Promise<void> {
  await db.updateTable('channels').set({ state: 'retiring' }).where('key_index', '>=', keyIndex).execute();
}

export async function removeChannel(db: Db, address: string): Promise<void> {
  await db
    .deleteFrom('channels')
    .where('address', '=', address)
    .where('state', '=', 'retiring')
    .where('submission_id', 'is', null)
    .execute();
}

export function channelOf(db: Db, submissionId: string): Promise<Channel | undefined> {
  return db.selectFrom('channels').selectAll().where('submission_id', '=', submissionId).executeTakeFirst();
}

/** Lends a free account to the submission; null when all are lent. */
export async function leaseChannel(db: Db, submissionId: string): Promise<string | null> {
  for (let attempt = 0; attempt < MAX_LEASE_TRIES; attempt++) {
    const free = await freeChannel(db);
    if (!free) return null;
    const lent = await db
      .updateTable('channels')
      .set({ submission_id: submissionId })
      .where('address', '=', free.address)
      .where('state', '=', 'active')
      .where('submission_id', 'is', null)
      .executeTakeFirst();
    if (lent.numUpdatedRows === 1n) return free.address;
  }
  return null;
}

export function freeChannel(db: Db): Promise<{ address: string } | undefined> {
  return db
    .selectFrom('channels')
    .select('address')
    .where('state', '=', 'active')
    .where('submission_id', 'is', null)
    .orderBy('key_index')
    .limit(1)
    .executeTakeFirst();
}

/** Before an envelope is sent: which sequence number it uses. */
export async function noteSequence(db: Db, submissionId: string, sequence: bigint): Promise<void> {
  await db
    .updateTable('channels')
    .set({ sequence: String(sequence) })
    .where('submission_id', '=', submissionId)
    .execute();
}

/** Takes the account back. Unless its sequence number is certain, the network is asked for it next time. */
export async function releaseChannel(
  db: Db,
  submissionId: string,
  isSequenceCertain: boolean,
): Promise<void> {
  await db
    .updateTable('channels')
    .set({ submission_id: null, ...(isSequenceCertain ? {} : { sequence: null }) })
    .where('submission_id', '=', submissionId)
    .execute();
}
