// "I lost this device": proof of the e-mail address, a new passkey, and the guardian's signature that makes it the
// wallet's signer, at once or after the delay of the contract that the wallet names as guardian. While a delay runs
// the owner's old passkey can cancel on chain. Every step is a row first; dueRotations.ts carries a delayed one to its end.
import { randomUUID } from 'node:crypto';
import {
  type AuthenticationResponse,
  type CancelRecoveryOptionsBody,
  LatchkeyError,
  type RecoverWalletBody,
  type RegistrationResponse,
} from '@latchkey/sdk/api';
import { type Rpc, recoveryCalls, simulate, walletCalls } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import {
  type RelyingParty,
  readClientData,
  registrationOptions,
  verifyRegistration,
} from '../auth/ceremonies.ts';
import type { EmailCodes } from '../auth/emailCodes.ts';
import type { Sessions } from '../auth/sessions.ts';
import {
  type Account,
  accountById,
  findAccount,
  normaliseEmail,
  type Wallet,
  walletOf,
} from '../db/accounts.ts';
import {
  actOnce,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import { credentialById, credentialsOf, insertCredential } from '../db/credentials.ts';
import type { Database } from '../db/database.ts';
import { insertRotation, openRotation, rotationById } from '../db/rotations.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Relayer } from '../relayer/worker.ts';
import { SETTLE_TIMEOUT_MS, submissionError } from './answer.ts';
import type { ApprovalSubject, Approvals } from './approval.ts';
import { credentialRow } from './create.ts';
import type { Guardian } from './guardian.ts';
import { pendingRotation, rotationPath } from './onChainRotation.ts';
import { OWNER_SIGNER_ID, passkeyOf } from './ownerSigner.ts';
import { accountWithWallet } from './signIn.ts';

export type Recovery = {
  sendCode(email: string): Promise<void>;
  options(email: string, code: string | undefined): Promise<{ options_json: { challenge: string } }>;
  recover(
    request: { email: string; response: RegistrationResponse },
    use: ChallengeUse,
  ): Promise<RecoverWalletBody>;
  cancelOptions(owner: { account: Account; wallet: Wallet }): Promise<CancelRecoveryOptionsBody>;
  cancel(
    owner: { account: Account; wallet: Wallet },
    response: AuthenticationResponse,
    use: ChallengeUse,
  ): Promise<{ transactionHash: string | null }>;
};

export function createRecovery(deps: {
  db: Database;
  rpc: Rpc;
  relayer: Relayer;
  sessions: Sessions;
  recoveryCodes: EmailCodes;
  approvals: Approvals;
  guardian: Guardian;
  mailer: Mailer;
  relyingParty: RelyingParty;
  nowMs: () => number;
  log: Logger;
}): Recovery {
  const { db, rpc, relayer, relyingParty, nowMs } = deps;

  async function answer(rotationId: string): Promise<RecoverWalletBody> {
    const submitted = await rotationById(db, rotationId);
    if (!submitted) throw new LatchkeyError('NOT_FOUND');
    const submission = await relayer.settled(submitted.submission_id, SETTLE_TIMEOUT_MS);
    const rotation = (await rotationById(db, rotationId)) ?? submitted;
    if (rotation.state === 'failed') throw submissionError(submission);
    const account = await accountById(db, rotation.account_id);
    const wallet = account && (await walletOf(db, account.id));
    if (!account || !wallet) throw new LatchkeyError('WALLET_NOT_FOUND');
    const rotated = rotation.state === 'executed';
    const isActive = rotated && (await credentialById(db, rotation.credential_id))?.state === 'active';
    return {
      status: rotated ? 'rotated' : 'pending',
      walletAddress: wallet.address,
      transactionHash: submission.hash,
      executableAt: rotated ? null : rotation.executable_at,
      session: isActive ? await deps.sessions.issue(account, wallet) : null,
    };
  }

  return {
    async sendCode(text) {
      const email = normaliseEmail(text);
      const account = await findAccount(db, email);
      if (!account) return deps.recoveryCodes.countRequest(email);
      const code = await deps.recoveryCodes.issue(email);
      const mail = {
        to: email,
        kind: 'recovery-code',
        subject: `${code} is your ${relyingParty.name} recovery code`,
        text:
          `Your recovery code is ${code}. It is valid for five minutes.\n\n` +
          'If you did not ask for it, someone typed your address; without the code nothing happens to your wallet.\n',
      };
      // The answer is the same whether a mail was sent or not; the person can ask again.
      await deps.mailer
        .send(mail)
        .catch((error: unknown) => deps.log.error({ err: error }, 'a recovery code was not sent'));
    },

    async options(text, code) {
      const email = normaliseEmail(text);
      if (!code) throw new LatchkeyError('RECOVERY_CODE_REQUIRED');
      await deps.recoveryCodes.redeem(email, code);
      const { account } = await accountWithWallet(db, email);
      if (await openRotation(db, account.id)) throw new LatchkeyError('ROTATION_IN_PROGRESS');
      const active = await credentialsOf(db, account.id, 'active');
      const options = await registrationOptions(relyingParty, { email, id: account.id }, active);
      await insertChallenge(db, { challenge: options.challenge, purpose: 'recover', email }, nowMs());
      return { options_json: options };
    },

    async recover({ email: text, response }, use) {
      const email = normaliseEmail(text);
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, { purpose: 'recover', email });
      const earlier = earlierOutcome(row, use, nowMs());
      if (earlier !== null) return answer(earlier);

      const credential = await verifyRegistration(relyingParty, response, row.challenge);
      if (await credentialById(db, credential.id)) throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
      const { account, wallet } = await accountWithWallet(db, email);
      if (wallet.state !== 'active') throw new LatchkeyError('WALLET_NOT_READY');
      const { recoveryId } = await rotationPath(rpc, wallet.address, deps.guardian.address);
      const key = await passkeyOf(relyingParty, credential);
      const hostFunction =
        recoveryId === null
          ? walletCalls.rotateSigner(wallet.address, OWNER_SIGNER_ID, key)
          : recoveryCalls.propose(recoveryId, wallet.address, OWNER_SIGNER_ID, key);
      const signed = await deps.guardian.authorize(hostFunction);

      const outcome = await actOnce(db, row, use, randomUUID(), nowMs(), async (trx, rotationId) => {
        await insertCredential(trx, credentialRow(relyingParty, credential, account.id, 'incoming', nowMs()));
        const submissionId = await relayer.enqueue(trx, {
          kind: recoveryId === null ? 'rotate' : 'propose-rotation',
          accountId: account.id,
          hostFunctionXdr: hostFunction.toXdr('base64'),
          ...signed,
        });
        await insertRotation(trx, {
          id: rotationId,
          account_id: account.id,
          credential_id: credential.id,
          state: 'submitted',
          executable_at: null,
          submission_id: submissionId,
          created_at: nowMs(),
        });
      });
      relayer.wake();
      return answer(outcome);
    },

    async cancelOptions({ account, wallet }) {
      const pending = await pendingRotation(rpc, wallet.address);
      if (!pending) throw new LatchkeyError('ROTATION_NOT_PENDING');
      const hostFunction = recoveryCalls.cancel(pending.recoveryId, wallet.address);
      const simulation = await simulate(rpc, { hostFunction }).catch((cause: unknown) => {
        const refused = cause instanceof LatchkeyError && cause.code === 'SIMULATION_FAILED';
        throw refused ? new LatchkeyError('ROTATION_NOT_PENDING', { cause }) : cause;
      });
      return deps.approvals.ask({
        purpose: 'cancel-recovery',
        account,
        wallet,
        hostFunction,
        simulation,
        extra: {},
      });
    },

    async cancel({ account, wallet }, response, use) {
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, { purpose: 'cancel-recovery', email: account.email });
      const subject = JSON.parse(row.subject) as ApprovalSubject;
      let submissionId = earlierOutcome(row, use, nowMs());
      if (submissionId === null) {
        const entryXdr = await deps.approvals.sign(subject, wallet, response, row.challenge);
        submissionId = await actOnce(db, row, use, randomUUID(), nowMs(), async (trx, id) => {
          await relayer.enqueue(trx, {
            id,
            kind: 'cancel-rotation',
            accountId: account.id,
            hostFunctionXdr: subject.hostFunctionXdr,
            authXdr: [entryXdr],
            authExpiresAtLedger: subject.expiresAtLedger,
          });
        });
        relayer.wake();
      }
      const submission = await relayer.settled(submissionId, SETTLE_TIMEOUT_MS);
      if (submission.state === 'failed') throw submissionError(submission);
      return { transactionHash: submission.hash };
    },
  };
}
