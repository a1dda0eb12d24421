// One running network: the ledger together with its queue, host, clock and state file. By default a transaction closes
// a ledger of its own the moment it is submitted; otherwise it waits for the clock (`interval`) or for `mine`
// (`manual`). While nothing happens, empty ledgers close every few seconds, worked out when somebody looks. Time in
// which the process does not run closes no ledgers, so nothing expires meanwhile.
// On a fork whatever misses an entry of the other network fails with MissingEntries before anything of it is kept;
// `attempt` fetches the entries and tries again.
import type { Engine } from '../engine/engine.ts';
import { type HostLedger, SorobanHost } from '../engine/sorobanHost.ts';
import type { Fork } from '../fork/fork.ts';
import { keysNamedBy } from '../fork/forkKeys.ts';
import { BASE_RESERVE_STROOPS } from '../ledger/account.ts';
import type { ClosedLedger } from '../ledger/closedLedger.ts';
import { type KeyText, keyText, LedgerDelta, type StoredEntry } from '../ledger/entryStore.ts';
import { genesis } from '../ledger/genesis.ts';
import { Ledger, type LedgerChange, type LedgerCopy } from '../ledger/ledger.ts';
import { LIMITS, type LimitsName } from '../ledger/limits.ts';
import { isSettingKey, putLimits } from '../ledger/networkSettings.ts';
import type { ClosingLedger } from '../ledger/operations/operation.ts';
import type { TransactionFrame } from '../ledger/transactionFrame.ts';
import { type QueueAnswer, TransactionQueue } from '../ledger/transactionQueue.ts';
import { chooseTransactions, type TransactionSet } from '../ledger/transactionSet.ts';
import type { AccountKey } from '../setup/seededAccounts.ts';
import { type TestUsdc, testUsdc } from '../setup/testUsdc.ts';
import { sha256 } from '../sha256.ts';
import { NetworkClock } from './networkClock.ts';

export const DEFAULT_CLOSE_INTERVAL_SECONDS = 5;
const MAX_SNAPSHOTS = 100;
const MAX_STEP = 100_000_000;
/** Sequences have 32 bits; lifetimes reach beyond the latest one. */
const MAX_SEQUENCE = 4_000_000_000;
const MAX_TIME_SECONDS = 0xffff_ffff;

/** When a ledger with transactions closes: at once, by the clock, or when told to. */
export const MINE_MODES = ['instant', 'interval', 'manual'] as const;
export type MineMode = (typeof MINE_MODES)[number];

/** Where ledgers are kept across restarts; the file behind it is `journal.ts`. */
export type LedgerLog = {
  readonly changes: readonly LedgerChange[];
  append(change: LedgerChange): void;
  readonly isLong: boolean;
  rewrite(state: LedgerCopy): void;
  close(): void;
};

/** What a log must be opened with again: without the other network, what a fork has written is not a ledger. */
export type LogIdentity = {
  readonly passphrase: string;
  readonly protocolVersion: number;
  readonly isFork: boolean;
};

export type NetworkOptions = {
  readonly passphrase: string;
  /** Put in force where a ledger goes on; a new one has mainnet's unless told otherwise. */
  readonly limits?: LimitsName;
  readonly mineMode: MineMode;
  readonly nowSeconds: () => number;
  /** 0 closes no idle ledgers. */
  readonly closeIntervalSeconds: number;
  readonly openLog?: (identity: LogIdentity) => LedgerLog;
  readonly accounts?: readonly AccountKey[];
  readonly hasUsdc?: boolean;
  /** The network whose entries this one goes on from. */
  readonly fork?: Fork;
};

type Snapshot = { readonly ledger: LedgerCopy; readonly aheadSeconds: number };

export class Network {
  readonly passphrase: string;
  readonly ledger: Ledger;
  readonly host: SorobanHost;
  readonly queue = new TransactionQueue();
  /** Accounts with known keys, and the test asset, that this network was started with. */
  readonly accounts: readonly AccountKey[];
  readonly usdc: TestUsdc | null;
  /** Where friendbot is served, for getNetwork; null while nothing is served. */
  friendbotUrl: string | null = null;
  closeIntervalSeconds = DEFAULT_CLOSE_INTERVAL_SECONDS;
  #mineMode: MineMode = 'instant';
  readonly #clock: NetworkClock;
  readonly #log: LedgerLog | null;
  readonly #fork: Fork | null;
  #snapshots = new Map<number, Snapshot>();
  #lastSnapshot = 0;

  constructor(engine: Engine, options: NetworkOptions) {
    this.passphrase = options.passphrase;
    this.#clock = new NetworkClock(options.nowSeconds);
    this.setMineMode(options.mineMode, options.closeIntervalSeconds);
    this.#fork = options.fork ?? null;
    this.accounts = options.accounts ?? [];
    const networkId = sha256(new TextEncoder().encode(options.passphrase));
    this.host = new SorobanHost(engine, (key) => {
      const stored = this.ledger.get(keyText(key));
      return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
    });
    this.usdc = options.hasUsdc ? testUsdc(networkId) : null;
    const { protocolVersion } = this.host;
    this.ledger = new Ledger(networkId, protocolVersion, this.#fork);
    const { passphrase, limits = 'mainnet' } = options;
    checkLimits(limits);
    const isFork = this.#fork !== null;
    this.#log = options.openLog?.({ passphrase, protocolVersion, isFork }) ?? null;
    const kept = this.#log?.changes ?? [];
    for (const change of kept) this.ledger.close(change);
    if (kept.length === 0) this.#keep(this.#firstLedger(limits));
    if (kept.length > 0 || this.#fork) {
      this.#resume();
      if (options.limits !== undefined) this.setLimits(options.limits);
    }
  }

  /** A ledger of this network before its first one. */
  blankLedger(): Ledger {
    return new Ledger(this.ledger.networkId, this.ledger.protocolVersion, this.#fork);
  }

  nowSeconds(): number {
    return this.#clock.nowSeconds();
  }

  get latest(): ClosedLedger {
    return this.ledger.latest;
  }

  get mineMode(): MineMode {
    return this.#mineMode;
  }

  /** Runs something that reads the ledger; on a fork as often as it takes to fetch what it misses. */
  async attempt<Result>(run: () => Result): Promise<Result> {
    return this.#fork ? this.#fork.attempt(run) : run();
  }

  /** Runs it once. @throws MissingEntries on a fork, when entries of the other network have to be fetched first */
  once<Result>(run: () => Result): Result {
    this.#fork?.forgetMissing();
    return run();
  }

  /** Closes the ledgers that are due by the clock: the first of them with what is pending, unless mining is manual. */
  advance(): void {
    const interval = this.closeIntervalSeconds;
    const isOrdered = this.#clock.nextCloseSeconds !== null;
    if (interval <= 0 || this.#mineMode === 'manual' || (isOrdered && this.#mineMode === 'instant')) return;
    while (this.queue.size > 0 && this.nowSeconds() - this.latest.closeTimeSeconds >= interval) {
      this.#close(this.#closing(Math.ceil(this.latest.closeTimeSeconds + interval)));
    }
    const { closeTimeSeconds } = this.latest;
    const due = Math.floor((this.nowSeconds() - closeTimeSeconds) / interval);
    if (due > 0) this.#closeEmpty(isOrdered ? 1 : due, Math.ceil(closeTimeSeconds + due * interval));
  }

  /** Queues a transaction; in instant mode its ledger is closed when this returns. */
  submit(frame: TransactionFrame): QueueAnswer {
    this.#fork?.expect(keysNamedBy(frame));
    const closing = this.#closing();
    const check = () => this.#check(frame, closing);
    const answer = this.queue.add(frame, this.ledger, closing, this.latest.sequence, check);
    if (answer.kind !== 'pending') return answer;
    try {
      if (this.#mineMode === 'instant') this.#close(closing, frame);
      else if (this.#fork) this.#rehearse(frame, closing);
    } catch (error) {
      this.queue.remove([frame]);
      throw error;
    }
    return answer;
  }

  /** Closes ledgers now, the first ones with what is pending. */
  mine(ledgers = 1): void {
    checkedStep('ledgers', ledgers);
    for (let left = ledgers; left > 0; left--) {
      const isOrdered = this.#clock.nextCloseSeconds !== null;
      if (this.queue.size === 0 && !isOrdered) {
        this.warp({ ledgers: left });
        return;
      }
      this.#close(this.#closing(Math.max(this.nowSeconds(), this.latest.closeTimeSeconds + 1)));
    }
  }

  /** Applies a transaction in a ledger of its own, whatever is pending. @returns why not, if it is not valid */
  apply(frame: TransactionFrame): ReturnType<Ledger['check']> {
    const closing = this.#closing();
    const rejection = this.#check(frame, closing);
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
    const target = before + seconds;
    if (this.latest.sequence + ledgers > MAX_SEQUENCE || target > MAX_TIME_SECONDS) {
      throw new RangeError('this would go beyond the last ledger or the last second that can be counted');
    }
    let left = Math.max(1, ledgers);
    for (; left > 0 && this.queue.size > 0 && this.#mineMode !== 'manual'; left--) {
      this.#close(this.ledger.closing(Math.min(before + 1, target)));
    }
    this.#clock.moveOn(target - this.nowSeconds());
    if (left > 0) this.#closeEmpty(left, this.nowSeconds());
  }

  /** Orders the close time of the next ledger; in instant mode no idle ledger closes before it. */
  setNextCloseTime(closeTimeSeconds: number): void {
    const { closeTimeSeconds: latest } = this.latest;
    const isTime = Number.isInteger(closeTimeSeconds) && closeTimeSeconds <= MAX_TIME_SECONDS;
    if (!isTime || closeTimeSeconds < latest) {
      const range = `${latest}, when the latest ledger closed, to ${MAX_TIME_SECONDS}`;
      throw new RangeError(`the close time must be whole Unix seconds from ${range}`);
    }
    this.#clock.orderNextClose(closeTimeSeconds);
  }

  /** What is pending when mining becomes instant closes at once. */
  setMineMode(mode: MineMode, intervalSeconds = this.closeIntervalSeconds): void {
    if (!MINE_MODES.includes(mode)) throw new RangeError(`mine mode must be one of ${MINE_MODES.join(', ')}`);
    if (!(intervalSeconds >= 0 && intervalSeconds <= MAX_STEP)) {
      throw new RangeError(`the interval must be from 0 to ${MAX_STEP} seconds`);
    }
    if (mode === 'interval' && intervalSeconds === 0) {
      throw new RangeError('mining by the clock needs an interval of more than 0 seconds');
    }
    this.#mineMode = mode;
    this.closeIntervalSeconds = intervalSeconds;
    if (mode === 'instant' && this.queue.size > 0) this.mine();
  }

  /** Closes a ledger in which entries change without a transaction. */
  changeEntries(change: (sequence: number) => ReadonlyMap<KeyText, StoredEntry | null>): void {
    const closing = this.#closing();
    this.#keep(this.ledger.empty(this.host, closing, change(closing.sequence)));
    this.queue.age(closing.sequence);
  }

  /** Puts another set of limits and fee rates in force. */
  setLimits(limits: LimitsName): void {
    checkLimits(limits);
    this.changeEntries((sequence) => {
      const delta = new LedgerDelta(this.ledger);
      putLimits(delta, sequence, LIMITS[limits]);
      return delta.touched();
    });
  }

  snapshot(): number {
    if (this.#snapshots.size >= MAX_SNAPSHOTS) throw new RangeError(`more than ${MAX_SNAPSHOTS} snapshots`);
    this.#lastSnapshot += 1;
    const { aheadSeconds } = this.#clock;
    this.#snapshots.set(this.#lastSnapshot, { ledger: this.ledger.copy(), aheadSeconds });
    return this.#lastSnapshot;
  }

  /** Goes back to a snapshot, which is used up together with all later ones. What was pending is dropped. */
  revert(id: number): void {
    const snapshot = this.#snapshots.get(id);
    if (!snapshot) throw new RangeError(`no snapshot ${id}`);
    this.#restore(snapshot.ledger);
    this.#clock.setAhead(snapshot.aheadSeconds);
    for (const key of [...this.#snapshots.keys()]) if (key >= id) this.#snapshots.delete(key);
  }

  /** Goes on from a copy of a ledger, as from a state file. What was pending is dropped. */
  load(copy: LedgerCopy): void {
    this.#restore(copy);
    this.#resume();
  }

  close(): void {
    this.#log?.close();
  }

  #restore(copy: LedgerCopy): void {
    this.#log?.rewrite(copy);
    this.queue.clear();
    this.ledger.restore(copy);
    this.host.settingsChanged();
  }

  #firstLedger(limits: LimitsName): LedgerChange {
    return (
      this.#fork?.firstLedger(this.host) ?? genesis(this.ledger, this.host, LIMITS[limits], this.nowSeconds())
    );
  }

  /** The ledger that closes next, at the time that was ordered for it or else at the given one. */
  #closing(closeTimeSeconds = this.nowSeconds(), ledgers = 1): ClosingLedger {
    return this.ledger.closing(this.#clock.nextCloseSeconds ?? closeTimeSeconds, ledgers);
  }

  #check(frame: TransactionFrame, closing: ClosingLedger): ReturnType<Ledger['check']> {
    const rejection = this.ledger.check(this.host, frame, closing);
    this.#fork?.assertComplete();
    return rejection;
  }

  /** On a fork: finds out what a transaction will read, while there is still somebody who can wait for it. */
  #rehearse(frame: TransactionFrame, closing: ClosingLedger): void {
    this.ledger.with(this.host, chooseTransactions([frame], closing.settings), closing, true);
    this.#fork?.assertComplete();
  }

  /**
   * Closes a ledger with what fits of the queue; what has become invalid is dropped.
   * @param checked a transaction that is known to be valid in this ledger
   */
  #close(closing: ClosingLedger, checked?: TransactionFrame): void {
    const isValid = (frame: TransactionFrame) => frame === checked || !this.#check(frame, closing);
    const valid = this.queue.valid(this.ledger, closing.sequence, isValid);
    const set = chooseTransactions(valid, closing.settings);
    const frames = [...set.classic, ...set.soroban];
    this.#keep(this.#worked(set, frames, closing));
    for (const frame of frames) this.queue.ban(frame, closing.sequence);
    this.queue.age(closing.sequence);
  }

  /** Transactions that no ledger can be made of are dropped, so that they do not stand in the way of all later ones. */
  #worked(set: TransactionSet, frames: readonly TransactionFrame[], closing: ClosingLedger): LedgerChange {
    try {
      return this.ledger.with(this.host, set, closing, frames.length === 1);
    } catch (error) {
      this.#fork?.assertComplete();
      for (const frame of frames) this.queue.ban(frame, closing.sequence);
      throw error;
    }
  }

  #closeEmpty(ledgers: number, closeTimeSeconds: number): void {
    this.#keep(this.ledger.empty(this.host, this.#closing(closeTimeSeconds, ledgers)));
    this.queue.age(this.latest.sequence);
  }

  /** Goes on from where a ledger was left: the clock must not run behind it, and the pause must not close ledgers. */
  #resume(): void {
    this.#clock.catchUp(this.latest.closeTimeSeconds);
    this.#closeEmpty(1, this.nowSeconds());
  }

  /** Written first: what cannot be kept has not happened. */
  #keep(change: LedgerChange): void {
    this.#fork?.assertComplete();
    this.#log?.append(change);
    this.ledger.close(change);
    if ([...change.entries.keys()].some(isSettingKey)) this.host.settingsChanged();
    this.#clock.closed();
    if (this.#log?.isLong) this.#log.rewrite(this.ledger.copy());
  }
}

function checkedStep(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > MAX_STEP) {
    throw new RangeError(`${name} must be a whole number from 0 to ${MAX_STEP}`);
  }
  return value;
}

function checkLimits(name: LimitsName): void {
  if (!Object.hasOwn(LIMITS, name)) {
    throw new RangeError(`limits must be one of ${Object.keys(LIMITS).join(', ')}`);
  }
}
