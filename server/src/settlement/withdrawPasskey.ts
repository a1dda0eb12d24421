// Withdrawals from a passkey wallet: prepared here, signed in the browser, submitted here. One question to the node for what
// the ledger says and one for the simulation, side by side, so that preparing takes one round trip. The daily limit counts
// what was submitted, and is held under the merchant's row when that happens; when preparing it is only an early answer.
import {
  formatAmount,
  LatchkeyError,
  type PreparedBody,
  type SubmitRequest,
  type WithdrawQuery,
} from '@latchkey/sdk/api';
import { simulate, tokenCalls } from '@latchkey/sdk/chain';
import type { Database } from '../db/database.ts';
import { signingPasskeysOf } from '../db/merchantPasskeys.ts';
import type { Merchant } from '../db/merchants.ts';
import { insertPreparedCall } from '../db/preparedCalls.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { settlementKeyOf } from '../db/settlementKeys.ts';
import { insertWithdrawal } from '../db/withdrawals.ts';
import type { Payment } from './destination.ts';
import type { SettlementNetworks, Usdc } from './network.ts';
import type { PreparedCalls } from './prepared.ts';
import {
  type Asked,
  readAsked,
  readBalance,
  readLedger,
  requireAllowedNow,
  requirePasskeyWallet,
  requirePossible,
  requireUnreserved,
  USDC_DECIMALS,
} from './withdrawalChecks.ts';

export type PasskeyWithdrawals = {
  prepare(merchant: Merchant, query: WithdrawQuery): Promise<PreparedBody>;
  /** The id of the submission. */
  submit(merchant: Merchant, request: SubmitRequest): Promise<string>;
};

type Detail = { summary: string; from: string; query: WithdrawQuery; amount: string };

export function summaryOf({ from, payment, amount }: Asked, usdc: Usdc): string {
  const what = `Sends ${formatAmount(amount, USDC_DECIMALS)} ${usdc.code} from ${from}`;
  return `${what} to ${whereTo(payment)}.`;
}

function whereTo({ recipient, memo }: Payment): string {
  if (recipient.kind === 'muxed')
    return `${recipient.account}, number ${recipient.id} (${recipient.address})`;
  if (!memo) return recipient.address;
  return `${recipient.address}, memo ${memo.kind === 'id' ? memo.id : `“${memo.text}”`}`;
}

export function createPasskeyWithdrawals(deps: {
  db: Database;
  networks: SettlementNetworks;
  prepared: PreparedCalls;
  nowMs: () => number;
}): PasskeyWithdrawals {
  const { db, networks, prepared, nowMs } = deps;

  return {
    async prepare(merchant, query) {
      const network = networks.of(merchant.network);
      const { account_id: accountId } = merchant;
      const { key, wallet } = requirePasskeyWallet(await settlementKeyOf(db, accountId, merchant.network));
      const asked = readAsked(query, wallet, key, network);
      const to = asked.payment.recipient.address;
      const hostFunction = tokenCalls.transfer(network.usdc.contractId, wallet, to, asked.amount);
      await network.confirmNetwork();
      const [entries, simulated, signers] = await Promise.all([
        readLedger(network, asked),
        // What the ledger says tells better why it cannot be.
        simulate(network.rpc, { hostFunction }).catch((error: unknown) => ({ error })),
        signingPasskeysOf(db, accountId),
        requireAllowedNow(db, merchant, asked, nowMs()),
      ]);
      requirePossible(asked, entries, network);
      if ('error' in simulated) throw simulated.error;
      const amount = String(asked.amount);
      const summary = summaryOf(asked, network.usdc);
      const detail: Detail = { summary, from: wallet, query, amount };
      const made = prepared.make({
        owner: { accountId, network },
        wallet,
        action: 'withdraw',
        detail,
        hostFunction,
        simulation: simulated,
      });
      const [body] = await Promise.all([
        prepared.body(made, network, signers),
        insertPreparedCall(db, made, nowMs()),
      ]);
      return body;
    },

    async submit(merchant, request) {
      const network = networks.of(merchant.network);
      const owner = { accountId: merchant.account_id, network };
      const signed = await prepared.read(owner, 'withdraw', request);
      if ('submissionId' in signed) return signed.submissionId;
      const { from, query } = JSON.parse(signed.row.detail) as Detail;
      const { key, wallet } = requirePasskeyWallet(
        await settlementKeyOf(db, merchant.account_id, merchant.network),
      );
      // The wallet that it was prepared for is the merchant's no more.
      if (wallet !== from) throw new LatchkeyError('PREPARED_EXPIRED');
      const asked = readAsked(query, wallet, key, network);
      const readAt = nowMs();
      const entries = await readBalance(network, wallet);
      return prepared.submitOnce(owner, signed, async (trx, submissionId) => {
        const now = nowMs();
        await requireUnreserved(trx, merchant, asked, network.usdc, entries, readAt);
        await requireAllowedNow(trx, merchant, asked, now);
        await insertWithdrawal(trx, {
          id: signed.row.id,
          account_id: merchant.account_id,
          network: network.name,
          kind: 'passkey',
          state: 'pending',
          amount: String(asked.amount),
          destination: query.destination,
          memo: query.memo ?? null,
          submission_id: submissionId,
          idempotency_key: null,
          request_hash: null,
          created_at: now,
        });
        const withdrawal = {
          id: signed.row.id,
          amount: String(asked.amount),
          destination: query.destination,
        };
        const detail = { ...withdrawal, memo: query.memo ?? null, signerId: signed.signerId };
        await recordAudit(trx, merchant.account_id, 'withdrawal.submitted', detail, now);
      });
    },
  };
}
