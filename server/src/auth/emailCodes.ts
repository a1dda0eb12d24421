// Proof of an e-mail address: a code of six digits or more, five minutes, three tries; three requests per three minutes
// and address, and no limit over longer times: it would let anybody lock anybody out, so digits stand in for it.
// Only a keyed hash of the code is stored, and a code works once. Each purpose has a table, limits and error codes of its
// own, so that a code for one opens nothing of the other. Whether a mail is sent at all is the caller's decision.
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { type ErrorCode, LatchkeyError } from '@latchkey/sdk/api';
import type { Database, Db } from '../db/database.ts';
import type { RateLimits } from './rateLimits.ts';

const LIFETIME_MS = 5 * 60_000;
const MAX_TRIES = 3;
const MAX_REQUESTS = { points: 3, durationSeconds: 180 };

export type CodePurpose = {
  name: string;
  digits: number;
  table: 'recovery_codes' | 'merchant_codes';
  invalid: ErrorCode;
  expired: ErrorCode;
};

/** Getting a person's wallet back. */
export const RECOVERY: CodePurpose = {
  name: 'recovery-code',
  digits: 6,
  table: 'recovery_codes',
  invalid: 'RECOVERY_CODE_INVALID',
  expired: 'RECOVERY_CODE_EXPIRED',
};

/** Signing up and in as a merchant. */
export const MERCHANT: CodePurpose = {
  name: 'merchant-code',
  digits: 8,
  table: 'merchant_codes',
  invalid: 'EMAIL_CODE_INVALID',
  expired: 'EMAIL_CODE_EXPIRED',
};

export type EmailCodes = {
  /** A fresh code, replacing any earlier one. @throws LatchkeyError RATE_LIMITED */
  issue(email: string): Promise<string>;
  /** Counts a request for which no code is made, so that it is limited alike. @throws LatchkeyError RATE_LIMITED */
  countRequest(email: string): Promise<void>;
  /**
   * Uses the code up, unless `objection` names something else that is missing: then only a try is counted.
   * @throws LatchkeyError with the purpose's codes, or with the objection's
   */
  redeem(email: string, code: string, objection?: (trx: Db) => Promise<ErrorCode | null>): Promise<void>;
};

export function createEmailCodes(deps: {
  db: Database;
  rateLimits: RateLimits;
  secret: string;
  nowMs: () => number;
  purpose: CodePurpose;
}): EmailCodes {
  const { purpose } = deps;
  // Both tables have the same columns; the query builder knows one table at a time.
  const table = purpose.table as 'recovery_codes';
  const requests = deps.rateLimits.create(
    { name: purpose.name, ...MAX_REQUESTS },
    (seconds) => `Too many codes were asked for. Try again in ${seconds} seconds.`,
  );
  const countRequest = requests.consume;
  const hash = (email: string, code: string) =>
    createHmac('sha256', deps.secret).update(`${purpose.name}\n${email}\n${code}`).digest();

  return {
    countRequest,
    async issue(email) {
      await countRequest(email);
      const code = String(randomInt(0, 10 ** purpose.digits)).padStart(purpose.digits, '0');
      const row = {
        code_hash: hash(email, code).toString('base64'),
        tries: 0,
        expires_at: deps.nowMs() + LIFETIME_MS,
      };
      await deps.db
        .insertInto(table)
        .values({ email, ...row })
        .onConflict((conflict) => conflict.column('email').doUpdateSet(row))
        .execute();
      return code;
    },
    async redeem(email, code, objection) {
      // Counting the try comes before looking at the code, and holds the row until both are done: parallel guesses,
      // on this server or another, cannot share a try.
      const outcome = await deps.db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable(table)
          .set((eb) => ({ tries: eb('tries', '+', 1) }))
          .where('email', '=', email)
          .where('tries', '<', MAX_TRIES)
          .where('expires_at', '>=', deps.nowMs())
          .returning('code_hash')
          .executeTakeFirst();
        if (!row) return purpose.expired;
        const right = timingSafeEqual(Buffer.from(row.code_hash, 'base64'), hash(email, code.trim()));
        if (!right) return purpose.invalid;
        const objected = (await objection?.(trx)) ?? null;
        if (objected === null) await trx.deleteFrom(table).where('email', '=', email).execute();
        return objected;
      });
      if (outcome) throw new LatchkeyError(outcome);
    },
  };
}
