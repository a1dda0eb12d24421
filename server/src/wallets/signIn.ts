// Signing in: an assertion over a random challenge, by an active credential of the account, gives a session.
import { type AuthenticationResponse, LatchkeyError, type SessionBody } from '@latchkey/sdk/api';
import type { Logger } from 'pino';
import {
  authenticationOptions,
  type RelyingParty,
  readClientData,
  verifyAssertion,
} from '../auth/ceremonies.ts';
import type { Sessions } from '../auth/sessions.ts';
import { type Account, findAccount, normaliseEmail, type Wallet, walletOf } from '../db/accounts.ts';
import {
  actOnce,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import { credentialsOf, recordSignCount } from '../db/credentials.ts';
import type { Database, Db } from '../db/database.ts';

const CHALLENGE_BYTES = 32;

export type SignIn = {
  options(email: string): Promise<{ options_json: { challenge: string } }>;
  signIn(
    request: { email: string; response: AuthenticationResponse },
    use: ChallengeUse,
  ): Promise<SessionBody>;
};

/** @throws LatchkeyError INVALID_EMAIL, WALLET_NOT_FOUND */
export async function accountWithWallet(db: Db, text: string): Promise<{ account: Account; wallet: Wallet }> {
  const email = normaliseEmail(text);
  const account = await findAccount(db, email);
  const wallet = account && (await walletOf(db, account.id));
  if (!account || !wallet || wallet.state === 'failed') {
    throw new LatchkeyError('WALLET_NOT_FOUND', { details: { field: 'email' } });
  }
  return { account, wallet };
}

export function createSignIn(deps: {
  db: Database;
  sessions: Sessions;
  relyingParty: RelyingParty;
  nowMs: () => number;
  log: Logger;
}): SignIn {
  const { db, relyingParty, nowMs, log } = deps;
  return {
    async options(text) {
      const { account } = await accountWithWallet(db, text);
      const active = await credentialsOf(db, account.id, 'active');
      const random = crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES));
      const options = await authenticationOptions(relyingParty, random, active);
      await insertChallenge(
        db,
        { challenge: options.challenge, purpose: 'sign-in', email: account.email },
        nowMs(),
      );
      return { options_json: options };
    },

    async signIn({ email, response }, use) {
      const { account, wallet } = await accountWithWallet(db, email);
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, { purpose: 'sign-in', email: account.email });
      const isRepeated = earlierOutcome(row, use, nowMs()) !== null;
      // Verified again when repeated: a passkey that was replaced meanwhile opens nothing.
      const active = await credentialsOf(db, account.id, 'active');
      const credential = active.find((it) => it.id === response.id);
      if (!credential) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
      const { signCount, counterRose } = await verifyAssertion(
        relyingParty,
        response,
        row.challenge,
        credential,
      );
      if (!isRepeated) {
        if (!counterRose) {
          const { id, sign_count: stored } = credential;
          log.warn({ credential: id, stored, signCount }, 'signature counter did not rise');
        }
        await actOnce(db, row, use, account.id, nowMs(), (trx) =>
          recordSignCount(trx, credential.id, signCount),
        );
      }
      return deps.sessions.issue(account, wallet);
    },
  };
}
