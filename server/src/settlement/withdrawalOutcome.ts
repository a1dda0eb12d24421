// What became of a withdrawal: its state, an entry of the audit and the message for webhooks, in one transaction. A signed
// authorization entry can be carried out by anybody who has seen it, for as long as it is valid. So one that was sent and
// failed is not called failed before that time is over and every ledger of it was read for a payment like this.
import { parseRecipient } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import {
  decideWithdrawal,
  hasUnaccountedTwin,
  type OpenWithdrawal,
  openWithdrawals,
  unaccountedPayment,
} from '../db/openWithdrawals.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { announceSettlement } from '../db/settlementMessages.ts';
import { paymentCursor, paymentGaps } from '../db/settlementPayments.ts';
import { lockSettlement, settleWithdrawal, type Withdrawal } from '../db/withdrawals.ts';
import type { Effect, WalletSubmission } from '../relayer/worker.ts';
import type { SettlementNetworks } from './network.ts';
import { SIGNATURE_LEDGERS } from './prepared.ts';
import { USDC_DECIMALS } from './withdrawalChecks.ts';
import { holderOf } from './withdrawalRules.ts';

const DECIDED_AT_ONCE = 20;
/** Between ours and that of the network. */
const MAX_CLOCK_DIFFERENCE_MS = 10 * 60_000;

type Outcome = { transactionHash: string | null; ledger: number | null; code?: string | null };

async function record(
  trx: Db,
  withdrawal: Withdrawal,
  state: Withdrawal['state'],
  outcome: Outcome,
  nowMs: number,
): Promise<void> {
  const { id, account_id: accountId, amount, destination, memo, kind, network } = withdrawal;
  const detail = { id, kind, network, amount, destination, memo, ...outcome };
  await recordAudit(trx, accountId, `withdrawal.${state}`, detail, nowMs);
  if (state !== 'confirmed') return;
  const message = { merchantId: accountId, withdrawalId: id, ...detail, decimals: USDC_DECIMALS };
  await announceSettlement(trx, accountId, 'settlement.withdrawn', message, nowMs);
}

/** Whether it may have been paid, or be paid yet, although its submission failed. */
function isOpen(row: WalletSubmission): boolean {
  const wasShown = row.auth_expires_at_ledger !== null && row.attempts > 0;
  return wasShown || row.error_code === 'OUTCOME_UNKNOWN';
}

/** Of `withdraw-settlement` submissions. */
export function withdrawalEffect({ nowMs }: { nowMs: () => number }): Effect {
  return async (trx, row) => {
    const state = row.state === 'confirmed' ? 'confirmed' : isOpen(row) ? 'unknown' : 'failed';
    const withdrawal = await settleWithdrawal(trx, row.id, state);
    if (!withdrawal) return;
    const outcome = { transactionHash: row.hash, ledger: row.ledger };
    const code = state === 'confirmed' ? {} : { code: row.error_code };
    await record(trx, withdrawal, state, { ...outcome, ...code }, nowMs());
  };
}

/** How a payment names the one it is for (CAP-67): by the number in the address or by the memo, an id without zeros in front. */
function recipientOf({ destination, memo }: Withdrawal) {
  const recipient = parseRecipient(destination);
  const counterparty = holderOf(recipient);
  if (recipient.kind === 'muxed') return { counterparty, memos: [String(recipient.id)] };
  if (memo === null) return { counterparty, memos: null };
  return { counterparty, memos: /^\d+$/.test(memo) ? [memo, String(BigInt(memo))] : [memo] };
}

/** What it could have been paid within. */
function windowOf(withdrawal: OpenWithdrawal) {
  const { auth_expires_at_ledger: last, valid_until_seconds: seconds, created_at: createdAt } = withdrawal;
  if (last !== null) return { ledgers: { from: last - SIGNATURE_LEDGERS, to: last } };
  const from = createdAt - MAX_CLOCK_DIFFERENCE_MS;
  return { timesMs: { from, to: (seconds ?? 0) * 1000 } };
}

/** Decides withdrawals whose outcome was unknown by what was read of the network meanwhile. */
export function createWithdrawalLook(deps: {
  db: Database;
  networks: SettlementNetworks;
  nowMs: () => number;
  log: Logger;
}) {
  const { db, networks, nowMs, log } = deps;

  /** Whether every ledger was read in which it could have been paid. */
  async function isOver(withdrawal: OpenWithdrawal): Promise<boolean> {
    const { network, auth_expires_at_ledger: last, valid_until_seconds: seconds } = withdrawal;
    const gaps = await paymentGaps(db, network);
    if (last !== null) {
      const next = await paymentCursor(db, network);
      const isGap = gaps.some((it) => it.from_ledger <= last && it.to_ledger >= last - SIGNATURE_LEDGERS);
      return next !== undefined && next > last && !isGap;
    }
    if (seconds === null || gaps.some((it) => it.found_at >= withdrawal.created_at)) return false;
    const { sequence, closeTime } = await networks.of(network).rpc.call('getLatestLedger');
    const next = await paymentCursor(db, network);
    return Number(closeTime) > seconds && next !== undefined && next > sequence;
  }

  async function decide(withdrawal: OpenWithdrawal): Promise<void> {
    const { account_id: accountId, network, state } = withdrawal;
    const isAllRead = state === 'unknown' && (await isOver(withdrawal));
    await db.transaction().execute(async (trx) => {
      // Two alike must not both take the same payment for theirs.
      await lockSettlement(trx, accountId, network);
      if (state === 'unknown' && (await hasUnaccountedTwin(trx, withdrawal, nowMs()))) return;
      const paid = await unaccountedPayment(trx, withdrawal, recipientOf(withdrawal), windowOf(withdrawal));
      if (!paid && !isAllRead) return;
      if (!(await decideWithdrawal(trx, withdrawal, paid ?? null)) || state === 'confirmed') return;
      const outcome = { transactionHash: paid?.hash ?? null, ledger: paid?.ledger ?? null };
      await record(trx, withdrawal, paid ? 'confirmed' : 'failed', outcome, nowMs());
    });
  }

  return async function lookAtOpenWithdrawals(): Promise<void> {
    for (const withdrawal of await openWithdrawals(db, nowMs(), DECIDED_AT_ONCE)) {
      await decide(withdrawal).catch((error: unknown) =>
        log.error({ err: error, withdrawal: withdrawal.id }, 'a withdrawal could not be decided'),
      );
    }
  };
}
