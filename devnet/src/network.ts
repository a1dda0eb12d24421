// One running network: the ledger together with its host, clock and state file. A transaction is applied the moment
// it is submitted, in a ledger of its own; while nothing happens, empty ledgers close every few seconds, worked out
// when somebody looks. Time in which the process does not run closes no ledgers, so nothing expires meanwhile.
import type { Engine } from './engine.ts';
import { Journal } from './journal.ts';
import { BASE_RESERVE_STROOPS } from './ledger/account.ts';
import type { ClosedLedger } from './ledger/closedLedger.ts';
import { keyText } from './ledger/entryStore.ts';
import { genesis } from './ledger/genesis.ts';
import { Ledger, type LedgerChange, type LedgerCopy, type Submission } from './ledger/ledger.ts';
import type { TransactionFrame } from './ledger/transactionFrame.ts';
import { sha256 } from './sha256.ts';
import { type HostLedger, SorobanHost } from './sorobanHost.ts';

export const DEFAULT_CLOSE_INTERVAL_SECONDS = 5;
const MAX_SNAPSHOTS = 100;

export type NetworkOptions = {
  readonly passphrase: string;
  readonly statePath: string | null;
  readonly nowSeconds: () => number;
  /** 0 closes no idle ledgers. */
  readonly closeIntervalSeconds: number;
};

export class Network {
  readonly passphrase: string;
  readonly ledger: Ledger;
  readonly host: SorobanHost;
  /** Where friendbot is served, for getNetwork; null while nothing is served. */
  friendbotUrl: string | null = null;
  closeIntervalSeconds: number;
  readonly #clock: () => number;
  readonly #journal: Journal | null;
  #clockAheadSeconds = 0;
  #snapshots = new Map<number, LedgerCopy>();
  #lastSnapshot = 0;

  constructor(engine: Engine, options: NetworkOptions) {
    this.passphrase = options.passphrase;
    this.#clock = options.nowSeconds;
    this.closeIntervalSeconds = options.closeIntervalSeconds;
    const networkId = sha256(new TextEncoder().encode(options.passphrase));
    this.host = new SorobanHost(engine, (key) => {
      const stored = this.ledger.get(keyText(key));
      return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
    });
    const { protocolVersion } = this.host;
    this.ledger = new Ledger(networkId, protocolVersion);
    const identity = { passphrase: options.passphrase, protocolVersion };
    const opened = options.statePath === null ? null : Journal.open(options.statePath, identity);
    this.#journal = opened?.journal ?? null;
    for (const change of opened?.changes ?? []) this.ledger.close(change);
    if (opened?.changes.length) this.#resume();
    else this.#keep(genesis(this.ledger, this.host, this.nowSeconds()));
  }

  nowSeconds(): number {
    return Math.floor(this.#clock()) + this.#clockAheadSeconds;
  }

  get latest(): ClosedLedger {
    return this.ledger.latest;
  }

  /** Closes the empty ledgers that are due by the clock. */
  advance(): void {
    if (this.closeIntervalSeconds <= 0) return;
    const { closeTimeSeconds } = this.latest;
    const due = Math.floor((this.nowSeconds() - closeTimeSeconds) / this.closeIntervalSeconds);
    if (due > 0) this.#closeEmpty(due, Math.ceil(closeTimeSeconds + due * this.closeIntervalSeconds));
  }

  submit(frame: TransactionFrame): Submission {
    const submission = this.ledger.submit(this.host, frame, this.ledger.closing(this.nowSeconds()));
    if (submission.kind === 'applied') this.#keep(submission.change);
    return submission;
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
    this.#clockAheadSeconds += seconds;
    this.#closeEmpty(Math.max(1, ledgers), this.nowSeconds());
  }

  snapshot(): number {
    if (this.#snapshots.size >= MAX_SNAPSHOTS) throw new RangeError(`more than ${MAX_SNAPSHOTS} snapshots`);
    this.#lastSnapshot += 1;
    this.#snapshots.set(this.#lastSnapshot, this.ledger.copy());
    return this.#lastSnapshot;
  }

  /** Goes back to a snapshot, which is used up together with all later ones. */
  revert(id: number): void {
    const copy = this.#snapshots.get(id);
    if (!copy) throw new RangeError(`no snapshot ${id}`);
    for (const key of [...this.#snapshots.keys()]) if (key >= id) this.#snapshots.delete(key);
    this.ledger.restore(copy);
    this.#journal?.rewrite(copy);
  }

  close(): void {
    this.#journal?.close();
  }

  #closeEmpty(ledgers: number, closeTimeSeconds: number): void {
    this.#keep(this.ledger.empty(this.ledger.closing(closeTimeSeconds, ledgers)));
  }

  /** Goes on from a state file: the clock must not run behind it, and the pause must not close ledgers. */
  #resume(): void {
    const { closeTimeSeconds } = this.latest;
    this.#clockAheadSeconds = Math.max(0, closeTimeSeconds - this.nowSeconds());
    this.#closeEmpty(1, this.nowSeconds());
  }

  /** Written first: what cannot be kept has not happened. */
  #keep(change: LedgerChange): void {
    this.#journal?.append(change);
    this.ledger.close(change);
    if (this.#journal?.isLong) this.#journal.rewrite(this.ledger.copy());
  }
}

function checkedStep(name: string, value: number): number {
  const MAX_STEP = 100_000_000;
  if (!Number.isInteger(value) || value < 0 || value > MAX_STEP) {
    throw new RangeError(`warp: ${name} must be a whole number from 0 to ${MAX_STEP}`);
  }
  return value;
}
