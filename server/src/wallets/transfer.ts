// One transfer: simulate it, let the passkey approve the authorization payload, sponsor it, follow it to the end. The
// assertion itself is the permission, so no session is asked for; what it approves is compared field by field with
// what is sent, and the signed entry can mean nothing else on chain.
import { randomUUID } from 'node:crypto';
import {
  type AuthenticationResponse,
  LatchkeyError,
  parseAmount,
  type TransferOptionsBody,
  type TransferQuery,
  type TransferReceiptBody,
} from '@latchkey/sdk/api';
import { parseAddress, type Rpc, simulate, tokenCalls } from '@latchkey/sdk/chain';
import { readClientData } from '../auth/ceremonies.ts';
import { accountById, type Wallet, walletAt } from '../db/accounts.ts';
import { actOnce, type ChallengeUse, challengeFor, earlierOutcome } from '../db/challenges.ts';
import type { Database } from '../db/database.ts';
import { submissionById } from '../db/submissions.ts';
import type { Relayer } from '../relayer/worker.ts';
import { receiptOf, SETTLE_TIMEOUT_MS } from './answer.ts';
import type { ApprovalSubject, Approvals } from './approval.ts';
import type { Tokens } from './tokens.ts';

type TransferSubject = ApprovalSubject & {
  toWalletAddress: string;
  token: string;
  symbol: string;
  decimals: number;
  /** integer, smallest unit */
  amount: string;
};

export type Transfers = {
  options(query: TransferQuery): Promise<TransferOptionsBody>;
  transfer(
    request: TransferQuery & { authenticationResponseJSON: AuthenticationResponse },
    use: ChallengeUse,
  ): Promise<TransferReceiptBody>;
  status(id: string): Promise<TransferReceiptBody>;
};

export function createTransfers(deps: {
  db: Database;
  rpc: Rpc;
  relayer: Relayer;
  tokens: Tokens;
  approvals: Approvals;
  nowMs: () => number;
}): Transfers {
  const { db, rpc, relayer, tokens, nowMs } = deps;

  async function activeWallet(address: string): Promise<Wallet> {
    parseAddress(address, 'fromWalletAddress');
    const wallet = await walletAt(db, address);
    const field = { details: { field: 'fromWalletAddress' } };
    if (!wallet || wallet.state === 'failed') throw new LatchkeyError('WALLET_NOT_FOUND', field);
    if (wallet.state === 'deploying') throw new LatchkeyError('WALLET_NOT_READY', field);
    return wallet;
  }

  async function simulateTransfer(token: string, from: string, to: string, amount: bigint) {
    const hostFunction = tokenCalls.transfer(token, from, to, amount);
    try {
      return { hostFunction, simulation: await simulate(rpc, { hostFunction }) };
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'SIMULATION_FAILED') throw error;
      throw new LatchkeyError('DESTINATION_CANNOT_RECEIVE', {
        message: error.message,
        details: { field: 'toWalletAddress', contractError: error.details?.contractError },
        cause: error,
      });
    }
  }

  async function waitFor(id: string): Promise<TransferReceiptBody> {
    return receiptOf(await relayer.settled(id, SETTLE_TIMEOUT_MS));
  }

  return {
    async options(query) {
      const { fromWalletAddress: from, toWalletAddress: to } = query;
      const wallet = await activeWallet(from);
      parseAddress(to, 'toWalletAddress');
      if (to === from) {
        throw new LatchkeyError('INVALID_ADDRESS', {
          message: 'This is the address of your own wallet.',
          details: { field: 'toWalletAddress' },
        });
      }
      if (query.token !== undefined) parseAddress(query.token, 'token');
      const token = await tokens.describe(query.token ?? tokens.nativeTokenId);
      const amount = parseAmount(query.amount, token.decimals);
      if (amount > (await tokens.balance(token.token, from))) {
        throw new LatchkeyError('INSUFFICIENT_BALANCE', { details: { field: 'amount' } });
      }
      const { hostFunction, simulation } = await simulateTransfer(token.token, from, to, amount);
      const account = await accountById(db, wallet.account_id);
      if (!account) throw new LatchkeyError('WALLET_NOT_FOUND');
      const extra = { toWalletAddress: to, amount: String(amount), ...token };
      const asked = await deps.approvals.ask({
        purpose: 'transfer',
        account,
        wallet,
        hostFunction,
        simulation,
        extra,
      });
      return { ...asked, token };
    },

    async transfer(request, use) {
      const { authenticationResponseJSON: response } = request;
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, { purpose: 'transfer' });
      const subject = JSON.parse(row.subject) as TransferSubject;
      const same =
        request.fromWalletAddress === subject.walletAddress &&
        request.toWalletAddress === subject.toWalletAddress &&
        (request.token ?? tokens.nativeTokenId) === subject.token &&
        String(parseAmount(request.amount, subject.decimals)) === subject.amount;
      if (!same) throw new LatchkeyError('SIGNATURE_DOES_NOT_MATCH_TRANSACTION');
      const earlier = earlierOutcome(row, use, nowMs());
      if (earlier !== null) return waitFor(earlier);

      const wallet = await activeWallet(subject.walletAddress);
      const entryXdr = await deps.approvals.sign(subject, wallet, response, row.challenge);
      const id = await actOnce(db, row, use, randomUUID(), nowMs(), async (trx, submissionId) => {
        await relayer.enqueue(trx, {
          id: submissionId,
          kind: 'transfer',
          accountId: wallet.account_id,
          hostFunctionXdr: subject.hostFunctionXdr,
          authXdr: [entryXdr],
          authExpiresAtLedger: subject.expiresAtLedger,
        });
        await trx
          .insertInto('transfers')
          .values({
            submission_id: submissionId,
            from_address: subject.walletAddress,
            to_address: subject.toWalletAddress,
            token: subject.token,
            symbol: subject.symbol,
            decimals: subject.decimals,
            amount: subject.amount,
          })
          .execute();
      });
      relayer.wake();
      return waitFor(id);
    },

    async status(id) {
      const row = await submissionById(db, id);
      if (row?.kind !== 'transfer') throw new LatchkeyError('NOT_FOUND');
      return receiptOf(row);
    },
  };
}
