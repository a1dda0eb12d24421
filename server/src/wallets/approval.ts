// An assertion over a Soroban authorization payload, from "what may be approved" to a signed entry: the challenge is
// the payload, stored with exactly what it approves; what comes back is verified as WebAuthn demands and turned into
// the wallet contract's signature. Used by everything a wallet's owner approves on chain.

import { type AuthenticationResponse, type AuthorizationBody, LatchkeyError } from '@latchkey/sdk/api';
import {
  addressCredentials,
  authorizationPayload,
  authorizesOnly,
  base64UrlToBytes,
  bytesToBase64Url,
  encodeSignature,
  passkeyPart,
  type Rpc,
  type Simulation,
  scBytes,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { type HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import { authenticationOptions, type RelyingParty, verifyAssertion } from '../auth/ceremonies.ts';
import type { Account, Wallet } from '../db/accounts.ts';
import { CHALLENGE_LIFETIME_MS, insertChallenge } from '../db/challenges.ts';
import { credentialsOf, recordSignCount } from '../db/credentials.ts';
import type { Database } from '../db/database.ts';
import type { ChallengePurpose } from '../db/schema.ts';
import { OWNER_SIGNER_ID } from './ownerSigner.ts';

/** Ledgers close about every five seconds; a signature outlives its challenge by a few. */
const SECONDS_PER_LEDGER = 5;
const APPROVAL_LEDGERS = CHALLENGE_LIFETIME_MS / 1000 / SECONDS_PER_LEDGER + 12;

/** What a challenge of this kind approves, as stored in its subject. */
export type ApprovalSubject = {
  walletAddress: string;
  hostFunctionXdr: string;
  entryXdr: string;
  expiresAtLedger: number;
};

export type Approvals = {
  /** @throws LatchkeyError WALLET_NOT_READY */
  ask<Extra extends object>(ask: {
    purpose: ChallengePurpose;
    account: Account;
    wallet: Wallet;
    hostFunction: HostFunction;
    simulation: Simulation;
    extra: Extra;
  }): Promise<{ options_json: { challenge: string }; authorization: AuthorizationBody }>;
  /**
   * The signed entry, as base64 XDR.
   * @throws LatchkeyError UNKNOWN_CREDENTIAL and what `verifyAssertion` and `passkeyPart` throw
   */
  sign(
    subject: ApprovalSubject,
    wallet: Wallet,
    response: AuthenticationResponse,
    challenge: string,
  ): Promise<string>;
};

export function createApprovals(deps: {
  db: Database;
  rpc: Rpc;
  relyingParty: RelyingParty;
  networkPassphrase: string;
  maxFeeStroops: bigint;
  confirmNetwork: () => Promise<void>;
  nowMs: () => number;
  log: Logger;
}): Approvals {
  const { db, relyingParty, networkPassphrase, nowMs, log } = deps;
  return {
    async ask({ purpose, account, wallet, hostFunction, simulation, extra }) {
      await deps.confirmNetwork();
      const [unsigned, ...others] = simulation.auth;
      const signer = unsigned && addressCredentials(unsigned)?.address.toJson();
      // The wallet signs this one call: an entry that nests another (a token that moves a second token, say) is refused.
      const isThisCall = unsigned !== undefined && authorizesOnly(unsigned, hostFunction);
      if (!isThisCall || others.length > 0 || signer !== wallet.address) {
        throw new LatchkeyError('SIMULATION_FAILED', {
          message: 'This call would need more than the approval of this wallet.',
        });
      }
      const expiresAtLedger = simulation.latestLedger + APPROVAL_LEDGERS;
      const entry = withExpiration(unsigned, expiresAtLedger);
      const payload = await authorizationPayload(entry, networkPassphrase);
      const subject: ApprovalSubject & object = {
        walletAddress: wallet.address,
        hostFunctionXdr: hostFunction.toXdr('base64'),
        entryXdr: entry.toXdr('base64'),
        expiresAtLedger,
        ...extra,
      };
      const challenge = { challenge: bytesToBase64Url(payload), purpose, email: account.email, subject };
      const expiresAt = await insertChallenge(db, challenge, nowMs());
      const active = await credentialsOf(db, account.id, 'active');
      return {
        options_json: await authenticationOptions(relyingParty, payload, active),
        authorization: {
          authorizationEntryXdr: subject.entryXdr,
          networkPassphrase,
          expiresAt,
          expiresAtLedger,
          maxFeeStroops: String(deps.maxFeeStroops),
        },
      };
    },

    async sign(subject, wallet, response, challenge) {
      const active = await credentialsOf(db, wallet.account_id, 'active');
      const credential = active.find((it) => it.id === response.id);
      if (!credential) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
      const { signCount, counterRose } = await verifyAssertion(relyingParty, response, challenge, credential);
      if (!counterRose) {
        log.warn(
          { credential: credential.id, stored: credential.sign_count, signCount },
          'signature counter did not rise',
        );
      }
      await recordSignCount(db, credential.id, signCount);
      const payload = base64UrlToBytes(challenge);
      const part = passkeyPart(OWNER_SIGNER_ID, response.response, credential.origin, payload);
      const entry = SorobanAuthorizationEntry.fromXdr(subject.entryXdr, 'base64');
      return withSignature(entry, scBytes(encodeSignature([part]))).toXdr('base64');
    },
  };
}
