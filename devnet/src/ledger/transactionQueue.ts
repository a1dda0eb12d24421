// Transactions that wait for a ledger, at most one of each source account, as stellar-core queues them. A second one is
// turned away, unless it is a fee bump that offers ten times the rate; what waited too long, or is no longer valid when
// a ledger closes, is dropped and refused for a while.
// Deliberately without a clock: whoever closes ledgers says which sequence it is.
import { toHex } from '../bytes.ts';
import { availableStroops, getAccount } from './account.ts';
import type { Rejection } from './checkTransaction.ts';
import type { EntrySource } from './entryStore.ts';
import {
  BASE_FEE_STROOPS,
  feeSourceOf,
  feeUnits,
  inclusionFeeStroops,
  offeredFeeStroops,
  resourceFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';
import { transactionResult } from './transactionResult.ts';

const MIN_REPLACEMENT_FACTOR = 10n;
const MAX_WAIT_LEDGERS = 10;
const BAN_LEDGERS = 10;
const MAX_PENDING = 10_000;

export type QueueAnswer =
  | { readonly kind: 'pending' | 'duplicate' | 'tryAgainLater' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

type Pending = { readonly frame: TransactionFrame; readonly payer: string; readonly sinceSequence: number };

export class TransactionQueue {
  #bySource = new Map<string, Pending>();
  /** Hash -> first sequence at which it may come again. */
  #bannedUntil = new Map<string, number>();

  /**
   * @param check judges the transaction against the ledger that would take it
   * @param latestSequence of the last closed ledger
   */
  add(
    frame: TransactionFrame,
    entries: EntrySource,
    latestSequence: number,
    check: () => Rejection | null,
  ): QueueAnswer {
    if ((this.#bannedUntil.get(toHex(frame.hash)) ?? 0) > latestSequence) return { kind: 'tryAgainLater' };
    const source = toHex(frame.source);
    const pending = this.#bySource.get(source)?.frame;
    const conflict = pending && conflictOf(frame, pending);
    if (conflict) return conflict;
    const rejection = check() ?? this.#unpayable(frame, entries, pending);
    if (rejection) return { kind: 'rejected', rejection };
    if (!pending && this.#bySource.size >= MAX_PENDING) return { kind: 'tryAgainLater' };
    this.#bySource.set(source, { frame, payer: toHex(feeSourceOf(frame)), sinceSequence: latestSequence });
    return { kind: 'pending' };
  }

  get frames(): readonly TransactionFrame[] {
    return [...this.#bySource.values()].map(({ frame }) => frame);
  }

  get size(): number {
    return this.#bySource.size;
  }

  has(hash: string): boolean {
    return this.frames.some((frame) => toHex(frame.hash) === hash);
  }

  /** Takes out what a ledger included. */
  remove(frames: readonly TransactionFrame[]): void {
    for (const frame of frames) this.#bySource.delete(toHex(frame.source));
  }

  /** Drops a transaction and refuses it for some ledgers. */
  ban(frame: TransactionFrame, latestSequence: number): void {
    this.#bySource.delete(toHex(frame.source));
    this.#bannedUntil.set(toHex(frame.hash), latestSequence + BAN_LEDGERS);
  }

  /** Drops what has waited for too many ledgers, and forgets old refusals. */
  age(latestSequence: number): void {
    for (const { frame, sinceSequence } of [...this.#bySource.values()]) {
      if (latestSequence - sinceSequence >= MAX_WAIT_LEDGERS) this.ban(frame, latestSequence);
    }
    for (const [hash, until] of this.#bannedUntil) {
      if (until <= latestSequence) this.#bannedUntil.delete(hash);
    }
  }

  clear(): void {
    this.#bySource.clear();
    this.#bannedUntil.clear();
  }

  /** An account must be able to pay for all that it has pending. */
  #unpayable(
    frame: TransactionFrame,
    entries: EntrySource,
    replaced: TransactionFrame | undefined,
  ): Rejection | null {
    const account = getAccount(entries, feeSourceOf(frame));
    const payer = toHex(feeSourceOf(frame));
    let owed = offeredFeeStroops(frame);
    for (const other of this.#bySource.values()) {
      if (other.payer === payer && other.frame !== replaced) owed += offeredFeeStroops(other.frame);
    }
    if (account && availableStroops(account) >= owed) return null;
    const result = transactionResult(frame, minimumFee(frame), { code: 'txInsufficientBalance' }, false);
    return { result, diagnosticEvents: [] };
  }
}

function minimumFee(frame: TransactionFrame): bigint {
  return BASE_FEE_STROOPS * feeUnits(frame) + resourceFeeStroops(frame);
}

/** How a transaction stands to the pending one of the same account; null when it may take its place. */
function conflictOf(frame: TransactionFrame, pending: TransactionFrame): QueueAnswer | null {
  const isSame = toHex(frame.hash) === toHex(pending.hash) || toHex(frame.hash) === toHex(pending.txHash);
  if (isSame) return { kind: 'duplicate' };
  if (frame.tx.seqNum < pending.tx.seqNum) {
    const result = transactionResult(frame, minimumFee(frame), { code: 'txBadSeq' }, true);
    return { kind: 'rejected', rejection: { result, diagnosticEvents: [] } };
  }
  if (!frame.feeBump || frame.tx.seqNum !== pending.tx.seqNum) return { kind: 'tryAgainLater' };
  // Rates are compared as fractions: what is offered for each operation.
  const neededRate = MIN_REPLACEMENT_FACTOR * inclusionFeeStroops(pending);
  const pendingUnits = feeUnits(pending);
  const units = feeUnits(frame);
  if (inclusionFeeStroops(frame) * pendingUnits >= neededRate * units) return null;
  const needed = (neededRate * units + pendingUnits - 1n) / pendingUnits + resourceFeeStroops(frame);
  const result = transactionResult(frame, needed, { code: 'txInsufficientFee' }, false);
  return { kind: 'rejected', rejection: { result, diagnosticEvents: [] } };
}
