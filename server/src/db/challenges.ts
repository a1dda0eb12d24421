// WebAuthn challenges: single use, five minutes, bound to an e-mail address, a purpose and a subject. A challenge that
// was used remembers who used it (idempotency key and request hash) and what came of it, so that a repeated request
// gets the first one's answer and everybody else is refused.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from './database.ts';
import type { ChallengePurpose, ChallengesTable } from './schema.ts';

export const CHALLENGE_LIFETIME_MS = 5 * 60_000;
/** Used challenges are kept this long, so that late repeats are recognised. */
const CHALLENGE_MEMORY_MS = 24 * 3_600_000;

export type Challenge = ChallengesTable;

/** Who uses a challenge: the client's Idempotency-Key, if any, and the hash of its request. */
export type ChallengeUse = { idempotencyKey: string | null; requestHash: string };

export async function insertChallenge(
  db: Db,
  challenge: { challenge: string; purpose: ChallengePurpose; email: string; subject?: unknown },
  nowMs: number,
): Promise<number> {
  await db
    .deleteFrom('challenges')
    .where('expires_at', '<', nowMs - CHALLENGE_MEMORY_MS)
    .execute();
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
 * The outcome of an earlier, identical request; null when the challenge is free to be used now.
 * @throws LatchkeyError CHALLENGE_ALREADY_USED, CHALLENGE_EXPIRED, IDEMPOTENCY_KEY_REUSED
 */
export function earlierOutcome(row: Challenge, use: ChallengeUse, nowMs: number): string | null {
  if (row.used_at !== null) {
    const sameKey = use.idempotencyKey !== null && use.idempotencyKey === row.idempotency_key;
    if (sameKey && use.requestHash === row.request_hash && row.outcome_id !== null) return row.outcome_id;
    throw new LatchkeyError(sameKey ? 'IDEMPOTENCY_KEY_REUSED' : 'CHALLENGE_ALREADY_USED');
  }
  if (nowMs > row.expires_at) throw new LatchkeyError('CHALLENGE_EXPIRED');
  return null;
}

/**
 * Marks the challenge used; call it in the transaction that stores the outcome, so that both happen or neither.
 * @throws LatchkeyError CHALLENGE_ALREADY_USED when another request was faster, IDEMPOTENCY_KEY_REUSED
 */
export async function useChallenge(
  db: Db,
  challenge: string,
  use: ChallengeUse,
  outcomeId: string,
  nowMs: number,
): Promise<void> {
  if (use.idempotencyKey !== null) {
    const other = await db
      .selectFrom('challenges')
      .select('challenge')
      .where('idempotency_key', '=', use.idempotencyKey)
      .executeTakeFirst();
    if (other && other.challenge !== challenge) throw new LatchkeyError('IDEMPOTENCY_KEY_REUSED');
  }
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
