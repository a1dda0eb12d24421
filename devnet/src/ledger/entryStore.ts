// Ledger entries as stored, and layered changes over them. A LedgerDelta is a view: it sees its parent's entries,
// collects its own changes, and hands them on with `commitTo` or is dropped. It holds no ledger rules.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes, fromLatin1, toLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';

/** A LedgerKey's XDR, one character per byte. */
export type KeyText = string;

export type StoredEntry = {
  /** Encoded LedgerEntry, last-modified ledger included. */
  readonly xdr: Uint8Array;
  /** For contract data and code: until when it lives, and when that was last changed. */
  readonly ttl: { readonly liveUntilLedger: number; readonly modifiedLedger: number } | null;
};

export interface EntrySource {
  get(key: KeyText): StoredEntry | undefined;
}

export function keyText(key: Uint8Array): KeyText {
  return toLatin1(key);
}

export function keyBytes(key: KeyText): Uint8Array {
  return fromLatin1(key);
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

  /** The changes against the parent as transaction metadata reports them, TTL entries after their data. */
  metaChanges(): xdr.LedgerEntryChange[] {
    const changes: xdr.LedgerEntryChange[] = [];
    for (const [key, after] of this.#touched) {
      const before = this.#parent.get(key);
      if (this.#restored.has(key) && before && after) {
        changes.push(...restoredChanges(key, before, after));
        continue;
      }
      if (!before || !after || !equalBytes(before.xdr, after.xdr)) {
        const decode = (entry: StoredEntry) => xdr.LedgerEntry.fromXdr(entry.xdr);
        changes.push(...change(before && decode(before), after && decode(after), keyBytes(key)));
      }
      const ttlBefore = before?.ttl ? ttlEntry(key, before) : undefined;
      const ttlAfter = after?.ttl ? ttlEntry(key, after) : null;
      if (before?.ttl?.liveUntilLedger !== after?.ttl?.liveUntilLedger) {
        changes.push(...change(ttlBefore, ttlAfter, ttlKey(key).toXdr()));
      }
    }
    return changes;
  }
}

/** A restored entry appears with its old value first; what the transaction then made of it is an update. */
function restoredChanges(key: KeyText, before: StoredEntry, after: StoredEntry): xdr.LedgerEntryChange[] {
  const restoredXdr = withLastModified(before.xdr, lastModifiedLedger(after));
  const restored = xdr.LedgerEntry.fromXdr(restoredXdr);
  const isChanged = !equalBytes(restoredXdr, after.xdr);
  return [
    xdr.LedgerEntryChange.ledgerEntryRestored(restored),
    xdr.LedgerEntryChange.ledgerEntryRestored(ttlEntry(key, after)),
    ...(isChanged ? change(restored, xdr.LedgerEntry.fromXdr(after.xdr), keyBytes(key)) : []),
  ];
}

function change(
  before: xdr.LedgerEntry | undefined,
  after: xdr.LedgerEntry | null,
  key: Uint8Array,
): xdr.LedgerEntryChange[] {
  if (!before) return after ? [xdr.LedgerEntryChange.ledgerEntryCreated(after)] : [];
  const state = xdr.LedgerEntryChange.ledgerEntryState(before);
  if (after) return [state, xdr.LedgerEntryChange.ledgerEntryUpdated(after)];
  return [state, xdr.LedgerEntryChange.ledgerEntryRemoved(xdr.LedgerKey.fromXdr(key))];
}

function ttlKey(key: KeyText): xdr.LedgerKey {
  return xdr.LedgerKey.ttl(new xdr.LedgerKeyTtl({ keyHash: sha256(keyBytes(key)) }));
}

export function ttlEntry(key: KeyText, entry: StoredEntry): xdr.LedgerEntry {
  return new xdr.LedgerEntry({
    lastModifiedLedgerSeq: entry.ttl!.modifiedLedger,
    data: xdr.LedgerEntryData.ttl(
      new xdr.TtlEntry({ keyHash: sha256(keyBytes(key)), liveUntilLedgerSeq: entry.ttl!.liveUntilLedger }),
    ),
    ext: xdr.LedgerEntryExt.v0(),
  });
}
