// The ledger as a value: entries, the latest closed ledger and its history. It changes only by `close`, ledger by
// ledger; `check`, `with` and `empty` work out the next one and leave everything as it is. It can be copied. Clock,
// queue, storage and network are the callers' business.
import type { SorobanHost } from '../engine/sorobanHost.ts';
import { checkTransaction, type Rejection } from './checkTransaction.ts';
import { nativeContractId } from './classicEvents.ts';
import { type ClosedLedger, closedLedger, EMPTY_CONTENT, type LedgerContent } from './closedLedger.ts';
import { closeLedger } from './closeLedger.ts';
import { type EntrySource, isArchived, type KeyText, type StoredEntry } from './entryStore.ts';
import { History } from './history.ts';
import type { NetworkSettings } from './limits.ts';
import { isSettingKey, readNetworkSettings } from './networkSettings.ts';
import type { ClosingLedger } from './operations/operation.ts';
import { firstSorobanState, nextSorobanState } from './sorobanState.ts';
import type { TransactionFrame } from './transactionFrame.ts';
import type { TransactionSet } from './transactionSet.ts';

/** What one closed ledger changed; applying all of them in order rebuilds the ledger. */
export type LedgerChange = {
  readonly closed: ClosedLedger;
  readonly entries: ReadonlyMap<KeyText, StoredEntry | null>;
};

type Heading = Pick<ClosingLedger, 'sequence' | 'closeTimeSeconds' | 'protocolVersion'>;

export type LedgerCopy = {
  /** null where an entry was deleted that the ledger below still has. */
  readonly entries: ReadonlyMap<KeyText, StoredEntry | null>;
  readonly history: History;
  readonly latest: ClosedLedger;
};

export class Ledger implements EntrySource {
  readonly networkId: Uint8Array;
  readonly nativeContractId: Uint8Array;
  readonly protocolVersion: number;
  /** Addresses (G… or C…) that need no signature, for developers. */
  readonly impersonated = new Set<string>();
  /** Of a fork, what was deleted here stays as null: the ledger below may still have it. */
  #entries = new Map<KeyText, StoredEntry | null>();
  readonly #below: EntrySource | null;
  #history = new History();
  #latest: ClosedLedger | null = null;
  #nextExpiry = Number.POSITIVE_INFINITY;
  #settings: NetworkSettings | null = null;

  /** @param below where entries come from that this ledger never wrote: the network that it was forked from */
  constructor(networkId: Uint8Array, protocolVersion: number, below: EntrySource | null = null) {
    this.networkId = networkId;
    this.#below = below;
    this.protocolVersion = protocolVersion;
    this.nativeContractId = nativeContractId(networkId);
  }

  get(key: KeyText): StoredEntry | undefined {
    const own = this.#entries.get(key);
    if (own !== undefined || !this.#below) return own ?? undefined;
    const found = this.#below.get(key);
    const isGone = found?.ttl && isTemporary(key) && found.ttl.liveUntilLedger < this.latest.sequence;
    return isGone ? undefined : found;
  }

  get latest(): ClosedLedger {
    if (!this.#latest) throw new Error('the ledger has no genesis yet');
    return this.#latest;
  }

  /** The ledger that the next one names as its predecessor: those that closed empty are not kept. */
  get #previous(): ClosedLedger | null {
    return this.#history.last ?? null;
  }

  get history(): History {
    return this.#history;
  }

  /** The entries that this ledger holds itself. */
  get entries(): ReadonlyMap<KeyText, StoredEntry> {
    const isHeld = (item: [KeyText, StoredEntry | null]): item is [KeyText, StoredEntry] => item[1] !== null;
    return new Map([...this.#entries].filter(isHeld));
  }

  /** The limits and rates in force, as the ledger's entries have them. */
  get settings(): NetworkSettings {
    this.#settings ??= readNetworkSettings(this);
    return this.#settings;
  }

  /** The ledger that would close next. Close times never go back. */
  closing(nowSeconds: number, ledgers = 1): ClosingLedger {
    return {
      sequence: (this.#latest?.sequence ?? 0) + ledgers,
      closeTimeSeconds: Math.max(nowSeconds, this.#latest?.closeTimeSeconds ?? 0),
      networkId: this.networkId,
      nativeContractId: this.nativeContractId,
      protocolVersion: this.protocolVersion,
      settings: this.settings,
      impersonated: this.impersonated,
    };
  }

  /** A ledger without a transaction; entries that somebody else changed may be given. */
  empty(host: SorobanHost, closing: Heading, entries: LedgerChange['entries'] = new Map()): LedgerChange {
    return this.#change(host, closing, { ...EMPTY_CONTENT, entries });
  }

  /** Why a transaction cannot enter the ledger, or null when it can. */
  check(host: SorobanHost, frame: TransactionFrame, closing: ClosingLedger): Rejection | null {
    return checkTransaction({ host, frame, entries: this.#at(closing.sequence), ledger: closing });
  }

  /** Works out the ledger that closes with a set of transactions; see `closeLedger`. */
  with(host: SorobanHost, set: TransactionSet, closing: ClosingLedger, isChecked: boolean): LedgerChange {
    const content = closeLedger(host, set, this.#at(closing.sequence), closing, isChecked);
    return this.#change(host, closing, content);
  }

  /** Takes over a closed ledger: one just worked out, or one from a state file. */
  close({ closed, entries }: LedgerChange): void {
    for (const [key, entry] of entries) {
      if (isSettingKey(key)) this.#settings = null;
      if (!entry) {
        this.#delete(key);
        continue;
      }
      this.#entries.set(key, entry);
      if (entry.ttl) this.#nextExpiry = Math.min(this.#nextExpiry, entry.ttl.liveUntilLedger);
    }
    const hasContent = closed.transactions.length + entries.size + closed.sorobanState.evictedKeys.length > 0;
    if (hasContent || !this.#latest) this.#history.add(closed);
    else this.#history.addEmpty(closed);
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
    this.#settings = null;
    this.#nextExpiry = 0;
    this.#forgetExpired(copy.latest.sequence);
  }

  #delete(key: KeyText): void {
    if (this.#below) this.#entries.set(key, null);
    else this.#entries.delete(key);
  }

  /** Entries as a ledger sees them: temporary ones that do not live in it are gone. */
  #at(sequence: number): EntrySource {
    return {
      get: (key) => {
        const entry = this.get(key);
        return isTemporary(key) && isArchived(entry, sequence) ? undefined : entry;
      },
    };
  }

  #change(host: SorobanHost, heading: Heading, content: Omit<LedgerContent, 'sorobanState'>): LedgerChange {
    const { sequence } = heading;
    const closing = { host, sequence, before: this, changed: content.entries };
    const latest = this.#latest;
    const { state, entries } = latest
      ? nextSorobanState(closing, latest, this.#expiring(latest.sequence, sequence), this.settings)
      : { state: firstSorobanState(closing), entries: content.entries };
    const all = { ...content, entries, sorobanState: state };
    return { closed: closedLedger(heading, this.#previous, all), entries };
  }

  /** Entries that live in one ledger and no longer in a later one. */
  #expiring(from: number, sequence: number): [KeyText, StoredEntry][] {
    if (this.#nextExpiry >= sequence) return [];
    return [...this.#entries].flatMap(([key, entry]): [KeyText, StoredEntry][] =>
      entry && isArchived(entry, sequence) && !isArchived(entry, from) ? [[key, entry]] : [],
    );
  }

  /** Expired temporary entries are gone for good; expired persistent ones stay, archived. */
  #forgetExpired(sequence: number): void {
    if (this.#nextExpiry >= sequence) return;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const [key, entry] of this.#entries) {
      const ttl = entry?.ttl;
      if (!ttl) continue;
      if (ttl.liveUntilLedger >= sequence) this.#nextExpiry = Math.min(this.#nextExpiry, ttl.liveUntilLedger);
      else if (isTemporary(key)) this.#delete(key);
    }
  }
}

/** A CONTRACT_DATA key ends with its durability, a 32-bit word; 0 is temporary. */
export function isTemporary(key: KeyText): boolean {
  const CONTRACT_DATA = 6;
  return key.charCodeAt(3) === CONTRACT_DATA && key.charCodeAt(key.length - 1) === 0;
}
