// Ledger entries as stored, and layered changes over them. A LedgerDelta is a view: it sees its parent's entries,
// collects its own changes, and hands them on with `commitTo` or is dropped. It holds no ledger rules.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes, equalBytes, fromLatin1, toLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { words } from './xdrBytes.ts';

/** A LedgerKey's XDR, one character per byte. */
export type KeyText = string;

/** Until when contract data or code lives, and when that was last changed. */
export type Lifetime = { readonly liveUntilLedger: number; readonly modifiedLedger: number };

export type StoredEntry = {
  /** Encoded LedgerEntry, last-modified ledger included. */
  readonly xdr: Uint8Array;
  /** For contract data and code only. */
  readonly ttl: Lifetime | null;
};

/** Entries that are kept decoded beside their XDR; when there are more, all are forgotten. */
const MAX_DECODED = 1_000;
let decoded = new WeakMap<StoredEntry, xdr.LedgerEntry>();
let decodedCount = 0;

/** The entry, which nobody may change: it is shared. */
export function decodedEntry(stored: StoredEntry): xdr.LedgerEntry {
  return decoded.get(stored) ?? remember(stored, xdr.LedgerEntry.fromXdr(stored.xdr));
}

/** Encodes an entry for storing. It is kept decoded too: what was written is often read soon. */
export function storedEntry(entry: xdr.LedgerEntry): StoredEntry {
  const stored = { xdr: entry.toXdr(), ttl: null };
  remember(stored, entry);
  return stored;
}

function remember(stored: StoredEntry, entry: xdr.LedgerEntry): xdr.LedgerEntry {
  if (++decodedCount > MAX_DECODED) {
    decoded = new WeakMap();
    decodedCount = 1;
  }
  decoded.set(stored, entry);
  return entry;
}

export interface EntrySource {
  get(key: KeyText): StoredEntry | undefined;
}

export function keyText(key: Uint8Array): KeyText {
  return toLatin1(key);
}

export function keyBytes(key: KeyText): Uint8Array {
  return fromLatin1(key);
}

/** Whether an entry has lived too long: it does nothing until it is restored. */
export function isArchived(entry: StoredEntry | undefined, sequence: number): entry is StoredEntry {
  return entry?.ttl != null && entry.ttl.liveUntilLedger < sequence;
}

export function lastModifiedLedger(entry: StoredEntry): number {
  return new DataView(entry.xdr.buffer, entry.xdr.byteOffset).getUint32(0);
}

/** Copies an encoded LedgerEntry with another last-modified ledger: its first four bytes. */
export function withLastModified(entryXdr: Uint8Array, sequence: number): Uint8Array {
  const copy = entryXdr.slice();
  new DataView(copy.buffer).setUint32(0, sequence);
  return copy;
}

export class LedgerDelta implements EntrySource {
  readonly #parent: EntrySource;
  readonly #touched = new Map<KeyText, StoredEntry | null>();
  readonly #restored = new Set<KeyText>();

  constructor(parent: EntrySource) {
    this.#parent = parent;
  }

  get(key: KeyText): StoredEntry | undefined {
    const own = this.#touched.get(key);
    if (own !== undefined) return own ?? undefined;
    return this.#parent.get(key);
  }

  put(key: KeyText, entry: StoredEntry): void {
    this.#touched.set(key, entry);
  }

  delete(key: KeyText): void {
    this.#touched.set(key, null);
  }

  /** Marks an archived entry as brought back, which the metadata reports as such. */
  markRestored(key: KeyText): void {
    this.#restored.add(key);
  }

  /** The changes, as (key, entry or null for deleted). */
  touched(): ReadonlyMap<KeyText, StoredEntry | null> {
    return this.#touched;
  }

  commitTo(target: { put(key: KeyText, entry: StoredEntry): void; delete(key: KeyText): void }): void {
    for (const [key, entry] of this.#touched) {
      if (entry) target.put(key, entry);
      else target.delete(key);
    }
  }

  /**
   * The changes against the parent as metadata reports them: encoded, TTL entries after their data. What was written is
   * reported even where nothing came of it, as in stellar-core.
   */
  metaChanges(): Uint8Array[] {
    const changes: Uint8Array[] = [];
    for (const [key, after] of this.#touched) {
      const before = this.#parent.get(key);
      const isRestored = this.#restored.has(key) && before !== undefined && after !== null;
      changes.push(...(isRestored ? restoredChanges(key, before, after) : changesOf(key, before, after)));
    }
    return changes;
  }
}

/** Tags of LedgerEntryChange. */
const CHANGE = { created: 0, updated: 1, removed: 2, state: 3, restored: 4 } as const;

function changesOf(key: KeyText, before: StoredEntry | undefined, after: StoredEntry | null): Uint8Array[] {
  const isLifetimeOnly = before?.ttl && after?.ttl && equalBytes(before.xdr, after.xdr);
  const data = isLifetimeOnly ? [] : change(before?.xdr ?? null, after?.xdr ?? null, () => keyBytes(key));
  if (before?.ttl?.liveUntilLedger === after?.ttl?.liveUntilLedger) return data;
  const [ttlBefore, ttlAfter] = [before?.ttl, after?.ttl].map((ttl) => (ttl ? ttlEntryXdr(key, ttl) : null));
  return [...data, ...change(ttlBefore!, ttlAfter!, () => ttlKey(key))];
}

/** A restored entry appears with its old value first; what the transaction then made of it is an update. */
function restoredChanges(key: KeyText, before: StoredEntry, after: StoredEntry): Uint8Array[] {
  const restored = withLastModified(before.xdr, lastModifiedLedger(after));
  return [
    tagged(CHANGE.restored, restored),
    tagged(CHANGE.restored, ttlEntryXdr(key, after.ttl!)),
    ...(equalBytes(restored, after.xdr) ? [] : change(restored, after.xdr, () => keyBytes(key))),
  ];
}

function change(before: Uint8Array | null, after: Uint8Array | null, key: () => Uint8Array): Uint8Array[] {
  if (!before) return after ? [tagged(CHANGE.created, after)] : [];
  const state = tagged(CHANGE.state, before);
  return [state, after ? tagged(CHANGE.updated, after) : tagged(CHANGE.removed, key())];
}

function tagged(tag: number, value: Uint8Array): Uint8Array {
  return concatBytes(words(tag), value);
}

const TTL_ENTRY = 9;

/** LedgerKey of the TTL entry of contract data or code. */
export function ttlKey(key: KeyText): Uint8Array {
  return tagged(TTL_ENTRY, sha256(keyBytes(key)));
}

function ttlEntryXdr(key: KeyText, { modifiedLedger, liveUntilLedger }: Lifetime): Uint8Array {
  const NO_EXTENSION = 0;
  return concatBytes(
    words(modifiedLedger, TTL_ENTRY),
    sha256(keyBytes(key)),
    words(liveUntilLedger, NO_EXTENSION),
  );
}

export function ttlEntry(key: KeyText, { ttl }: StoredEntry): xdr.LedgerEntry {
  return xdr.LedgerEntry.fromXdr(ttlEntryXdr(key, ttl!));
}
