// Who is asking: a merchant signed in to the dashboard, or a program of the merchant's with an API key and its scopes. Both
// come as bearer tokens and are told apart by their form; what is not named for API keys takes sessions only.
import { LatchkeyError } from '@latchkey/sdk/api';
import { createSessionTokens } from '../auth/sessions.ts';
import type { Database } from '../db/database.ts';
import { MERCHANT_KEY_PREFIX, merchantKeyBySecret, noteKeyUse } from '../db/merchantApiKeys.ts';
import { type Merchant, merchantById } from '../db/merchants.ts';

const AUDIENCE = 'merchant';
const UNKNOWN_KEY = 'This API key does not exist, or was revoked.';
const SESSION_ONLY = 'API keys may not do this: sign in to the dashboard.';

export type Scope = 'read' | 'withdraw';

export type MerchantAccess = {
  issueSession(merchant: Merchant): Promise<{ token: string; expiresAt: number }>;
  /** The merchant who is signed in. @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED, SCOPE_MISSING for a key */
  requireSession(authorization: string | undefined): Promise<Merchant>;
  /** The merchant who is signed in, and when that was. @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED */
  requireSessionSince(authorization: string | undefined): Promise<{ merchant: Merchant; signedInAt: number }>;
  /**
   * The merchant who is signed in, or whose API key has the scope; `keyId` is null with a session.
   * @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED, API_KEY_REQUIRED, SCOPE_MISSING
   */
  require(
    authorization: string | undefined,
    scope: Scope,
  ): Promise<{ merchant: Merchant; keyId: string | null }>;
};

const bearer = (authorization: string | undefined) => /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';

export function createMerchantAccess(deps: {
  db: Database;
  jwtSecret: string;
  nowMs: () => number;
}): MerchantAccess {
  const { db, nowMs } = deps;
  const tokens = createSessionTokens({ ...deps, audience: AUDIENCE });

  async function requireSessionSince(authorization: string | undefined) {
    if (bearer(authorization).startsWith(MERCHANT_KEY_PREFIX))
      throw new LatchkeyError('SCOPE_MISSING', { message: SESSION_ONLY });
    const { subject, epoch, issuedAt } = await tokens.read(authorization);
    const merchant = await merchantById(db, subject);
    if (!merchant || epoch !== merchant.session_epoch) throw new LatchkeyError('SESSION_EXPIRED');
    return { merchant, signedInAt: issuedAt };
  }

  const requireSession: MerchantAccess['requireSession'] = async (authorization) =>
    (await requireSessionSince(authorization)).merchant;

  return {
    issueSession: (merchant) => tokens.issue(merchant.account_id, merchant.session_epoch),
    requireSession,
    requireSessionSince,
    async require(authorization, scope) {
      const secret = bearer(authorization);
      if (!secret.startsWith(MERCHANT_KEY_PREFIX))
        return { merchant: await requireSession(authorization), keyId: null };
      const key = await merchantKeyBySecret(db, secret);
      const merchant = key && (await merchantById(db, key.account_id));
      if (!key || !merchant) throw new LatchkeyError('API_KEY_REQUIRED', { message: UNKNOWN_KEY });
      if (!(JSON.parse(key.scopes) as string[]).includes(scope)) throw new LatchkeyError('SCOPE_MISSING');
      await noteKeyUse(db, key, nowMs());
      return { merchant, keyId: key.id };
    },
  };
}
