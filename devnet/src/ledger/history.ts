// The closed ledgers that are still known, oldest first. Kept are those in which something happened; the ones that closed
// empty in between are made up when somebody asks: a header that follows from the ledger kept before, the sequence and
// the close time. Their close times are exact while the process runs and interpolated after a restart.
// What is kept is bounded in number and bytes; beyond that the oldest ledgers are forgotten.
// A kept ledger names the kept one before it as its predecessor, not the empty ones in between: the chain of hashes
// skips those.
import { type AppliedTransaction, type ClosedLedger, closedLedger, EMPTY_CONTENT } from './closedLedger.ts';
import { type EventFilter, EventIndex, type EventPlace } from './eventIndex.ts';
import type { EventRecord } from './eventRecords.ts';
import { firstIndex } from './firstIndex.ts';

/** As many as a public RPC server keeps: a week of them. */
export const MAX_LEDGERS = 120_960;
const MAX_BYTES = 256 * 1024 * 1024;
/** What a transaction and an event take besides their content, as measured. */
const TRANSACTION_OVERHEAD_BYTES = 1_500;
const EVENT_OVERHEAD_BYTES = 250;
const MAX_EMPTY_RUNS = 10_000;

export type StoredTransaction = {
  readonly ledger: ClosedLedger;
  readonly transaction: AppliedTransaction;
  /** Its place in the ledger, from 1. */
  readonly applicationOrder: number;
};

export type StoredEvent = { readonly ledger: ClosedLedger; readonly event: EventRecord };

type Instant = Pick<ClosedLedger, 'sequence' | 'closeTimeSeconds'>;
/** Ledgers that closed empty, evenly spread over the time after `from` up to `to`. */
type EmptyRun = { readonly from: Instant; readonly to: Instant };

export class History {
  #ledgers: ClosedLedger[] = [];
  #bytes = 0;
  #emptyRuns: EmptyRun[] = [];
  // A copy has neither until it is asked: most are snapshots that nobody looks into.
  #byHash: Map<string, StoredTransaction> | null = new Map();
  #eventIndex: EventIndex | null = new EventIndex();

  add(ledger: ClosedLedger): void {
    this.#ledgers.push(ledger);
    this.#bytes += bytesOf(ledger);
    if (this.#byHash) indexTransactions(this.#byHash, ledger);
    this.#eventIndex?.add(ledger);
    this.#forgetOldest();
  }

  /** Takes note of ledgers that closed empty, up to this one. */
  addEmpty({ sequence, closeTimeSeconds }: Instant): void {
    const kept = this.last;
    if (!kept) return;
    const to = { sequence, closeTimeSeconds };
    const run = this.#emptyRuns.at(-1);
    if (!run || run.to.sequence < kept.sequence) {
      this.#emptyRuns.push({ from: kept, to });
    } else if (isSamePace(run, { from: run.to, to })) {
      this.#emptyRuns[this.#emptyRuns.length - 1] = { from: run.from, to };
    } else {
      this.#emptyRuns.push({ from: run.to, to });
    }
    if (this.#emptyRuns.length > MAX_EMPTY_RUNS) this.#emptyRuns.shift();
  }

  /** A transaction by its hex hash; a fee bump is found by its inner hash too. */
  byTransactionHash(hash: string): StoredTransaction | undefined {
    if (!this.#byHash) {
      this.#byHash = new Map();
      for (const ledger of this.#ledgers) indexTransactions(this.#byHash, ledger);
    }
    return this.#byHash.get(hash);
  }

  /** The first `limit` events from a place on, in ledgers before `endSequence`, that match one of the filters. */
  findEvents(
    filters: readonly EventFilter[],
    from: EventPlace,
    endSequence: number,
    limit: number,
  ): StoredEvent[] {
    if (!this.#eventIndex) {
      this.#eventIndex = new EventIndex();
      for (const ledger of this.#ledgers) this.#eventIndex.add(ledger);
    }
    return this.#eventIndex.find(filters, from, endSequence, limit).map(({ sequence, position }) => {
      const ledger = this.#ledgers[this.#indexFrom(sequence)]!;
      return { ledger, event: ledger.events[position]! };
    });
  }

  /** The kept ledgers with `from <= sequence`, oldest first. */
  *from(sequence: number): Generator<ClosedLedger> {
    for (let index = this.#indexFrom(sequence); index < this.#ledgers.length; index++) {
      yield this.#ledgers[index]!;
    }
  }

  /** Any ledger between the oldest and the latest, kept or made up. */
  at(sequence: number): ClosedLedger | undefined {
    const index = this.#indexFrom(sequence);
    const kept = this.#ledgers[index];
    const previous = this.#ledgers[index - 1];
    if (kept?.sequence === sequence) return kept;
    const closeTimeSeconds = this.#closeTimeOfEmpty(sequence, previous, kept);
    if (!previous || closeTimeSeconds === null) return undefined;
    const protocolVersion = new DataView(previous.headerXdr.buffer, previous.headerXdr.byteOffset).getUint32(
      0,
    );
    return closedLedger({ sequence, closeTimeSeconds, protocolVersion }, previous, {
      ...EMPTY_CONTENT,
      sorobanState: { ...previous.sorobanState, evictedKeys: [] },
    });
  }

  get oldest(): Instant {
    return this.#ledgers[0] ?? { sequence: 0, closeTimeSeconds: 0 };
  }

  /** The latest that is kept. */
  get last(): ClosedLedger | undefined {
    return this.#ledgers.at(-1);
  }

  get size(): number {
    return this.#ledgers.length;
  }

  copy(): History {
    const copy = new History();
    copy.#ledgers = [...this.#ledgers];
    copy.#bytes = this.#bytes;
    copy.#emptyRuns = [...this.#emptyRuns];
    copy.#byHash = null;
    copy.#eventIndex = null;
    return copy;
  }

  /** Index of the first kept ledger that is not before `sequence`. */
  #indexFrom(sequence: number): number {
    return firstIndex(this.#ledgers, (ledger) => ledger.sequence >= sequence);
  }

  #closeTimeOfEmpty(sequence: number, before?: ClosedLedger, after?: ClosedLedger): number | null {
    const run = this.#emptyRuns[firstIndex(this.#emptyRuns, ({ to }) => to.sequence >= sequence)];
    if (run && run.from.sequence < sequence) return interpolate(run, sequence);
    return before && after ? interpolate({ from: before, to: after }, sequence) : null;
  }

  #forgetOldest(): void {
    let count = 0;
    while (
      count < this.#ledgers.length - 1 &&
      (this.#ledgers.length - count > MAX_LEDGERS || this.#bytes > MAX_BYTES)
    ) {
      const forgotten = this.#ledgers[count]!;
      for (const hash of forgotten.transactions.flatMap(hashesOf)) this.#byHash?.delete(hash);
      this.#bytes -= bytesOf(forgotten);
      count += 1;
    }
    if (count === 0) return;
    this.#ledgers.splice(0, count);
    const { sequence } = this.oldest;
    this.#emptyRuns.splice(
      0,
      firstIndex(this.#emptyRuns, ({ to }) => to.sequence > sequence),
    );
  }
}

function indexTransactions(index: Map<string, StoredTransaction>, ledger: ClosedLedger): void {
  ledger.transactions.forEach((transaction, position) => {
    const stored = { ledger, transaction, applicationOrder: position + 1 };
    for (const hash of hashesOf(transaction)) index.set(hash, stored);
  });
}

function hashesOf(transaction: AppliedTransaction): string[] {
  return transaction.innerHash ? [transaction.hash, transaction.innerHash] : [transaction.hash];
}

/** About what a ledger takes in memory. */
function bytesOf({ transactions, events }: ClosedLedger): number {
  let bytes = transactions.length * TRANSACTION_OVERHEAD_BYTES + events.length * EVENT_OVERHEAD_BYTES;
  for (const { envelopeXdr, resultXdr, metaXdr, feeChangesXdr, refundChangesXdr } of transactions) {
    bytes += envelopeXdr.length + resultXdr.length + metaXdr.length;
    bytes += feeChangesXdr.length + refundChangesXdr.length;
  }
  for (const { value } of events) bytes += value.length;
  return bytes;
}

function interpolate({ from, to }: EmptyRun, sequence: number): number {
  const ledgers = to.sequence - from.sequence;
  const seconds = to.closeTimeSeconds - from.closeTimeSeconds;
  return from.closeTimeSeconds + Math.floor(((sequence - from.sequence) * seconds) / ledgers);
}

function isSamePace(left: EmptyRun, right: EmptyRun): boolean {
  const ledgers = ({ from, to }: EmptyRun) => to.sequence - from.sequence;
  const seconds = ({ from, to }: EmptyRun) => to.closeTimeSeconds - from.closeTimeSeconds;
  return seconds(left) * ledgers(right) === seconds(right) * ledgers(left);
}
