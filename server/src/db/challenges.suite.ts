// What WebAuthn challenges must do on every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountById, insertAccount } from './accounts.ts';
import {
  actOnce,
  CHALLENGE_LIFETIME_MS,
  type ChallengeUse,
  earlierOutcome,
  getChallenge,
  insertChallenge,
  REPLAY_WINDOW_MS,
  repeatedOutcome,
} from './challenges.ts';
import type { Database } from './database.ts';

const NOW = 1_795_000_000_000;
const HOUR_MS = 3_600_000;
const email = 'ana@example.org';

/** @param open a fresh, empty database */
export function challengeSuite(name: string, open: () => Promise<Database>): void {
  describe(name, () => {
    let db: Database;

    beforeEach(async () => {
      db = await open();
    });
    afterEach(() => db.destroy());

    const failure = (code: string) => expect.objectContaining({ code });
    const give = (challenge = 'given', nowMs = NOW, to = email) =>
      insertChallenge(db, { challenge, purpose: 'transfer', email: to, subject: { amount: '1' } }, nowMs);
    const use: ChallengeUse = { idempotencyKey: 'key-00000001', requestHash: 'hash' };
    const withoutKey: ChallengeUse = { idempotencyKey: null, requestHash: 'hash' };
    const nothing = async () => {};

    /** Uses the challenge as a request does: looks, then acts. */
    async function request(
      by: ChallengeUse,
      {
        outcomeId = 'outcome',
        challenge = 'given',
        nowMs = NOW,
        act = nothing as Parameters<typeof actOnce>[5],
      },
    ): Promise<string> {
      const row = await getChallenge(db, challenge);
      return earlierOutcome(row, by, nowMs) ?? actOnce(db, row, by, outcomeId, nowMs, act);
    }

    describe('a challenge', () => {
      it('remembers what was to be approved, and until when', async () => {
        expect(await give()).toBe(NOW + CHALLENGE_LIFETIME_MS);
        expect(await getChallenge(db, 'given')).toMatchObject({
          email,
          purpose: 'transfer',
          subject: '{"amount":"1"}',
          expires_at: NOW + CHALLENGE_LIFETIME_MS,
          used_at: null,
        });
      });

      it('that nobody gave is unknown', async () => {
        await expect(getChallenge(db, 'made up')).rejects.toThrow(failure('CHALLENGE_UNKNOWN'));
      });

      it('works up to its last millisecond, and not after it', async () => {
        await give();
        const late = NOW + CHALLENGE_LIFETIME_MS + 1;
        await expect(request(use, { nowMs: late })).rejects.toThrow(failure('CHALLENGE_EXPIRED'));
        expect(await request(use, { nowMs: late - 1 })).toBe('outcome');
      });

      it.each([
        ['no key', withoutKey],
        ['another key', { idempotencyKey: 'key-00000002', requestHash: 'hash' }],
      ])('works once: refused to a second request with %s', async (_, second) => {
        await give();
        await request(use, {});
        await expect(request(second, { outcomeId: 'second' })).rejects.toThrow(
          failure('CHALLENGE_ALREADY_USED'),
        );
      });

      it('works once: refused to the same request when neither has a key', async () => {
        await give();
        await request(withoutKey, {});
        await expect(request(withoutKey, {})).rejects.toThrow(failure('CHALLENGE_ALREADY_USED'));
      });
    });

    describe('a repeated request', () => {
      it('gets the first outcome within the window, also when the challenge has expired', async () => {
        await give();
        await request(use, { outcomeId: 'first' });
        for (const nowMs of [NOW, NOW + CHALLENGE_LIFETIME_MS + 1, NOW + REPLAY_WINDOW_MS - 1]) {
          expect(await request(use, { outcomeId: 'second', nowMs })).toBe('first');
        }
      });

      it('is refused after the window', async () => {
        await give();
        await request(use, {});
        await expect(request(use, { nowMs: NOW + REPLAY_WINDOW_MS })).rejects.toThrow(
          failure('CHALLENGE_ALREADY_USED'),
        );
      });

      it('with another body under the same key is refused', async () => {
        await give();
        await request(use, {});
        const other = { ...use, requestHash: 'other hash' };
        await expect(request(other, {})).rejects.toThrow(failure('IDEMPOTENCY_KEY_REUSED'));
        expect(await repeatedOutcome(db, 'given', other, NOW)).toBeNull();
      });

      it('with another challenge under the same key is refused, and uses up nothing', async () => {
        await give('first');
        await give('second');
        await request(use, { challenge: 'first' });
        await expect(request(use, { challenge: 'second' })).rejects.toThrow(
          failure('IDEMPOTENCY_KEY_REUSED'),
        );
        expect((await getChallenge(db, 'second')).used_at).toBeNull();
      });
    });

    describe('identical requests at once', () => {
      it('act once, and all get the same outcome', async () => {
        await give();
        const row = await getChallenge(db, 'given');
        let acts = 0;
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            actOnce(db, row, use, `outcome ${i}`, NOW, async (trx, outcomeId) => {
              acts++;
              await insertAccount(trx, { id: outcomeId, email: `${i}@example.org` }, NOW);
            }),
          ),
        );
        expect(acts).toBe(1);
        expect(new Set(outcomes).size).toBe(1);
        expect(await accountById(db, outcomes[0]!)).toBeDefined();
      });

      it('act once without a key too, and all others are refused', async () => {
        await give();
        const row = await getChallenge(db, 'given');
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, (_, i) => actOnce(db, row, withoutKey, `outcome ${i}`, NOW, nothing)),
        );
        expect(results.filter((it) => it.status === 'fulfilled')).toHaveLength(1);
        for (const it of results.filter((each) => each.status === 'rejected')) {
          expect(it.reason).toEqual(failure('CHALLENGE_ALREADY_USED'));
        }
      });
    });

    describe('an act that throws', () => {
      it('leaves the challenge unused and nothing behind, and may be tried again', async () => {
        await give();
        const act: Parameters<typeof actOnce>[5] = async (trx) => {
          await insertAccount(trx, { id: 'account', email }, NOW);
          throw new Error('half way');
        };
        await expect(request(use, { act })).rejects.toThrow('half way');
        expect(await getChallenge(db, 'given')).toMatchObject({
          used_at: null,
          idempotency_key: null,
          outcome_id: null,
        });
        expect(await accountById(db, 'account')).toBeUndefined();
        expect(await request(use, { outcomeId: 'second try' })).toBe('second try');
      });
    });

    describe('live challenges', () => {
      const fill = async () => {
        for (let i = 0; i < 100; i++) await give(`challenge ${i}`);
      };

      it('are a hundred for one e-mail address at most', async () => {
        await fill();
        await expect(give('one too many')).rejects.toThrow(failure('RATE_LIMITED'));
        await expect(getChallenge(db, 'one too many')).rejects.toThrow(failure('CHALLENGE_UNKNOWN'));
        await give('of somebody else', NOW, 'ben@example.org');
      });

      it('make room when one is used, and when they expire', async () => {
        await fill();
        await request(use, { challenge: 'challenge 7' });
        await give('after a use');
        await expect(give('full again')).rejects.toThrow(failure('RATE_LIMITED'));
        await give('after expiry', NOW + CHALLENGE_LIFETIME_MS);
      });
    });

    describe('old challenges', () => {
      const clean = (nowMs: number) => give(`at ${nowMs}`, nowMs, 'cleaner@example.org');

      it('are forgotten ten minutes after they expired unused', async () => {
        const expiresAt = await give();
        await clean(expiresAt + 10 * 60_000);
        expect((await getChallenge(db, 'given')).email).toBe(email);
        await clean(expiresAt + 10 * 60_000 + 1);
        await expect(getChallenge(db, 'given')).rejects.toThrow(failure('CHALLENGE_UNKNOWN'));
      });

      it('are remembered a day when they were used, then forgotten', async () => {
        const expiresAt = await give();
        await request(use, {});
        await clean(expiresAt + 24 * HOUR_MS);
        expect((await getChallenge(db, 'given')).outcome_id).toBe('outcome');
        await clean(expiresAt + 24 * HOUR_MS + 1);
        await expect(getChallenge(db, 'given')).rejects.toThrow(failure('CHALLENGE_UNKNOWN'));
      });
    });

    describe('two challenges at once', () => {
      it('under one key: one acts, the other is refused, and nothing of it is left', async () => {
        await give('first');
        await give('second');
        const rows = await Promise.all(['first', 'second'].map((challenge) => getChallenge(db, challenge)));
        const results = await Promise.allSettled(
          rows.map((row) => actOnce(db, row, use, row.challenge, NOW, nothing)),
        );
        expect(results.filter((it) => it.status === 'fulfilled')).toHaveLength(1);
        expect(results.find((it) => it.status === 'rejected')?.reason).toEqual(
          failure('IDEMPOTENCY_KEY_REUSED'),
        );
        const used = await Promise.all(rows.map((row) => getChallenge(db, row.challenge)));
        expect(used.filter((it) => it.used_at !== null)).toHaveLength(1);
      });
    });
  });
}
