// Transactions that wait for a ledger, at most one of each source account, as stellar-core queues them. A second one is
// turned away, unless it is a fee bump that offers ten times the rate. What was applied, waited too long, or is no longer
// valid when a ledger closes, is refused for a while; a transaction counts as the same only with the same signatures.
// Left out: limits on the queue's size by fee. Without a clock: whoever closes ledgers says which sequence it is.
import { toHex, toLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { availableStroops, getAccount } from './account.ts';
import { checkEnvelope, type Rejection } from './checkTransaction.ts';
import type { EntrySource } from './entryStore.ts';
import type { ClosingLedger } from './operations/operation.ts';
import { resourceProblem } from './sorobanResources.ts';
import {
  feeSourceOf,
  feeUnits,
  inclusionFeeStroops,
  minimumFeeStroops,
  offeredFeeStroops,
  resourceFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';
import { type PlainCode, transactionResult } from './transactionResult.ts';

const MIN_REPLACEMENT_FACTOR = 10n;
const MAX_WAIT_LEDGERS = 4;
const BAN_LEDGERS = 10;
const MAX_PENDING = 10_000;

export type QueueAnswer =
  | { readonly kind: 'pending' | 'duplicate' | 'tryAgainLater' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

type Pending = {
  readonly frame: TransactionFrame;
  readonly fullHash: string;
  readonly payer: string;
  readonly sinceSequence: number;
};

const TRY_AGAIN_LATER: QueueAnswer = { kind: 'tryAgainLater' };

export class TransactionQueue {
  readonly #bySource = new Map<string, Pending>();
  /** Full hash -> first sequence at which it may come again. */
  readonly #bannedUntil = new Map<string, number>();

  /**
   * @param check judges the transaction against the ledger that would take it
   * @param latestSequence of the last closed ledger
   */
  add(
    frame: TransactionFrame,
    entries: EntrySource,
    closing: Pick<ClosingLedger, 'settings'>,
    latestSequence: number,
    check: () => Rejection | null,
  ): QueueAnswer {
    const fullHash = fullHashOf(frame.envelopeXdr);
    if ((this.#bannedUntil.get(fullHash) ?? 0) > latestSequence) return TRY_AGAIN_LATER;
    const nonsense = checkEnvelope(frame);
    if (nonsense) return { kind: 'rejected', rejection: nonsense };
    const source = toLatin1(frame.source);
    const pending = this.#bySource.get(source);
    const conflict = pending && conflictOf(frame, fullHash, pending, closing);
    if (conflict) return conflict;
    if (!pending && this.#isBusyElsewhere(frame, source)) return TRY_AGAIN_LATER;
    const rejection = check() ?? this.#unpayable(frame, entries, pending?.frame);
    if (rejection) return { kind: 'rejected', rejection };
    if (!pending && this.#bySource.size >= MAX_PENDING) return TRY_AGAIN_LATER;
    const payer = toLatin1(feeSourceOf(frame));
    this.#bySource.set(source, { frame, fullHash, payer, sinceSequence: latestSequence });
    return { kind: 'pending' };
  }

  get frames(): readonly TransactionFrame[] {
    return [...this.#bySource.values()].map(({ frame }) => frame);
  }

  get size(): number {
    return this.#bySource.size;
  }

  /**
   * What may still be applied in a ledger; the rest is dropped and refused for a while: what is no longer valid, and
   * what its payer cannot pay for beside the others.
   */
  valid(
    entries: EntrySource,
    sequence: number,
    isValid: (frame: TransactionFrame) => boolean,
  ): readonly TransactionFrame[] {
    const owed = new Map<string, bigint>();
    for (const { frame, payer } of [...this.#bySource.values()]) {
      const total = (owed.get(payer) ?? 0n) + offeredFeeStroops(frame);
      const isGood = isValid(frame) && spendable(entries, frame) >= total;
      if (isGood) owed.set(payer, total);
      else this.ban(frame, sequence);
    }
    return this.frames;
  }

  /** Drops transactions that never got to a ledger after all. */
  remove(frames: readonly TransactionFrame[]): void {
    for (const { source } of frames) this.#bySource.delete(toLatin1(source));
  }

  /** Drops a transaction, because a ledger took it or it must not come again soon. */
  ban(frame: TransactionFrame, latestSequence: number): void {
    const source = toLatin1(frame.source);
    const pending = this.#bySource.get(source);
    const fullHash = pending?.frame === frame ? pending.fullHash : fullHashOf(frame.envelopeXdr);
    this.#bySource.delete(source);
    this.#bannedUntil.set(fullHash, latestSequence + BAN_LEDGERS);
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

  /** Contract calls queue apart: whoever has to do with a transaction of the other kind has to wait. */
  #isBusyElsewhere(frame: TransactionFrame, source: string): boolean {
    for (const other of this.#bySource.values()) {
      if (other.payer === source && isSoroban(other.frame) !== isSoroban(frame)) return true;
    }
    return false;
  }

  /** An account must be able to pay for all of a kind that it has pending. */
  #unpayable(
    frame: TransactionFrame,
    entries: EntrySource,
    replaced: TransactionFrame | undefined,
  ): Rejection | null {
    const payer = toLatin1(feeSourceOf(frame));
    let owed = offeredFeeStroops(frame);
    for (const other of this.#bySource.values()) {
      const isCounted = other.payer === payer && isSoroban(other.frame) === isSoroban(frame);
      if (isCounted && other.frame !== replaced) owed += offeredFeeStroops(other.frame);
    }
    if (spendable(entries, frame) >= owed) return null;
    return refused(frame, 'txInsufficientBalance', minimumFeeStroops(frame));
  }
}

function spendable(entries: EntrySource, frame: TransactionFrame): bigint {
  const account = getAccount(entries, feeSourceOf(frame));
  return account ? availableStroops(account) : -1n;
}

function fullHashOf(envelopeXdr: Uint8Array): string {
  return toHex(sha256(envelopeXdr));
}

function isSoroban({ sorobanData }: TransactionFrame): boolean {
  return sorobanData !== null;
}

function refused(frame: TransactionFrame, code: PlainCode, feeStroops = 0n): Rejection {
  return { result: transactionResult(frame, feeStroops, { code }, false), diagnosticEvents: [] };
}

/** How a transaction stands to the pending one of the same account; null when it may take its place. */
function conflictOf(
  frame: TransactionFrame,
  fullHash: string,
  { frame: pending, fullHash: pendingHash }: Pending,
  { settings }: Pick<ClosingLedger, 'settings'>,
): QueueAnswer | null {
  const isInside = !frame.feeBump && pending.feeBump && fullHashOf(pending.feeBump.innerXdr) === fullHash;
  if (pendingHash === fullHash || isInside) return { kind: 'duplicate' };
  if (frame.tx.seqNum < pending.tx.seqNum) return { kind: 'rejected', rejection: refused(frame, 'txBadSeq') };
  if (isSoroban(frame) !== isSoroban(pending)) return TRY_AGAIN_LATER;
  const diagnostic = frame.sorobanData && resourceProblem(frame, frame.sorobanData, settings);
  if (diagnostic) {
    const result = transactionResult(frame, 0n, { code: 'txSorobanInvalid' }, true);
    return { kind: 'rejected', rejection: { result, diagnosticEvents: [diagnostic] } };
  }
  if (!frame.feeBump || frame.tx.seqNum !== pending.tx.seqNum) return TRY_AGAIN_LATER;
  // Rates are compared as fractions: what is offered for each operation.
  const neededRate = MIN_REPLACEMENT_FACTOR * inclusionFeeStroops(pending);
  const pendingUnits = feeUnits(pending);
  const units = feeUnits(frame);
  if (inclusionFeeStroops(frame) * pendingUnits >= neededRate * units) return null;
  const needed = (neededRate * units + pendingUnits - 1n) / pendingUnits + resourceFeeStroops(frame);
  return { kind: 'rejected', rejection: refused(frame, 'txInsufficientFee', needed) };
}
