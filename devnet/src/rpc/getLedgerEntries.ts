// getLedgerEntries: entries by key, in the order asked; missing ones are left out. An archived entry comes with a
// live-until ledger of 0. TTL keys cannot be asked for.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { keyText, lastModifiedLedger, type StoredEntry } from '../ledger/entryStore.ts';
import type { Network } from '../network/network.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { type XdrFormat, xdrField } from './xdrField.ts';

const MAX_KEYS = 200;
const MAX_KEY_BYTES = 16 * 1024;
const MAX_KEY_CHARACTERS = Math.ceil(MAX_KEY_BYTES / 3) * 4;

export function getLedgerEntries(network: Network, params: Params) {
  const format = params.xdrFormat();
  const keys = params.texts('keys');
  if (keys.length > MAX_KEYS) {
    throw invalidParams(`key count (${keys.length}) exceeds maximum supported (${MAX_KEYS})`);
  }
  const { sequence } = network.latest;
  const entries = keys.flatMap((text, index) => {
    const key = decodeKey(text, index);
    const stored = network.ledger.get(keyText(key.toXdr()));
    return stored ? [render(key, stored, sequence, format)] : [];
  });
  return { entries, latestLedger: sequence };
}

function decodeKey(text: string, index: number): xdr.LedgerKey {
  if (text.length > MAX_KEY_CHARACTERS) {
    throw invalidParams(`the key at index ${index} is longer than ${MAX_KEY_BYTES} bytes`);
  }
  let key: xdr.LedgerKey;
  try {
    key = xdr.LedgerKey.fromXdr(text, 'base64');
  } catch {
    throw invalidParams(`cannot unmarshal key value ${text} at index ${index}`);
  }
  if (key.type === 'ttl') throw invalidParams('ledger ttl entries cannot be queried directly');
  return key;
}

function render(key: xdr.LedgerKey, stored: StoredEntry, sequence: number, format: XdrFormat) {
  const { data, ext } = xdr.LedgerEntry.fromXdr(stored.xdr);
  const liveUntil = stored.ttl?.liveUntilLedger;
  return {
    ...xdrField('key', xdr.LedgerKey, key.toXdr(), format, 'key'),
    ...xdrField('data', xdr.LedgerEntryData, data.toXdr(), format, 'xdr'),
    ...xdrField('ext', xdr.LedgerEntryExt, ext.toXdr(), format),
    lastModifiedLedgerSeq: lastModifiedLedger(stored),
    ...(liveUntil === undefined ? {} : { liveUntilLedgerSeq: liveUntil < sequence ? 0 : liveUntil }),
  };
}
