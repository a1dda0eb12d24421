// Who works on which submission, and which channel account it has meanwhile. A process claims rows for a while; the claim
// only saves work, what holds is that every change names the row it saw. Many rows are claimed in one transaction.
// Owners (an API key, or the service itself) take turns, whoever has least on its way first, and the last part of what
// there is to share is kept for owners that have less than that: nobody takes everything, whatever it waits for.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Channel } from './channels.ts';
import { unclaimed } from './claim.ts';
import type { Database, Db } from './database.ts';
import type { Tables } from './schema.ts';
import type { Submission } from './submissions.ts';

export type Claimed = { row: Submission; channel: Channel | null };

/** Of lanes and of channel accounts, one in so many is kept for owners that have less; none where there are fewer. */
const KEPT_PART = 4;
/** How often rows are chosen again when other processes were faster with all of them. */
const MAX_CLAIM_TRIES = 5;
/** Owners that are looked at in one go, those with least on their way. */
const MAX_OWNERS = 16;

export type Lanes = { free: number; total: number };

type Owner = { id: string | null; busy: number; needsChannels: boolean; rows: Submission[] };
type Candidates = SelectQueryBuilder<Tables, 'submissions', Submission>;

const keptOf = (total: number) => Math.floor(total / KEPT_PART);
/** Whether an owner with so much on its way may have one more. */
const mayHave = (busy: number, { free, total }: Lanes) =>
  free > 0 && (free > keptOf(total) || busy < keptOf(total));

function due(db: Db, network: string, state: 'queued' | 'sent', nowMs: number): Candidates {
  return db
    .selectFrom('submissions')
    .selectAll()
    .where('network', '=', network)
    .where('state', '=', state)
    .where('not_before', '<=', nowMs)
    .where('claimed_until', '<=', nowMs)
    .orderBy('created_at');
}

const needsNone = (row: Submission) => row.kind === 'envelope' || row.channel !== null;

/**
 * The queued ones to work on next, with a channel account each; without free ones only those that need none, or that
 * have one already.
 */
export async function claimQueued(
  db: Database,
  lanes: Lanes,
  nowMs: number,
  claimedUntil: number,
  network = '',
): Promise<Claimed[]> {
  for (let attempt = 0; attempt < MAX_CLAIM_TRIES; attempt++) {
    const chosen = await choose(db, network, lanes, nowMs);
    if (chosen.length === 0) break;
    const taken = await db.transaction().execute((trx) => take(trx, chosen, nowMs, claimedUntil));
    if (taken.length > 0) return taken;
  }
  return [];
}

async function choose(db: Db, network: string, lanes: Lanes, nowMs: number): Promise<Submission[]> {
  const channels = await channelCounts(db, network);
  const owners = await waitingOwners(db, network, nowMs);
  for (const owner of owners) {
    if (channels.free === 0 && owner.needsChannels) continue;
    const ofOwner = owner.id === null ? 'is' : '=';
    const all = due(db, network, 'queued', nowMs).where('api_key_id', ofOwner, owner.id);
    const query =
      channels.free > 0
        ? all
        : all.where((eb) => eb.or([eb('kind', '=', 'envelope'), eb('channel', 'is not', null)]));
    owner.rows = await query.limit(lanes.free).execute();
  }
  return inTurns(owners, { ...lanes }, channels);
}

/** Those that may be on their way, of processes that are no more. */
export async function claimSent(
  db: Database,
  limit: number,
  nowMs: number,
  claimedUntil: number,
  network = '',
): Promise<Claimed[]> {
  const rows = await due(db, network, 'sent', nowMs).limit(limit).execute();
  if (rows.length === 0) return [];
  return db.transaction().execute((trx) => take(trx, rows, nowMs, claimedUntil));
}

async function channelCounts(db: Db, network: string): Promise<Lanes> {
  const counts = await db
    .selectFrom('channels')
    .select((eb) => [eb.fn.countAll<number>().as('total'), eb.fn.count<number>('submission_id').as('lent')])
    .where('network', '=', network)
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow();
  return { total: Number(counts.total), free: Number(counts.total) - Number(counts.lent) };
}

async function waitingOwners(db: Db, network: string, nowMs: number): Promise<Owner[]> {
  const isClaimed = sql`claimed_until > ${nowMs}`;
  const isDue = sql`state = 'queued' and claimed_until <= ${nowMs} and not_before <= ${nowMs}`;
  const owners = await db
    .selectFrom('submissions')
    .select([
      'api_key_id',
      sql<number>`sum(case when ${isClaimed} then 1 else 0 end)`.as('busy'),
      sql<number>`sum(case when ${isDue} then 1 else 0 end)`.as('due'),
      sql<number>`sum(case when ${isDue} and (kind = 'envelope' or channel is not null) then 1 else 0 end)`.as(
        'ready',
      ),
    ])
    .where('network', '=', network)
    .where('state', 'in', ['queued', 'sent'])
    .groupBy('api_key_id')
    .execute();
  return owners
    .filter((it) => Number(it.due) > 0)
    .map((it) => ({
      id: it.api_key_id,
      busy: Number(it.busy),
      needsChannels: Number(it.ready) === 0,
      rows: [],
    }))
    .sort((a, b) => a.busy - b.busy)
    .slice(0, MAX_OWNERS);
}

/** One of whoever has least on its way, and so on, while there is something to share. */
function inTurns(owners: Owner[], lanes: Lanes, channels: Lanes): Submission[] {
  const chosen: Submission[] = [];
  const mayTake = ({ busy, rows: [next] }: Owner) =>
    next !== undefined && mayHave(busy, lanes) && (needsNone(next) || mayHave(busy, channels));
  for (;;) {
    const able = owners.filter(mayTake);
    if (able.length === 0) return chosen;
    const owner = able.reduce((least, it) => (it.busy < least.busy ? it : least));
    const row = owner.rows.shift()!;
    owner.busy++;
    lanes.free--;
    if (!needsNone(row)) channels.free--;
    chosen.push(row);
  }
}

/** @param candidates of one network */
async function take(
  trx: Db,
  candidates: Submission[],
  nowMs: number,
  claimedUntil: number,
): Promise<Claimed[]> {
  const { network } = candidates[0]!;
  const ids = candidates.map((it) => it.id);
  const ours = await unclaimed(
    trx,
    trx
      .selectFrom('submissions')
      .select(['id', 'state'])
      .where('id', 'in', ids)
      .where('claimed_until', '<=', nowMs),
  ).execute();
  const stateOf = new Map(ours.map((it) => [it.id, it.state]));
  const rows = candidates.filter((it) => stateOf.get(it.id) === it.state);
  const needy = rows.filter((it) => it.state === 'queued' && !needsNone(it));
  const free =
    needy.length === 0
      ? []
      : await unclaimed(
          trx,
          trx
            .selectFrom('channels')
            .selectAll()
            .where('network', '=', network)
            .where('state', '=', 'active')
            .where('submission_id', 'is', null)
            .orderBy('key_index')
            .limit(needy.length),
        ).execute();
  const lent = new Map(needy.slice(0, free.length).map((row, index) => [row.id, free[index]!]));
  const taken = rows.filter((it) => lent.has(it.id) || !needy.includes(it));
  if (taken.length === 0) return [];
  const others = taken.filter((it) => !lent.has(it.id)).map((it) => it.id);
  await renewClaims(trx, others, claimedUntil);
  for (const [id, { address }] of lent) {
    const claim = { claimed_until: claimedUntil, channel: address };
    await trx.updateTable('submissions').set(claim).where('id', '=', id).execute();
    await trx.updateTable('channels').set({ submission_id: id }).where('address', '=', address).execute();
  }
  const kept = taken.filter((it) => it.channel !== null).map((it) => it.id);
  const before =
    kept.length === 0
      ? []
      : await trx.selectFrom('channels').selectAll().where('submission_id', 'in', kept).execute();
  return taken.map((row) => {
    const channel = lent.get(row.id) ?? before.find((it) => it.submission_id === row.id) ?? null;
    return {
      row: { ...row, claimed_until: claimedUntil, channel: channel?.address ?? row.channel },
      channel,
    };
  });
}

/** For a process that is alone on its database: whoever claimed rows before it is no more. */
export async function endClaims(db: Db, network = ''): Promise<void> {
  await db
    .updateTable('submissions')
    .set({ claimed_until: 0 })
    .where('network', '=', network)
    .where('state', 'in', ['queued', 'sent'])
    .execute();
}

export async function renewClaims(db: Db, ids: string[], claimedUntil: number): Promise<void> {
  if (ids.length === 0) return;
  await db.updateTable('submissions').set({ claimed_until: claimedUntil }).where('id', 'in', ids).execute();
}
