// A merchant's own limits on withdrawals, as pure decisions. Tightening holds at once, loosening after 24 hours, so that
// whoever has stolen a session and a second factor cannot lift a limit and use that at once. The daily limit is over the
// last 24 hours, not a calendar day: twice the limit around midnight would be twice the limit. An allowed account is
// allowed with all its numbered addresses and memos; an allowed numbered address is that one customer alone.
import { LatchkeyError } from '@latchkey/sdk/api';
import { muxedAddress, type Recipient } from '@latchkey/sdk/chain';
import type { Payment } from './destination.ts';

export const LOOSENING_DELAY_MS = 24 * 3_600_000;
export const LIMIT_WINDOW_MS = 24 * 3_600_000;

/** `dailyLimit` in the smallest unit; null for none. */
export type Limits = { dailyLimit: bigint | null; allowListOnly: boolean };

export type Rules = { current: Limits; pending: (Limits & { effectiveAt: number }) | null };

export type AllowedDestination = { address: string; effectiveAt: number };

export const noRules: Rules = { current: { dailyLimit: null, allowListOnly: false }, pending: null };

/** What holds now, and what still waits. */
export function rulesAt(rules: Rules, nowMs: number): Rules {
  if (!rules.pending || rules.pending.effectiveAt > nowMs) return rules;
  const { dailyLimit, allowListOnly } = rules.pending;
  return { current: { dailyLimit, allowListOnly }, pending: null };
}

function lower(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null) return b;
  return b === null || a < b ? a : b;
}

function same(a: Limits, b: Limits): boolean {
  return a.dailyLimit === b.dailyLimit && a.allowListOnly === b.allowListOnly;
}

/** Whether anything would be allowed that is not allowed now. */
export function isLoosening(rules: Rules, wanted: Limits, nowMs: number): boolean {
  const { current } = rulesAt(rules, nowMs);
  return !same(stricter(current, wanted), wanted);
}

function stricter(a: Limits, b: Limits): Limits {
  return {
    dailyLimit: lower(a.dailyLimit, b.dailyLimit),
    allowListOnly: a.allowListOnly || b.allowListOnly,
  };
}

/** The stricter of what is and what is wanted holds at once; the rest of what is wanted waits. */
export function changedRules(rules: Rules, wanted: Limits, nowMs: number): Rules {
  const now = rulesAt(rules, nowMs);
  const current = stricter(now.current, wanted);
  if (same(current, wanted)) return { current, pending: null };
  // Asked for again, it does not wait anew.
  const isSameAgain = now.pending !== null && same(now.pending, wanted) && same(current, now.current);
  return isSameAgain ? now : { current, pending: { ...wanted, effectiveAt: nowMs + LOOSENING_DELAY_MS } };
}

function isAllowed({ recipient, memo }: Payment, allowed: ReadonlySet<string>): boolean {
  if (allowed.has(recipient.address)) return true;
  if (recipient.kind === 'contract') return false;
  if (allowed.has(recipient.account)) return true;
  // A memo id and a number in the address say the same.
  return memo?.kind === 'id' && allowed.has(muxedAddress(recipient.account, memo.id));
}

/**
 * @param withdrawn in the last 24 hours, sent and confirmed
 * @throws LatchkeyError DESTINATION_NOT_ALLOWED, DAILY_LIMIT_EXCEEDED
 */
export function requireWithinRules(
  payment: Payment,
  amount: bigint,
  rules: Rules,
  allowed: readonly AllowedDestination[],
  withdrawn: bigint,
  nowMs: number,
): void {
  const { dailyLimit, allowListOnly } = rulesAt(rules, nowMs).current;
  const effective = new Set(allowed.filter((it) => it.effectiveAt <= nowMs).map((it) => it.address));
  if (allowListOnly && !isAllowed(payment, effective)) {
    throw new LatchkeyError('DESTINATION_NOT_ALLOWED', { details: { field: 'destination' } });
  }
  if (dailyLimit !== null && withdrawn + amount > dailyLimit)
    throw new LatchkeyError('DAILY_LIMIT_EXCEEDED', { details: { field: 'amount' } });
}

/** The account or contract that a recipient's money ends up with. */
export function holderOf(recipient: Recipient): string {
  return recipient.kind === 'contract' ? recipient.address : recipient.account;
}
