// What both kinds of withdrawal are held to, before and while they are put in the queue: what was asked for is read, compared
// with the ledger in one question to the node, and with the merchant's own rules under the lock of the merchant's row. Who
// may ask, and with which proof, is decided by withdrawManaged.ts and withdrawPasskey.ts.
import { LatchkeyError, parseAmount, type WithdrawQuery } from '@latchkey/sdk/api';
import type { Db } from '../db/database.ts';
import type { Merchant } from '../db/merchants.ts';
import type { SettlementKey } from '../db/settlementKeys.ts';
import { allowedDestinations, rulesRow, type WithdrawalRulesRow } from '../db/withdrawalRules.ts';
import { reservedAmount, withdrawnSince } from '../db/withdrawals.ts';
import {
  balanceKey,
  keysOfPayment,
  type LedgerEntries,
  type Payment,
  readEntries,
  readPayment,
  requireAffordable,
  requireElsewhere,
  requireReceivable,
} from './destination.ts';
import type { SettlementNetwork, Usdc } from './network.ts';
import { LIMIT_WINDOW_MS, noRules, type Rules, requireWithinRules } from './withdrawalRules.ts';

export const USDC_DECIMALS = 7;

/** What was asked for, read. */
export type Asked = { from: string; payment: Payment; amount: bigint };

/** @throws LatchkeyError INVALID_ADDRESS, INVALID_AMOUNT, INVALID_REQUEST, MEMO_NOT_POSSIBLE, DESTINATION_CANNOT_RECEIVE */
export function readAsked(
  query: WithdrawQuery,
  from: string,
  key: SettlementKey,
  network: SettlementNetwork,
): Asked {
  const payment = readPayment(query, from === key.address ? 'managed' : 'passkey');
  requireElsewhere(payment.recipient, {
    own: [key.address, key.smart_wallet_address],
    usdc: network.usdc,
    deadEnds: [network.nativeTokenId, network.factoryId],
  });
  return { from, payment, amount: parseAmount(query.amount, USDC_DECIMALS) };
}

export async function readLedger(
  network: SettlementNetwork,
  { from, payment }: Asked,
): Promise<LedgerEntries> {
  const keys = keysOfPayment(from, payment, network.usdc);
  return readEntries((await network.rpc.call('getLedgerEntries', { keys })).entries);
}

/** What the ledger says of the wallet's balance alone. */
export async function readBalance(network: SettlementNetwork, from: string): Promise<LedgerEntries> {
  const keys = [balanceKey(from, network.usdc)];
  return readEntries((await network.rpc.call('getLedgerEntries', { keys })).entries);
}

/**
 * That there is enough besides what is on its way: of two withdrawals that together are too much the second is refused at
 * once, instead of failing on the network. Holds only inside a transaction that has the merchant's row.
 * @param readAtMs before `entries` were asked for
 * @throws LatchkeyError INSUFFICIENT_BALANCE
 */
export async function requireUnreserved(
  trx: Db,
  merchant: Merchant,
  { from, amount }: Asked,
  usdc: Usdc,
  entries: LedgerEntries,
  readAtMs: number,
): Promise<void> {
  const reserved = await reservedAmount(trx, merchant.account_id, merchant.network, readAtMs);
  requireAffordable(from, amount, usdc, entries, reserved);
}

/** @throws LatchkeyError INSUFFICIENT_BALANCE, DESTINATION_CANNOT_RECEIVE, MEMO_REQUIRED */
export function requirePossible(asked: Asked, entries: LedgerEntries, network: SettlementNetwork): void {
  requireAffordable(asked.from, asked.amount, network.usdc, entries);
  requireReceivable(asked.payment, asked.amount, network.usdc, entries);
}

export function rulesOf(row: WithdrawalRulesRow | undefined): Rules {
  if (!row) return noRules;
  const limit = (text: string | null) => (text === null ? null : BigInt(text));
  const current = { dailyLimit: limit(row.daily_limit), allowListOnly: row.allow_list_only === 1 };
  if (row.next_effective_at === null) return { current, pending: null };
  const pending = {
    dailyLimit: limit(row.next_daily_limit),
    allowListOnly: row.next_allow_list_only === 1,
    effectiveAt: row.next_effective_at,
  };
  return { current, pending };
}

/** Holds only inside a transaction that has the merchant's row. @throws what `requireWithinRules` throws */
export async function requireAllowedNow(
  db: Db,
  merchant: Merchant,
  { payment, amount }: Asked,
  nowMs: number,
): Promise<void> {
  const { account_id: accountId, network } = merchant;
  const rules = rulesOf(await rulesRow(db, accountId));
  if (rules === noRules) return;
  const rows = await allowedDestinations(db, accountId);
  const allowed = rows.map((it) => ({ address: it.address, effectiveAt: it.effective_at }));
  const withdrawn = await withdrawnSince(db, accountId, network, nowMs - LIMIT_WINDOW_MS);
  requireWithinRules(payment, amount, rules, allowed, withdrawn, nowMs);
}

/** @throws LatchkeyError SETTLEMENT_NOT_READY */
export function requireSettlement(key: SettlementKey | undefined): SettlementKey {
  if (!key || key.status === 'provisioning') throw new LatchkeyError('SETTLEMENT_NOT_READY');
  return key;
}

/** The passkey wallet's address. @throws LatchkeyError SETTLEMENT_NOT_READY, SETTLEMENT_IS_MANAGED */
export function requirePasskeyWallet(key: SettlementKey | undefined): { key: SettlementKey; wallet: string } {
  const found = requireSettlement(key);
  if (found.managed === 1 || found.smart_wallet_address === null)
    throw new LatchkeyError('SETTLEMENT_IS_MANAGED');
  return { key: found, wallet: found.smart_wallet_address };
}
