// A merchant's API keys, and its authenticator app: made, changed and ended by whoever is signed in, with a step-up where
// that gives new power. Setting the first authenticator app up asks for none, since there is nothing to ask for yet, but
// for having just signed in; the audit log says when it was.
import { LatchkeyError, type settlementSchema } from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import {
  insertMerchantKey,
  type MerchantApiKey,
  merchantKeysOf,
  revokeMerchantKey,
  rotateMerchantKey,
} from '../db/merchantApiKeys.ts';
import { signingPasskeysOf } from '../db/merchantPasskeys.ts';
import { endMerchantSessions, type Merchant } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import type { Scope } from './access.ts';
import { notifyMerchant } from './notify.ts';
import type { StepUp, StepUpBody } from './stepUp.ts';
import type { TotpCodes } from './totp.ts';

const MAX_KEYS = 20;
const TOO_MANY = `A merchant has ${MAX_KEYS} API keys at most. Revoke one first.`;

/** A first app needs no step-up, only a fresh proof of the mailbox: a session that is older may be somebody else's by now. */
const FIRST_APP_WITHIN_MS = 10 * 60_000;
const SIGN_IN_AGAIN = 'Sign in again, and set your authenticator app up within ten minutes.';

type KeyBody = settlementSchema.MerchantKeyBody;

export type MerchantKeys = {
  list(merchant: Merchant): Promise<KeyBody[]>;
  create(
    merchant: Merchant,
    request: { name: string; scopes: Scope[] } & StepUpBody,
  ): Promise<KeyBody & { secret: string }>;
  rotate(merchant: Merchant, id: string, request: StepUpBody): Promise<KeyBody & { secret: string }>;
  revoke(merchant: Merchant, id: string): Promise<void>;
  /** @throws LatchkeyError STEP_UP_REQUIRED, also for a first app long after signing in */
  setUpTotp(
    by: { merchant: Merchant; signedInAt: number },
    request: StepUpBody,
  ): Promise<{ secret: string; otpauthUrl: string }>;
  /** Ends all sessions: whoever else has one does not have the app. */
  confirmTotp(merchant: Merchant, code: string): Promise<void>;
  endSessions(merchant: Merchant): Promise<void>;
};

function keyBody(row: MerchantApiKey): KeyBody {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

export function createMerchantKeys(deps: {
  db: Database;
  stepUp: StepUp;
  totp: TotpCodes;
  nowMs: () => number;
}): MerchantKeys {
  const { db, stepUp, totp, nowMs } = deps;

  return {
    async list(merchant) {
      return (await merchantKeysOf(db, merchant.account_id)).map(keyBody);
    },

    async create(merchant, { name, scopes, ...shown }) {
      return db.transaction().execute(async (trx) => {
        await stepUp.requireStepUp(trx, merchant, 'create-api-key', { name, scopes }, shown);
        if ((await merchantKeysOf(trx, merchant.account_id)).length >= MAX_KEYS)
          throw new LatchkeyError('RATE_LIMITED', { message: TOO_MANY });
        const { row, secret } = await insertMerchantKey(
          trx,
          { accountId: merchant.account_id, name, scopes },
          nowMs(),
        );
        await recordAudit(trx, merchant.account_id, 'api-key.created', { id: row.id, name, scopes }, nowMs());
        await notifyMerchant(trx, merchant.account_id, { what: 'api-key-created', name, scopes });
        return { ...keyBody(row), secret };
      });
    },

    async rotate(merchant, id, shown) {
      return db.transaction().execute(async (trx) => {
        await stepUp.requireStepUp(trx, merchant, 'create-api-key', { id }, shown);
        const rotated = await rotateMerchantKey(trx, merchant.account_id, id);
        if (!rotated) throw new LatchkeyError('NOT_FOUND');
        await recordAudit(trx, merchant.account_id, 'api-key.rotated', { id }, nowMs());
        return { ...keyBody(rotated.row), secret: rotated.secret };
      });
    },

    async revoke(merchant, id) {
      await db.transaction().execute(async (trx) => {
        if (!(await revokeMerchantKey(trx, merchant.account_id, id, nowMs())))
          throw new LatchkeyError('NOT_FOUND');
        await recordAudit(trx, merchant.account_id, 'api-key.revoked', { id }, nowMs());
      });
    },

    async setUpTotp({ merchant, signedInAt }, shown) {
      return db.transaction().execute(async (trx) => {
        const isFirst =
          merchant.totp_confirmed_at === null &&
          (await signingPasskeysOf(trx, merchant.account_id)).length === 0;
        if (!isFirst) await stepUp.requireStepUp(trx, merchant, 'set-up-totp', {}, shown);
        else if (nowMs() - signedInAt > FIRST_APP_WITHIN_MS)
          throw new LatchkeyError('STEP_UP_REQUIRED', { message: SIGN_IN_AGAIN });
        await recordAudit(trx, merchant.account_id, 'totp.set-up', {}, nowMs());
        return totp.setUp(trx, merchant);
      });
    },

    async confirmTotp(merchant, code) {
      await db.transaction().execute(async (trx) => {
        await totp.confirm(trx, merchant, code);
        await endMerchantSessions(trx, merchant.account_id);
        await notifyMerchant(trx, merchant.account_id, { what: 'authenticator-set-up' });
        await recordAudit(trx, merchant.account_id, 'totp.confirmed', {}, nowMs());
      });
    },

    async endSessions(merchant) {
      await db.transaction().execute(async (trx) => {
        await endMerchantSessions(trx, merchant.account_id);
        await recordAudit(trx, merchant.account_id, 'merchant.signed-out-everywhere', {}, nowMs());
      });
    },
  };
}
