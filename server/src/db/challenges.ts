// WebAuthn challenges: single use, five minutes, bound to an e-mail address, a purpose and a subject. A challenge that
// was used remembers who used it (idempotency key and request hash) and what came of it, so that a repeated request
// gets the first one's answer and everybody else is refused.
import { LatchkeyError } from '@latchkey/sdk/api';
import { unclaimed } from './claim.ts';
import type { Database, Db } from './database.ts';
import { isUniqueViolation } from './refusals.ts';
import type { ChallengePurpose, ChallengesTable } from './schema.ts';

export const CHALLENGE_LIFETIME_MS = 5 * 60_000;
/** An expired challenge is told from an unknown one for a while longer. */
const EXPIRED_MEMORY_MS = 10 * 60_000;
/** Used challenges are kept this long, so that late repeats are recognised as such. */
const USED_MEMORY_MS = 24 * 3_600_000;
/** A repeated request gets the first one's answer this long after it. */
export const REPLAY_WINDOW_MS = 10 * 60_000;
const MAX_LIVE_PER_EMAIL = 100;
/** Asked for by anybody for anybody: a limit per address would let strangers lock a merchant out. */
const UNLIMITED: ChallengePurpose = 'merchant-sign-in';
const FORGET_AT_ONCE = 1_000;

export type Challenge = ChallengesTable;

/** Who uses a challenge: the client's Idempotency-Key, if any, and the hash of its request. */
export type ChallengeUse = { idempotencyKey: string | null; requestHash: string };

/** Some of what nobody will ask for again; rows that another server is about to delete are left to it. */
async function forgetOld(db: Db, nowMs: number): Promise<void> {
  await db
    .with(
      (cte) => cte('old').materialized(),
      (qb) =>
        unclaimed(
          db,
          qb
            .selectFrom('challenges')
            .select('challenge')
            .where((eb) =>
              eb.or([
                eb('expires_at', '<', nowMs - USED_MEMORY_MS),
                eb.and([eb('used_at', 'is', null), eb('expires_at', '<', nowMs - EXPIRED_MEMORY_MS)]),
              ]),
            )
            .limit(FORGET_AT_ONCE),
        ),
    )
    .deleteFrom('challenges')
    .where('challenge', 'in', (eb) => eb.selectFrom('old').select('challenge'))
    .execute();
}

export async function insertChallenge(
  db: Db,
  challenge: { challenge: string; purpose: ChallengePurpose; email: string; subject?: unknown },
  nowMs: number,
): Promise<number> {
  await forgetOld(db, nowMs);
  const { live } = await db
    .selectFrom('challenges')
    .select((eb) => eb.fn.countAll<number>().as('live'))
    .where('email', '=', challenge.email)
    .where('used_at', 'is', null)
    .where('expires_at', '>', nowMs)
    .executeTakeFirstOrThrow();
  if (challenge.purpose !== UNLIMITED && Number(live) >= MAX_LIVE_PER_EMAIL)
    throw new LatchkeyError('RATE_LIMITED');
  const expiresAt = nowMs + CHALLENGE_LIFETIME_MS;
  await db
    .insertInto('challenges')
    .values({
      challenge: challenge.challenge,
      purpose: challenge.purpose,
      email: challenge.email,
      subject: JSON.stringify(challenge.subject ?? null),
      expires_at: expiresAt,
      used_at: null,
      idempotency_key: null,
      request_hash: null,
      outcome_id: null,
    })
    .execute();
  return expiresAt;
}

/** @throws LatchkeyError CHALLENGE_UNKNOWN */
export async function getChallenge(db: Db, challenge: string): Promise<Challenge> {
  const row = await db
    .selectFrom('challenges')
    .selectAll()
    .where('challenge', '=', challenge)
    .executeTakeFirst();
  if (!row) throw new LatchkeyError('CHALLENGE_UNKNOWN');
  return row;
}

/**
 * The challenge, if it was given for this purpose and, where an account is named, to it.
 * @throws LatchkeyError CHALLENGE_UNKNOWN, CHALLENGE_WRONG_PURPOSE, CHALLENGE_WRONG_ACCOUNT
 */
export async function challengeFor(
  db: Db,
  challenge: string,
  bound: { purpose: ChallengePurpose; email?: string },
): Promise<Challenge> {
  const row = await getChallenge(db, challenge);
  if (row.purpose !== bound.purpose) throw new LatchkeyError('CHALLENGE_WRONG_PURPOSE');
  if (bound.email !== undefined && row.email !== bound.email)
    throw new LatchkeyError('CHALLENGE_WRONG_ACCOUNT');
  return row;
}

/**
 * The outcome of an earlier, identical request; null when the challenge is free to be used now.
 * @throws LatchkeyError CHALLENGE_ALREADY_USED, CHALLENGE_EXPIRED, IDEMPOTENCY_KEY_REUSED
 */
export function earlierOutcome(row: Challenge, use: ChallengeUse, nowMs: number): string | null {
  if (row.used_at !== null) {
    const sameKey = use.idempotencyKey !== null && use.idempotencyKey === row.idempotency_key;
    const repeat = sameKey && use.requestHash === row.request_hash && nowMs - row.used_at < REPLAY_WINDOW_MS;
    if (repeat && row.outcome_id !== null) return row.outcome_id;
    const otherRequest = sameKey && use.requestHash !== row.request_hash;
    throw new LatchkeyError(otherRequest ? 'IDEMPOTENCY_KEY_REUSED' : 'CHALLENGE_ALREADY_USED');
  }
  if (nowMs > row.expires_at) throw new LatchkeyError('CHALLENGE_EXPIRED');
  return null;
}

/**
 * Runs `act` and marks the challenge used, in one transaction: both happen or neither. Of several identical requests
 * at once one acts and the others get its outcome.
 * @returns the id under which the outcome is found: `outcomeId`, or that of the request that was faster
 * @throws LatchkeyError CHALLENGE_ALREADY_USED when another request was faster, IDEMPOTENCY_KEY_REUSED
 */
export async function actOnce(
  db: Database,
  row: Challenge,
  use: ChallengeUse,
  outcomeId: string,
  nowMs: number,
  act: (trx: Db, outcomeId: string) => Promise<void>,
): Promise<string> {
  try {
    await db.transaction().execute(async (trx) => {
      await useChallenge(trx, row.challenge, use, outcomeId, nowMs);
      await act(trx, outcomeId);
    });
    return outcomeId;
  } catch (error) {
    const earlier = await repeatedOutcome(db, row.challenge, use, nowMs);
    if (earlier !== null) return earlier;
    if (isUniqueViolation(error) && (await keyIsTaken(db, row.challenge, use)))
      throw new LatchkeyError('IDEMPOTENCY_KEY_REUSED', { cause: error });
    throw error;
  }
}

/** What came of an identical request that has finished meanwhile; null when there was none. */
export async function repeatedOutcome(
  db: Db,
  challenge: string,
  use: ChallengeUse,
  nowMs: number,
): Promise<string | null> {
  const row = await getChallenge(db, challenge);
  if (row.used_at === null) return null;
  try {
    return earlierOutcome(row, use, nowMs);
  } catch {
    return null;
  }
}

/** Whether this Idempotency-Key was used with another challenge. */
async function keyIsTaken(db: Db, challenge: string, use: ChallengeUse): Promise<boolean> {
  if (use.idempotencyKey === null) return false;
  const other = await db
    .selectFrom('challenges')
    .select('challenge')
    .where('idempotency_key', '=', use.idempotencyKey)
    .executeTakeFirst();
  return other !== undefined && other.challenge !== challenge;
}

/** @throws LatchkeyError CHALLENGE_ALREADY_USED, IDEMPOTENCY_KEY_REUSED */
export async function useChallenge(
  db: Db,
  challenge: string,
  use: ChallengeUse,
  outcomeId: string,
  nowMs: number,
): Promise<void> {
  if (await keyIsTaken(db, challenge, use)) throw new LatchkeyError('IDEMPOTENCY_KEY_REUSED');
  const result = await db
    .updateTable('challenges')
    .set({
      used_at: nowMs,
      idempotency_key: use.idempotencyKey,
      request_hash: use.requestHash,
      outcome_id: outcomeId,
    })
    .where('challenge', '=', challenge)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new LatchkeyError('CHALLENGE_ALREADY_USED');
}
