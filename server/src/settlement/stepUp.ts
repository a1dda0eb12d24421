// Step-up: before money moves or its rules loosen, whoever is signed in shows the authenticator app's present code, or a
// passkey's assertion over a challenge that was given for exactly this action and these details. What was shown is taken
// (code and challenge are good once) in the transaction of what it allows, so that a refused request uses nothing up. It
// does not replace the signature of a smart wallet, which the network asks for by itself.
import { createHash } from 'node:crypto';
import {
  type AuthenticationResponse,
  canonicalJson,
  LatchkeyError,
  type settlementSchema,
} from '@latchkey/sdk/api';
import {
  authenticationOptions,
  type RelyingParty,
  readClientData,
  verifyAssertion,
} from '../auth/ceremonies.ts';
import { challengeFor, earlierOutcome, insertChallenge, useChallenge } from '../db/challenges.ts';
import type { Database, Db } from '../db/database.ts';
import { recordPasskeyUse, signingPasskeysOf } from '../db/merchantPasskeys.ts';
import { accountEmail, type Merchant } from '../db/merchants.ts';
import { signedText } from './signedText.ts';
import type { TotpCodes } from './totp.ts';

const SET_UP_FIRST =
  'Set up an authenticator app first: without one, and without a passkey, nobody can confirm this.';

export type StepUpAction = settlementSchema.StepUpAction;
export type StepUpBody = {
  totp?: string | undefined;
  authenticationResponseJSON?: AuthenticationResponse | undefined;
};
export type StepUp = {
  options(
    merchant: Merchant,
    asked: { action: StepUpAction; details: Record<string, unknown> },
  ): Promise<{ options_json: { challenge: string }; signedText: string }>;
  /**
   * Checks what was shown and uses it up, in the transaction of what it allows; when it throws, that has to be undone.
   * @param details the request's body without the step-up's own members, as the challenge was asked for
   * @throws LatchkeyError STEP_UP_REQUIRED, TOTP_INVALID, CHALLENGE_*, SIGNATURE_INVALID and the like
   */
  requireStepUp(
    trx: Db,
    merchant: Merchant,
    action: StepUpAction,
    details: Record<string, unknown>,
    body: StepUpBody,
  ): Promise<void>;
};

const detailsHash = (details: Record<string, unknown>) =>
  createHash('sha256').update(canonicalJson(details)).digest('base64url');

export function createStepUp(deps: {
  db: Database;
  totp: TotpCodes;
  relyingParty: RelyingParty;
  nowMs: () => number;
}): StepUp {
  const { db, totp, relyingParty, nowMs } = deps;

  async function byPasskey(
    trx: Db,
    merchant: Merchant,
    action: StepUpAction,
    details: Record<string, unknown>,
    response: AuthenticationResponse,
  ): Promise<void> {
    const { challenge } = readClientData(response.response.clientDataJSON);
    const row = await challengeFor(trx, challenge, {
      purpose: 'merchant-step-up',
      email: accountEmail(merchant),
    });
    const use = { idempotencyKey: null, requestHash: '' };
    earlierOutcome(row, use, nowMs());
    const asked = JSON.parse(row.subject) as { action: string; detailsHash: string };
    if (asked.action !== action || asked.detailsHash !== detailsHash(details))
      throw new LatchkeyError('CHALLENGE_WRONG_PURPOSE');
    const passkey = (await signingPasskeysOf(trx, merchant.account_id)).find((it) => it.id === response.id);
    if (!passkey) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
    const { signCount } = await verifyAssertion(relyingParty, response, row.challenge, passkey);
    await useChallenge(trx, row.challenge, use, passkey.id, nowMs());
    await recordPasskeyUse(trx, passkey.id, signCount);
  }

  return {
    async options(merchant, { action, details }) {
      const passkeys = await signingPasskeysOf(db, merchant.account_id);
      if (passkeys.length === 0)
        throw new LatchkeyError('STEP_UP_REQUIRED', { message: 'There is no passkey to confirm this with.' });
      const subject = { action, detailsHash: detailsHash(details) };
      const { text, digest } = signedText({ type: 'latchkey step-up', ...subject });
      const options = await authenticationOptions(relyingParty, digest, passkeys);
      const email = accountEmail(merchant);
      await insertChallenge(
        db,
        { challenge: options.challenge, purpose: 'merchant-step-up', email, subject },
        nowMs(),
      );
      return { options_json: options, signedText: text };
    },

    async requireStepUp(trx, merchant, action, details, body) {
      if (body.authenticationResponseJSON)
        return byPasskey(trx, merchant, action, details, body.authenticationResponseJSON);
      if (body.totp !== undefined && merchant.totp_confirmed_at !== null)
        return totp.spend(trx, merchant, body.totp);
      const canStepUp =
        merchant.totp_confirmed_at !== null || (await signingPasskeysOf(trx, merchant.account_id)).length > 0;
      throw new LatchkeyError('STEP_UP_REQUIRED', canStepUp ? {} : { message: SET_UP_FIRST });
    },
  };
}
