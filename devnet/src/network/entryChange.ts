// Entries put into the ledger or taken out of it from outside, for developers: any kind of entry, network settings
// included, with the lifetime it is to have. What no ledger could hold is refused (a code under another hash, a lifetime
// beyond the maximum, a negative balance); whether the entry fits the others (a line without its account) is the
// developer's business.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes, fromBase64 } from '../bytes.ts';
import { malformationOf } from '../ledger/entryForm.ts';
import { keyText, type StoredEntry, withLastModified } from '../ledger/entryStore.ts';
import { isTemporary } from '../ledger/ledger.ts';
import { ledgerKeyOf } from '../ledger/ledgerKey.ts';
import { isSettingKey } from '../ledger/networkSettings.ts';
import { sha256 } from '../sha256.ts';
import type { Network } from './network.ts';

/**
 * Closes a ledger with an entry put in its place.
 * @param entryBase64 a LedgerEntry; its last-modified ledger does not matter
 * @param liveUntilLedger for contract data and code; without it that of the entry in place, or the minimum
 * @throws RangeError
 */
export function setLedgerEntry(network: Network, entryBase64: string, liveUntilLedger?: number): void {
  const entry: xdr.LedgerEntry = decode(xdr.LedgerEntry, entryBase64, 'ledger entry');
  const key = ledgerKeyOf(entry);
  if (!key) throw new RangeError('a TTL entry is set by the live-until ledger of the entry it belongs to');
  if (entry.data.type === 'contractCode') {
    const { hash, code } = entry.data.contractCode;
    if (!equalBytes(hash.toBytes(), sha256(code))) {
      throw new RangeError("the code's key is not the hash of the code");
    }
  }
  const malformation = malformationOf(entry);
  if (malformation) throw new RangeError(malformation);
  const text = keyText(key.toXdr());
  const hasLifetime = entry.data.type === 'contractData' || entry.data.type === 'contractCode';
  if (!hasLifetime && liveUntilLedger !== undefined) {
    throw new RangeError(`entries of type ${entry.data.type} have no live-until ledger`);
  }
  const before = network.ledger.get(text);
  network.changeEntries((sequence) => {
    const { settings } = network.ledger;
    const minimum = isTemporary(text) ? settings.minTemporaryTtl : settings.minPersistentTtl;
    const until = liveUntilLedger ?? before?.ttl?.liveUntilLedger ?? sequence + minimum - 1;
    const latest = sequence + settings.maxEntryTtl - 1;
    if (hasLifetime && until > latest)
      throw new RangeError(`an entry can live until ledger ${latest} at most`);
    if (hasLifetime && isTemporary(text) && until < sequence) {
      throw new RangeError('a temporary entry that has expired would be gone: remove it instead');
    }
    const ttl = hasLifetime ? { liveUntilLedger: until, modifiedLedger: sequence } : null;
    return new Map([[text, { xdr: withLastModified(entry.toXdr(), sequence), ttl }]]);
  });
}

/** Closes a ledger with an entry removed. @throws RangeError when there is none, or the network cannot do without it */
export function removeLedgerEntry(network: Network, keyBase64: string): void {
  const key = keyText(decode<xdr.LedgerKey>(xdr.LedgerKey, keyBase64, 'ledger key').toXdr());
  if (isSettingKey(key)) throw new RangeError('a network setting can be changed but not removed');
  if (!network.ledger.get(key)) throw new RangeError('there is no such entry');
  network.changeEntries(() => new Map<string, StoredEntry | null>([[key, null]]));
}

function decode<Value>(type: { fromXdr(bytes: Uint8Array): unknown }, base64: string, what: string): Value {
  try {
    return type.fromXdr(fromBase64(base64)) as Value;
  } catch (cause) {
    throw new RangeError(`this is not the XDR of a ${what} in base64`, { cause });
  }
}
