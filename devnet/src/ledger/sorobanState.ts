// The size of the live Soroban state, which rent follows: contract data counts its bytes, contract code what rent counts
// for it. An entry leaves the state in the first ledger that it does not live in (real networks take their time to find
// it), and comes back when it is restored. Every so many ledgers the size goes into a window of samples, a setting.
// Not done: counting code anew when the settings that price it change.
import type { SorobanHost } from '../engine/sorobanHost.ts';
import type { EntrySource, KeyText, StoredEntry } from './entryStore.ts';
import type { NetworkSettings } from './limits.ts';
import { readStateSizeWindow, STATE_SIZE_WINDOW_KEY, stateSizeWindow } from './networkSettings.ts';

export type SorobanState = {
  readonly liveBytes: number;
  /** Of the samples: what rent is made from. */
  readonly averageBytes: number;
  /** Entries that left the state: temporary ones are gone, persistent ones archived. */
  readonly evictedKeys: readonly KeyText[];
};

export const NO_SOROBAN_STATE: SorobanState = { liveBytes: 0, averageBytes: 0, evictedKeys: [] };

export type Entries = ReadonlyMap<KeyText, StoredEntry | null>;

type Closing = {
  readonly host: SorobanHost;
  readonly sequence: number;
  /** Entries before the ledger. */
  readonly before: EntrySource;
  readonly changed: Entries;
};

/** The state of a first ledger. One that goes on from another network knows the size from that one's samples. */
export function firstSorobanState(closing: Closing): SorobanState {
  const samples = closing.changed.has(STATE_SIZE_WINDOW_KEY)
    ? readStateSizeWindow({ get: (key) => closing.changed.get(key) ?? undefined })
    : [];
  const liveBytes = Number(samples.at(-1) ?? 0n) + changeInBytes(closing, 0);
  return { liveBytes, averageBytes: average(samples), evictedKeys: [] };
}

/**
 * The state after a ledger, and the entries that change with it: those of its transactions, and the window.
 * @param expired entries that lived in the previous ledger and do not live in this one
 */
export function nextSorobanState(
  closing: Closing,
  previous: { readonly sequence: number; readonly sorobanState: SorobanState },
  expired: readonly (readonly [KeyText, StoredEntry])[],
  settings: NetworkSettings,
): { state: SorobanState; entries: Entries } {
  const { host, sequence, before, changed } = closing;
  const evicted = expired
    .filter(([key]) => !changed.has(key))
    .map(([key, entry]) => ({ key, bytes: rentBytes(host, entry), liveUntil: entry.ttl!.liveUntilLedger }));
  const { liveBytes, averageBytes } = previous.sorobanState;
  const evictedBytes = (ledger: number) =>
    evicted.reduce((total, { bytes, liveUntil }) => total + (liveUntil < ledger ? bytes : 0), 0);
  // As on validators, a sample does not see what its own ledger changes.
  const samples = sampledLedgers(previous.sequence, sequence, settings).map((ledger) =>
    BigInt(atLeastZero(liveBytes - evictedBytes(ledger - 1))),
  );
  const state = {
    liveBytes: atLeastZero(liveBytes + changeInBytes(closing, previous.sequence) - evictedBytes(sequence)),
    averageBytes,
    evictedKeys: evicted.map(({ key }) => key),
  };
  const isSet = changed.has(STATE_SIZE_WINDOW_KEY);
  if (samples.length === 0 && !isSet) return { state, entries: changed };
  const old = readStateSizeWindow({ get: (key) => changed.get(key) ?? before.get(key) });
  const window = [...old, ...samples].slice(-old.length);
  const isSame = window.every((sample, index) => sample === old[index]);
  const entries = isSame ? changed : new Map(changed).set(...stateSizeWindow(sequence, window));
  return { state: { ...state, averageBytes: average(window) }, entries };
}

/** The ledgers after one and up to another in which a sample is taken; no more than the window holds. */
function sampledLedgers(after: number, upTo: number, settings: NetworkSettings): number[] {
  const { stateSizeSamplePeriodLedgers: period, stateSizeSamples } = settings;
  const ledgers: number[] = [];
  for (
    let ledger = upTo - (upTo % period);
    ledger > after && ledgers.length < stateSizeSamples;
    ledger -= period
  ) {
    ledgers.unshift(ledger);
  }
  return ledgers;
}

function changeInBytes({ host, sequence, before, changed }: Closing, previousSequence: number): number {
  let change = 0;
  for (const [key, after] of changed) {
    const old = before.get(key);
    if (!after?.ttl && !old?.ttl) continue;
    const isSame =
      after && old && after.xdr === old.xdr && isLive(after, sequence) === isLive(old, previousSequence);
    if (isSame) continue;
    if (after && isLive(after, sequence)) change += rentBytes(host, after);
    if (old && isLive(old, previousSequence)) change -= rentBytes(host, old);
  }
  return change;
}

/** A ledger that goes on from another network, or from an old state file, may lose entries that it never counted. */
function atLeastZero(bytes: number): number {
  return Math.max(0, bytes);
}

function isLive({ ttl }: StoredEntry, sequence: number): boolean {
  return ttl !== null && ttl.liveUntilLedger >= sequence;
}

/** The entry's type is the word after its last-modified ledger. */
function rentBytes(host: SorobanHost, { xdr }: StoredEntry): number {
  const CONTRACT_CODE = 7;
  const type = new DataView(xdr.buffer, xdr.byteOffset).getUint32(4);
  return type === CONTRACT_CODE ? host.entryRentSize(xdr) : xdr.length;
}

function average(samples: readonly bigint[]): number {
  if (samples.length === 0) return 0;
  return Number(samples.reduce((sum, sample) => sum + sample, 0n) / BigInt(samples.length));
}
