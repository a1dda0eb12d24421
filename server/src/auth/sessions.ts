// Sessions: a JWT (RFC 7519, HS256) of one hour that names the account and its session epoch. Raising the epoch, as a
// recovery does, ends every session at once. Signing out on a device only forgets the token there.

import { LatchkeyError, type SessionBody } from '@latchkey/sdk/api';
import { errors, jwtVerify, SignJWT } from 'jose';
import { type Account, accountById, type Wallet, walletOf } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';

export const SESSION_LIFETIME_SECONDS = 3600;
const ISSUER = 'latchkey';

export type Sessions = {
  issue(account: Account, wallet: Wallet): Promise<SessionBody>;
  /** @throws LatchkeyError SESSION_REQUIRED, SESSION_EXPIRED */
  require(authorization: string | undefined): Promise<{ account: Account; wallet: Wallet }>;
};

export function createSessions(deps: { db: Database; jwtSecret: string; nowMs: () => number }): Sessions {
  const secret = new TextEncoder().encode(deps.jwtSecret);
  return {
    async issue(account, wallet) {
      const issuedAt = Math.floor(deps.nowMs() / 1000);
      const expiresAt = issuedAt + SESSION_LIFETIME_SECONDS;
      const token = await new SignJWT({ epoch: account.session_epoch })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(account.id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(secret);
      return { token, email: account.email, walletAddress: wallet.address, expiresAt: expiresAt * 1000 };
    },
    async require(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      if (!token) throw new LatchkeyError('SESSION_REQUIRED');
      const claims = await jwtVerify(token, secret, {
        issuer: ISSUER,
        algorithms: ['HS256'],
        currentDate: new Date(deps.nowMs()),
      }).catch((cause: unknown) => {
        throw new LatchkeyError(cause instanceof errors.JWTExpired ? 'SESSION_EXPIRED' : 'SESSION_REQUIRED', {
          cause,
        });
      });
      const account = await accountById(deps.db, claims.payload.sub ?? '');
      if (!account || claims.payload.epoch !== account.session_epoch)
        throw new LatchkeyError('SESSION_EXPIRED');
      const wallet = await walletOf(deps.db, account.id);
      if (!wallet) throw new LatchkeyError('SESSION_EXPIRED');
      return { account, wallet };
    },
  };
}
