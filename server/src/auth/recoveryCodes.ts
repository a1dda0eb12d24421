// Proof of an e-mail address: a 6-digit code, five minutes, three tries; three requests per three minutes and address.
// Only a keyed hash of the code is stored, and a code works once. For an address without a wallet everything looks the
// same from outside, and no mail is sent.
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import type { RateLimits } from './rateLimits.ts';

const LIFETIME_MS = 5 * 60_000;
const MAX_TRIES = 3;
const REQUESTS = { name: 'recovery-code', points: 3, durationSeconds: 180 };

export type RecoveryCodes = {
  /** A fresh code, replacing any earlier one. @throws LatchkeyError RATE_LIMITED */
  issue(email: string): Promise<string>;
  /** Counts a request for an address without a wallet, so that it is limited alike. @throws LatchkeyError RATE_LIMITED */
  countRequest(email: string): Promise<void>;
  /** @throws LatchkeyError RECOVERY_CODE_INVALID, RECOVERY_CODE_EXPIRED */
  redeem(email: string, code: string): Promise<void>;
};

export function createRecoveryCodes(deps: {
  db: Database;
  rateLimits: RateLimits;
  secret: string;
  nowMs: () => number;
}): RecoveryCodes {
  const requests = deps.rateLimits.create(
    REQUESTS,
    (seconds) => `Too many codes were asked for. Try again in ${seconds} seconds.`,
  );
  const countRequest = requests.consume;
  const hash = (email: string, code: string) =>
    createHmac('sha256', deps.secret).update(`recovery-code\n${email}\n${code}`).digest();

  return {
    countRequest,
    async issue(email) {
      await countRequest(email);
      const code = String(randomInt(0, 1_000_000)).padStart(6, '0');
      const row = {
        code_hash: hash(email, code).toString('base64'),
        tries: 0,
        expires_at: deps.nowMs() + LIFETIME_MS,
      };
      await deps.db
        .insertInto('recovery_codes')
        .values({ email, ...row })
        .onConflict((conflict) => conflict.column('email').doUpdateSet(row))
        .execute();
      return code;
    },
    async redeem(email, code) {
      // Counting the try comes before looking at the code, and holds the row until both are done: parallel guesses,
      // on this server or another, cannot share a try.
      const outcome = await deps.db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable('recovery_codes')
          .set((eb) => ({ tries: eb('tries', '+', 1) }))
          .where('email', '=', email)
          .where('tries', '<', MAX_TRIES)
          .where('expires_at', '>=', deps.nowMs())
          .returning('code_hash')
          .executeTakeFirst();
        if (!row) return 'RECOVERY_CODE_EXPIRED' as const;
        const right = timingSafeEqual(Buffer.from(row.code_hash, 'base64'), hash(email, code.trim()));
        if (!right) return 'RECOVERY_CODE_INVALID' as const;
        await trx.deleteFrom('recovery_codes').where('email', '=', email).execute();
        return null;
      });
      if (outcome) throw new LatchkeyError(outcome);
    },
  };
}
