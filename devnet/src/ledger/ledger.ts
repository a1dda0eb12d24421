// The ledger as a value: entries, the latest closed ledger and its history. It changes only by `close`, ledger by
// ledger; `submit` and `empty` work out the next one and leave everything as it is. It can be copied. Clock, storage and network are the callers' business.
import type { SorobanHost } from '../sorobanHost.ts';
import { applyTransaction } from './applyTransaction.ts';
import { checkTransaction, type Rejection } from './checkTransaction.ts';
import { nativeContractId } from './classicEvents.ts';
import { appliedTransaction, type ClosedLedger, closedLedger } from './closedLedger.ts';
import type { EntrySource, KeyText, LedgerDelta, StoredEntry } from './entryStore.ts';
import { History } from './history.ts';
import type { ClosingLedger } from './operations/operation.ts';
import type { TransactionFrame } from './transactionFrame.ts';

/** What one closed ledger changed; applying all of them in order rebuilds the ledger. */
export type LedgerChange = {
  readonly closed: ClosedLedger;
  readonly entries: ReadonlyMap<KeyText, StoredEntry | null>;
};

export type Submission =
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'applied'; readonly change: LedgerChange };

export type LedgerCopy = {
  readonly entries: ReadonlyMap<KeyText, StoredEntry>;
  readonly history: History;
  readonly latest: ClosedLedger;
};

export class Ledger implements EntrySource {
  readonly networkId: Uint8Array;
  readonly nativeContractId: Uint8Array;
  readonly protocolVersion: number;
  #entries = new Map<KeyText, StoredEntry>();
  #history = new History();
  #latest: ClosedLedger | null = null;
  #nextExpiry = Number.POSITIVE_INFINITY;

  constructor(networkId: Uint8Array, protocolVersion: number) {
    this.networkId = networkId;
    this.protocolVersion = protocolVersion;
    this.nativeContractId = nativeContractId(networkId);
  }

  get(key: KeyText): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  get latest(): ClosedLedger {
    if (!this.#latest) throw new Error('the ledger has no genesis yet');
    return this.#latest;
  }

  get history(): History {
    return this.#history;
  }

  get entries(): ReadonlyMap<KeyText, StoredEntry> {
    return this.#entries;
  }

  /** The ledger that would close next. Close times never go back. */
  closing(nowSeconds: number, ledgers = 1): ClosingLedger {
    return {
      sequence: (this.#latest?.sequence ?? 0) + ledgers,
      closeTimeSeconds: Math.max(nowSeconds, this.#latest?.closeTimeSeconds ?? 0),
      networkId: this.networkId,
      nativeContractId: this.nativeContractId,
      protocolVersion: this.protocolVersion,
    };
  }

  /** A ledger without a transaction, with the entry changes given (genesis has some). */
  empty(closing: ClosingLedger, delta?: LedgerDelta): LedgerChange {
    return {
      closed: closedLedger(closing, this.#latest, null),
      entries: delta?.touched() ?? new Map<KeyText, StoredEntry | null>(),
    };
  }

  /** Checks a transaction and, if it is valid, works out the ledger that closes with it. */
  submit(host: SorobanHost, frame: TransactionFrame, closing: ClosingLedger): Submission {
    this.#forgetExpired(closing.sequence);
    const rejection = checkTransaction({ host, frame, entries: this, ledger: closing });
    if (rejection) return { kind: 'rejected', rejection };
    const application = applyTransaction(host, frame, this, closing);
    const { feeChargedStroops } = application;
    const transaction = appliedTransaction(frame, application);
    const change = {
      closed: closedLedger(closing, this.#latest, { transaction, feeChargedStroops }),
      entries: application.delta.touched(),
    };
    return { kind: 'applied', change };
  }

  /** Takes over a closed ledger: one just worked out, or one from a state file. */
  close({ closed, entries }: LedgerChange): void {
    for (const [key, entry] of entries) {
      if (!entry) {
        this.#entries.delete(key);
        continue;
      }
      this.#entries.set(key, entry);
      if (entry.ttl && isTemporary(key)) {
        this.#nextExpiry = Math.min(this.#nextExpiry, entry.ttl.liveUntilLedger);
      }
    }
    if (closed.transaction || !this.#latest) this.#history.add(closed);
    this.#latest = closed;
    this.#forgetExpired(closed.sequence);
  }

  copy(): LedgerCopy {
    return { entries: new Map(this.#entries), history: this.#history.copy(), latest: this.latest };
  }

  restore(copy: LedgerCopy): void {
    this.#entries = new Map(copy.entries);
    this.#history = copy.history.copy();
    this.#latest = copy.latest;
    this.#nextExpiry = 0;
    this.#forgetExpired(copy.latest.sequence);
  }

  /** Expired temporary entries are gone for good; expired persistent ones stay, archived. */
  #forgetExpired(sequence: number): void {
    if (this.#nextExpiry >= sequence) return;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const [key, { ttl }] of this.#entries) {
      if (!ttl || !isTemporary(key)) continue;
      if (ttl.liveUntilLedger < sequence) this.#entries.delete(key);
      else this.#nextExpiry = Math.min(this.#nextExpiry, ttl.liveUntilLedger);
    }
  }
}

/** A CONTRACT_DATA key ends with its durability; 0 is temporary. */
export function isTemporary(key: KeyText): boolean {
  const bytes = Buffer.from(key, 'base64');
  const CONTRACT_DATA = 6;
  return bytes.readInt32BE(0) === CONTRACT_DATA && bytes.readInt32BE(bytes.length - 4) === 0;
}
