// Sessions: a JWT (RFC 7519, HS256) of one hour that names the account and its session epoch. Raising the epoch, as a
// recovery does, ends every session at once. Signing out on a device only forgets the token there. The audience says what a
// token opens, a person's wallet or a merchant's dashboard, and neither opens the other.

import { LatchkeyError, type SessionBody } from '@latchkey/sdk/api';
import { errors, jwtVerify, SignJWT } from 'jose';
import { type Account, accountById, type Wallet, walletOf } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';

export const SESSION_LIFETIME_SECONDS = 3600;
const ISSUER = 'latchkey';
const AUDIENCE = 'wallet';

export type Sessions = {
  issue(account: Account, wallet: Wallet): Promise<SessionBody>;
  /** @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED */
  require(authorization: string | undefined): Promise<{ account: Account; wallet: Wallet }>;
};

export type SessionTokens = {
  issue(subject: string, epoch: number): Promise<{ token: string; expiresAt: number }>;
  /** @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED */
  read(authorization: string | undefined): Promise<{ subject: string; epoch: unknown; issuedAt: number }>;
};

/** @param audience what these tokens open */
export function createSessionTokens(deps: {
  audience: string;
  jwtSecret: string;
  nowMs: () => number;
}): SessionTokens {
  const { audience } = deps;
  const secret = new TextEncoder().encode(deps.jwtSecret);
  return {
    async issue(subject, epoch) {
      const issuedAt = Math.floor(deps.nowMs() / 1000);
      const expiresAt = issuedAt + SESSION_LIFETIME_SECONDS;
      const token = await new SignJWT({ epoch })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(secret);
      return { token, expiresAt: expiresAt * 1000 };
    },
    async read(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      if (!token) throw new LatchkeyError('SESSION_REQUIRED');
      const { payload } = await jwtVerify(token, secret, {
        issuer: ISSUER,
        audience,
        algorithms: ['HS256'],
        currentDate: new Date(deps.nowMs()),
      }).catch((cause: unknown) => {
        throw new LatchkeyError(cause instanceof errors.JWTExpired ? 'SESSION_EXPIRED' : 'SESSION_REQUIRED', {
          cause,
        });
      });
      return { subject: payload.sub ?? '', epoch: payload.epoch, issuedAt: (payload.iat ?? 0) * 1000 };
    },
  };
}

export function createSessions(deps: { db: Database; jwtSecret: string; nowMs: () => number }): Sessions {
  const tokens = createSessionTokens({ ...deps, audience: AUDIENCE });
  return {
    async issue(account, wallet) {
      const { token, expiresAt } = await tokens.issue(account.id, account.session_epoch);
      return { token, email: account.email, walletAddress: wallet.address, expiresAt };
    },
    async require(authorization) {
      const { subject, epoch } = await tokens.read(authorization);
      const account = await accountById(deps.db, subject);
      if (!account || epoch !== account.session_epoch) throw new LatchkeyError('SESSION_EXPIRED');
      const wallet = await walletOf(deps.db, account.id);
      if (!wallet) throw new LatchkeyError('SESSION_EXPIRED');
      return { account, wallet };
    },
  };
}
