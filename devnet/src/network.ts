// One running network: the ledger together with its queue, host, clock and state file. By default a transaction closes
// a ledger of its own the moment it is submitted; otherwise it waits for the clock (`interval`) or for `mine`
// (`manual`). While nothing happens, empty ledgers close every few seconds, worked out when somebody looks. Time in
// which the process does not run closes no ledgers, so nothing expires meanwhile.
import type { Engine } from './engine.ts';
import { BASE_RESERVE_STROOPS } from './ledger/account.ts';
import type { ClosedLedger } from './ledger/closedLedger.ts';
import { keyText } from './ledger/entryStore.ts';
import { genesis } from './ledger/genesis.ts';
import { Ledger, type LedgerChange, type LedgerCopy } from './ledger/ledger.ts';
import { LIMITS, type LimitsName } from './ledger/limits.ts';
import type { ClosingLedger } from './ledger/operations/operation.ts';
import type { TransactionFrame } from './ledger/transactionFrame.ts';
import { type QueueAnswer, TransactionQueue } from './ledger/transactionQueue.ts';
import { chooseTransactions } from './ledger/transactionSet.ts';
import { sha256 } from './sha256.ts';
import { type HostLedger, SorobanHost } from './sorobanHost.ts';

export const DEFAULT_CLOSE_INTERVAL_SECONDS = 5;
const MAX_SNAPSHOTS = 100;

/** When a ledger with transactions closes: at once, by the clock, or when told to. */
export type MineMode = 'instant' | 'interval' | 'manual';

/** Where ledgers are kept across restarts; the file behind it is `journal.ts`. */
export type LedgerLog = {
  readonly changes: readonly LedgerChange[];
  append(change: LedgerChange): void;
  readonly isLong: boolean;
  rewrite(state: LedgerCopy): void;
  close(): void;
};

export type NetworkOptions = {
  readonly passphrase: string;
  readonly limits: LimitsName;
  readonly mineMode: MineMode;
  readonly nowSeconds: () => number;
  /** 0 closes no idle ledgers. */
  readonly closeIntervalSeconds: number;
  readonly openLog?: (identity: { passphrase: string; protocolVersion: number }) => LedgerLog;
};

export class Network {
  readonly passphrase: string;
  readonly ledger: Ledger;
  readonly host: SorobanHost;
  readonly queue = new TransactionQueue();
  /** Where friendbot is served, for getNetwork; null while nothing is served. */
  friendbotUrl: string | null = null;
  closeIntervalSeconds: number;
  mineMode: MineMode;
  readonly #clock: () => number;
  readonly #log: LedgerLog | null;
  #clockAheadSeconds = 0;
  #snapshots = new Map<number, LedgerCopy>();
  #lastSnapshot = 0;

  constructor(engine: Engine, options: NetworkOptions) {
    this.passphrase = options.passphrase;
    this.#clock = options.nowSeconds;
    this.closeIntervalSeconds = options.closeIntervalSeconds;
    this.mineMode = options.mineMode;
    const networkId = sha256(new TextEncoder().encode(options.passphrase));
    this.host = new SorobanHost(engine, (key) => {
      const stored = this.ledger.get(keyText(key));
      return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
    });
    const { protocolVersion } = this.host;
    this.ledger = new Ledger(networkId, protocolVersion);
    this.#log = options.openLog?.({ passphrase: options.passphrase, protocolVersion }) ?? null;
    const kept = this.#log?.changes ?? [];
    for (const change of kept) this.ledger.close(change);
    if (kept.length > 0) this.#resume();
    else this.#keep(genesis(this.ledger, this.host, LIMITS[options.limits], this.nowSeconds()));
  }

  nowSeconds(): number {
    return Math.floor(this.#clock()) + this.#clockAheadSeconds;
  }

  get latest(): ClosedLedger {
    return this.ledger.latest;
  }

  /** Closes the ledgers that are due by the clock: the first of them with what is pending, unless mining is manual. */
  advance(): void {
    if (this.closeIntervalSeconds <= 0 || this.mineMode === 'manual') return;
    const interval = this.closeIntervalSeconds;
    while (this.queue.size > 0 && this.nowSeconds() - this.latest.closeTimeSeconds >= interval) {
      this.#close(this.ledger.closing(Math.ceil(this.latest.closeTimeSeconds + interval)));
    }
    const { closeTimeSeconds } = this.latest;
    const due = Math.floor((this.nowSeconds() - closeTimeSeconds) / interval);
    if (due > 0) this.#closeEmpty(due, Math.ceil(closeTimeSeconds + due * interval));
  }

  /** Queues a transaction; in instant mode its ledger is closed when this returns. */
  submit(frame: TransactionFrame): QueueAnswer {
    const closing = this.ledger.closing(this.nowSeconds());
    const check = () => this.ledger.check(this.host, frame, closing);
    const answer = this.queue.add(frame, this.ledger, this.latest.sequence, check);
    if (answer.kind === 'pending' && this.mineMode === 'instant') this.#close(closing, frame);
    return answer;
  }

  /** Closes ledgers now, the first ones with what is pending. */
  mine(ledgers = 1): void {
    for (let left = ledgers; left > 0; left--) {
      if (this.queue.size === 0) {
        this.warp({ ledgers: left });
        return;
      }
      this.#close(this.ledger.closing(Math.max(this.nowSeconds(), this.latest.closeTimeSeconds + 1)));
    }
  }

  /** Applies a transaction in a ledger of its own, whatever is pending. @returns why not, if it is not valid */
  apply(frame: TransactionFrame): ReturnType<Ledger['check']> {
    const closing = this.ledger.closing(this.nowSeconds());
    const rejection = this.ledger.check(this.host, frame, closing);
    if (rejection) return rejection;
    const set = chooseTransactions([frame], closing.settings);
    this.#keep(this.ledger.with(this.host, set, closing, true));
    return null;
  }

  /** The ledger that simulations run in: the latest closed one. */
  hostLedger(): HostLedger {
    const { sequence, closeTimeSeconds } = this.latest;
    const { protocolVersion, networkId } = this.ledger;
    return {
      protocolVersion,
      sequence,
      closeTimeSeconds,
      networkId,
      baseReserveStroops: BASE_RESERVE_STROOPS,
    };
  }

  /** Moves on by ledgers, seconds or both; when one is missing it follows from the close interval. */
  warp(step: { ledgers?: number; seconds?: number }): void {
    this.advance();
    const interval = this.closeIntervalSeconds || DEFAULT_CLOSE_INTERVAL_SECONDS;
    const seconds = checkedStep('seconds', step.seconds ?? (step.ledgers ?? 0) * interval);
    const ledgers = checkedStep('ledgers', step.ledgers ?? Math.ceil(seconds / interval));
    if (ledgers === 0 && seconds === 0) return;
    const before = this.nowSeconds();
    this.#clockAheadSeconds += seconds;
    let left = Math.max(1, ledgers);
    for (; left > 0 && this.queue.size > 0 && this.mineMode !== 'manual'; left--) {
      this.#close(this.ledger.closing(Math.min(before + 1, this.nowSeconds())));
    }
    if (left > 0) this.#closeEmpty(left, this.nowSeconds());
  }

  snapshot(): number {
    if (this.#snapshots.size >= MAX_SNAPSHOTS) throw new RangeError(`more than ${MAX_SNAPSHOTS} snapshots`);
    this.#lastSnapshot += 1;
    this.#snapshots.set(this.#lastSnapshot, this.ledger.copy());
    return this.#lastSnapshot;
  }

  /** Goes back to a snapshot, which is used up together with all later ones. What was pending is dropped. */
  revert(id: number): void {
    const copy = this.#snapshots.get(id);
    if (!copy) throw new RangeError(`no snapshot ${id}`);
    for (const key of [...this.#snapshots.keys()]) if (key >= id) this.#snapshots.delete(key);
    this.queue.clear();
    this.ledger.restore(copy);
    this.#log?.rewrite(copy);
  }

  close(): void {
    this.#log?.close();
  }

  /**
   * Closes a ledger with what fits of the queue; what has become invalid is dropped.
   * @param checked a transaction that is known to be valid in this ledger
   */
  #close(closing: ClosingLedger, checked?: TransactionFrame): void {
    const valid = this.queue.frames.filter((frame) => {
      if (frame === checked || !this.ledger.check(this.host, frame, closing)) return true;
      this.queue.ban(frame, closing.sequence);
      return false;
    });
    const set = chooseTransactions(valid, closing.settings);
    const frames = [...set.classic, ...set.soroban];
    this.#keep(this.ledger.with(this.host, set, closing, frames.length === 1));
    this.queue.remove(frames);
    this.queue.age(closing.sequence);
  }

  #closeEmpty(ledgers: number, closeTimeSeconds: number): void {
    this.#keep(this.ledger.empty(this.ledger.closing(closeTimeSeconds, ledgers)));
    this.queue.age(this.latest.sequence);
  }

  /** Goes on from a state file: the clock must not run behind it, and the pause must not close ledgers. */
  #resume(): void {
    const { closeTimeSeconds } = this.latest;
    this.#clockAheadSeconds = Math.max(0, closeTimeSeconds - this.nowSeconds());
    this.#closeEmpty(1, this.nowSeconds());
  }

  /** Written first: what cannot be kept has not happened. */
  #keep(change: LedgerChange): void {
    this.#log?.append(change);
    this.ledger.close(change);
    if (this.#log?.isLong) this.#log.rewrite(this.ledger.copy());
  }
}

function checkedStep(name: string, value: number): number {
  const MAX_STEP = 100_000_000;
  if (!Number.isInteger(value) || value < 0 || value > MAX_STEP) {
    throw new RangeError(`warp: ${name} must be a whole number from 0 to ${MAX_STEP}`);
  }
  return value;
}
