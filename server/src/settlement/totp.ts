// Authenticator apps: time-based one-time passwords (RFC 6238; SHA-1, six digits, 30 seconds, as every app has them). One
// step of drift either way, a code is good once (§5.2), and tries are few. The secret is sealed under KEY_ENCRYPTION_KEY,
// bound to the merchant; it is shown while it is set up, and never again.
import { LatchkeyError } from '@latchkey/sdk/api';
import { Secret, TOTP } from 'otpauth';
import type { RateLimits } from '../auth/rateLimits.ts';
import type { Db } from '../db/database.ts';
import { confirmNextTotp, type Merchant, setNextTotp, takeTotpStep } from '../db/merchants.ts';
import { openSealed, sealBytes } from '../db/sealing.ts';

/** RFC 4226 §4 asks for 128 bits at least and recommends 160. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
const WINDOW_STEPS = 1;
const MAX_TRIES = { name: 'merchant-totp', points: 30, durationSeconds: 600 };
/** NIST SP 800-63B §5.2.2: no more than a hundred wrong ones; right ones are counted along. */
const MAX_TRIES_A_DAY = { name: 'merchant-totp-day', points: 100, durationSeconds: 86_400 };

const associatedData = (accountId: string) => `latchkey merchant totp\n${accountId}`;

const invalid = () => new LatchkeyError('TOTP_INVALID', { details: { field: 'totp' } });

export type TotpCodes = {
  /** A new secret, which takes the place of the present one once a code of it was seen. */
  setUp(db: Db, merchant: Merchant): Promise<{ secret: string; otpauthUrl: string }>;
  /** Takes the first code of the new secret. @throws LatchkeyError TOTP_INVALID, RATE_LIMITED */
  confirm(db: Db, merchant: Merchant, code: string): Promise<void>;
  /** Takes a code. @throws LatchkeyError TOTP_INVALID, RATE_LIMITED */
  spend(db: Db, merchant: Merchant, code: string): Promise<void>;
};

/** The time step whose code this is, within the window and after `lastStep`; null for none. */
export function stepOfCode(
  secret: Uint8Array,
  code: string,
  nowMs: number,
  lastStep: number | null,
): number | null {
  const totp = new TOTP({
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
    period: PERIOD_SECONDS,
  });
  const delta = totp.validate({ token: code, timestamp: nowMs, window: WINDOW_STEPS });
  if (delta === null) return null;
  const step = Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
  return lastStep !== null && step <= lastStep ? null : step;
}

export function createTotpCodes(deps: {
  keyEncryptionKey: Uint8Array;
  rateLimits: RateLimits;
  issuer: string;
  nowMs: () => number;
}): TotpCodes {
  const { keyEncryptionKey, issuer, nowMs } = deps;
  const text = (seconds: number) => `Too many codes were tried. Try again in ${seconds} seconds.`;
  const limits = [MAX_TRIES, MAX_TRIES_A_DAY].map((rule) => deps.rateLimits.create(rule, text));

  /** @throws LatchkeyError TOTP_INVALID, RATE_LIMITED */
  async function stepOf(
    merchant: Merchant,
    sealed: string | null,
    code: string,
    lastStep: number | null,
  ): Promise<number> {
    for (const limit of limits) await limit.consume(merchant.account_id);
    if (sealed === null) throw invalid();
    const secret = openSealed(keyEncryptionKey, sealed, associatedData(merchant.account_id));
    const step = stepOfCode(secret, code, nowMs(), lastStep);
    secret.fill(0);
    if (step === null) throw invalid();
    return step;
  }

  return {
    async setUp(db, merchant) {
      const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
      const sealed = sealBytes(keyEncryptionKey, bytes, associatedData(merchant.account_id));
      await setNextTotp(db, merchant.account_id, sealed);
      const secret = new Secret({ buffer: bytes.buffer });
      const totp = new TOTP({ issuer, label: merchant.email, secret, period: PERIOD_SECONDS });
      return { secret: secret.base32, otpauthUrl: totp.toString() };
    },
    async confirm(db, merchant, code) {
      const step = await stepOf(merchant, merchant.totp_next_sealed, code, null);
      if (!(await confirmNextTotp(db, merchant, step, nowMs()))) throw invalid();
    },
    async spend(db, merchant, code) {
      const step = await stepOf(merchant, merchant.totp_sealed, code, merchant.totp_last_step);
      if (!(await takeTotpStep(db, merchant, step))) throw invalid();
    },
  };
}
