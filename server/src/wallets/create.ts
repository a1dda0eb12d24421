// A new wallet: a passkey is registered, and the factory deploys a wallet contract that has it as its signer. The
// address follows from the code, the signer and a salt that only this server can compute from the e-mail address.
// The account, its credential and the deployment are stored together or not at all.
import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { type CreateWalletBody, LatchkeyError, type RegistrationResponse } from '@latchkey/sdk/api';
import { factoryCalls, type Rpc, scValToAddress, simulate } from '@latchkey/sdk/chain';
import {
  type NewCredential,
  type RelyingParty,
  readClientData,
  registrationOptions,
  verifyRegistration,
} from '../auth/ceremonies.ts';
import type { Sessions } from '../auth/sessions.ts';
import {
  type Account,
  accountById,
  endSessions,
  findAccount,
  insertAccount,
  insertWallet,
  normaliseEmail,
  walletOf,
} from '../db/accounts.ts';
import {
  actOnce,
  type Challenge,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
  repeatedOutcome,
} from '../db/challenges.ts';
import { type Credential, credentialById, credentialsOf, insertCredential } from '../db/credentials.ts';
import type { Database } from '../db/database.ts';
import type { Relayer } from '../relayer/worker.ts';
import { SETTLE_TIMEOUT_MS, submissionError } from './answer.ts';
import type { Friendbot } from './friendbot.ts';
import { ownerSigner } from './ownerSigner.ts';

export type WalletCreation = {
  options(email: string): Promise<{ options_json: { challenge: string } }>;
  create(
    request: { email: string; response: RegistrationResponse },
    use: ChallengeUse,
  ): Promise<CreateWalletBody>;
};

/** A credential just registered, as it is stored. */
export function credentialRow(
  rp: RelyingParty,
  credential: NewCredential,
  accountId: string,
  state: Credential['state'],
  nowMs: number,
): Credential {
  return {
    id: credential.id,
    account_id: accountId,
    public_key: credential.publicKey,
    sign_count: credential.signCount,
    transports: JSON.stringify(credential.transports),
    origin: rp.origin,
    state,
    created_at: nowMs,
  };
}

/** HMAC-SHA-256 under a key derived from the server's secret: no e-mail address can be guessed from the chain. */
export function walletSalt(serverSecret: string, email: string): Uint8Array {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'latchkey wallet salt v1', 32));
  return createHmac('sha256', key).update(email).digest();
}

export function createWalletCreation(deps: {
  db: Database;
  rpc: Rpc;
  relayer: Relayer;
  sessions: Sessions;
  friendbot: Friendbot;
  relyingParty: RelyingParty;
  factoryId: string;
  /** the guardian that new wallets name */
  walletGuardian: () => Promise<string>;
  serverSecret: string;
  nowMs: () => number;
}): WalletCreation {
  const { db, rpc, relayer, relyingParty, nowMs } = deps;

  /** The account that a half-made wallet can be finished for; undefined when the e-mail is free. */
  async function unfinishedAccount(email: string): Promise<Account | undefined> {
    const account = await findAccount(db, email);
    if (!account) return undefined;
    const wallet = await walletOf(db, account.id);
    if (wallet && wallet.state !== 'failed')
      throw new LatchkeyError('EMAIL_TAKEN', { details: { field: 'email' } });
    return account;
  }

  async function answer(accountId: string): Promise<CreateWalletBody> {
    const account = await accountById(db, accountId);
    const wallet = account && (await walletOf(db, account.id));
    if (!account || !wallet) throw new LatchkeyError('WALLET_NOT_FOUND');
    const submission = await relayer.settled(wallet.submission_id, SETTLE_TIMEOUT_MS);
    if (submission.state === 'failed') throw submissionError(submission);
    const confirmed = submission.state === 'confirmed';
    if (confirmed) await deps.friendbot.fundDue(wallet.address);
    return {
      status: confirmed ? 'confirmed' : 'pending',
      walletAddress: wallet.address,
      transactionHash: submission.hash,
      session: await deps.sessions.issue(account, wallet),
    };
  }

  /** The first answer again, as long as the passkey it was given to still opens the wallet. */
  async function repeatedAnswer(accountId: string, credentialId: string): Promise<CreateWalletBody> {
    const credential = await credentialById(db, credentialId);
    if (credential?.state !== 'active' || credential.account_id !== accountId) {
      throw new LatchkeyError('CHALLENGE_ALREADY_USED');
    }
    return answer(accountId);
  }

  /** Stores account, credential and deployment, and uses up the challenge, all or nothing. */
  async function register(
    row: Challenge,
    use: ChallengeUse,
    email: string,
    credential: NewCredential,
  ): Promise<string> {
    if (await credentialById(db, credential.id)) throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
    const unfinished = await unfinishedAccount(email);
    const init = {
      signers: [await ownerSigner(relyingParty, credential)],
      adminThreshold: 1,
      recovery: await deps.walletGuardian(),
    };
    const hostFunction = factoryCalls.deploy(deps.factoryId, walletSalt(deps.serverSecret, email), init);
    const address = scValToAddress((await simulate(rpc, { hostFunction })).returnValue);
    if (address === null) {
      throw new LatchkeyError('SIMULATION_FAILED', { message: 'The factory gave no address.' });
    }
    const accountId = unfinished?.id ?? (JSON.parse(row.subject).accountId as string);
    return actOnce(db, row, use, accountId, nowMs(), async (trx) => {
      if (unfinished) await endSessions(trx, accountId);
      else await insertAccount(trx, { id: accountId, email }, nowMs());
      await insertCredential(trx, credentialRow(relyingParty, credential, accountId, 'active', nowMs()));
      const submissionId = await relayer.enqueue(trx, {
        kind: 'deploy',
        accountId,
        hostFunctionXdr: hostFunction.toXdr('base64'),
        authXdr: [],
        authExpiresAtLedger: null,
      });
      await insertWallet(trx, {
        account_id: accountId,
        address,
        submission_id: submissionId,
        created_at: nowMs(),
      });
    });
  }

  return {
    async options(text) {
      const email = normaliseEmail(text);
      const account = await unfinishedAccount(email);
      const accountId = account?.id ?? randomUUID();
      const existing = account ? await credentialsOf(db, account.id, 'active') : [];
      const options = await registrationOptions(relyingParty, { email, id: accountId }, existing);
      const { challenge } = options;
      await insertChallenge(db, { challenge, purpose: 'create', email, subject: { accountId } }, nowMs());
      return { options_json: options };
    },

    async create({ email: text, response }, use) {
      const email = normaliseEmail(text);
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, { purpose: 'create', email });
      const earlier = earlierOutcome(row, use, nowMs());
      const credential = await verifyRegistration(relyingParty, response, row.challenge);
      if (earlier !== null) return repeatedAnswer(earlier, credential.id);
      let accountId: string;
      try {
        accountId = await register(row, use, email, credential);
      } catch (error) {
        const faster = await repeatedOutcome(db, row.challenge, use, nowMs());
        if (faster !== null) return repeatedAnswer(faster, credential.id);
        throw error;
      }
      relayer.wake();
      return answer(accountId);
    },
  };
}
