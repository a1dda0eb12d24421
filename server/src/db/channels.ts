// Channel accounts: which there are, what their sequence numbers are known to be, and which submission has which. An
// account is lent to one submission at a time; the row of the account says so, and a unique index backs it. The seed
// of their keys is kept here as ciphertext.
import type { Db } from './database.ts';
import type { ChannelsTable } from './schema.ts';

const SEED_ROW = 1;
/** An account that is new since then has nothing, and is asked about again before anything is signed. */
const ADDRESSES_AGE_MS = 1_000;

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

/** Of all networks. */
export function allChannels(db: Db): Promise<Channel[]> {
  return db.selectFrom('channels').selectAll().orderBy('key_index').execute();
}

export function channelsOf(db: Db, network: string): Promise<Channel[]> {
  return db.selectFrom('channels').selectAll().where('network', '=', network).orderBy('key_index').execute();
}

/** Of all accounts, as of a moment ago at most. */
export function channelAddresses(db: Db): Promise<string[]> {
  const known = addresses.get(db);
  if (known && performance.now() - known.atMs < ADDRESSES_AGE_MS) return known.list;
  const list = db
    .selectFrom('channels')
    .select('address')
    .orderBy('key_index')
    .execute()
    .then((rows) => rows.map((it) => it.address));
  addresses.set(db, { atMs: performance.now(), list });
  list.catch(() => addresses.delete(db));
  return list;
}

const addresses = new WeakMap<Db, { atMs: number; list: Promise<string[]> }>();

/** Takes an account into the pool; one that was to leave it stays. */
export async function addChannel(
  db: Db,
  channel: Pick<Channel, 'address' | 'key_index'> & { network?: string },
): Promise<void> {
  await db
    .insertInto('channels')
    .values({ network: '', ...channel, state: 'active', sequence: null, submission_id: null })
    .onConflict((conflict) => conflict.column('address').doUpdateSet({ state: 'active' }))
    .execute();
}

/** From now on nobody gets the accounts whose keys come at or after `keyIndex`. */
export async function retireChannels(db: Db, keyIndex: number, network = ''): Promise<void> {
  await db
    .updateTable('channels')
    .set({ state: 'retiring' })
    .where('network', '=', network)
    .where('key_index', '>=', keyIndex)
    .execute();
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
