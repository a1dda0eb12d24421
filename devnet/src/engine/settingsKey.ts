// The key under which an engine keeps a network's settings: a digest of their content, so that networks with the same
// settings share one entry and any change gives another. Only what the engine reads goes in; a missing setting counts
// as empty, and the engine then says which one it misses.

import { sha256 } from '../sha256.ts';
import type { LookUp } from './engine.ts';

/** ConfigSettingID of compute, ledger cost, history, events, bandwidth, cost parameters, archival, window, cost ext. */
const SETTING_IDS = [1, 2, 3, 4, 5, 6, 7, 10, 12, 15];
/** LedgerEntryType CONFIG_SETTING. */
const CONFIG_SETTING = 8;
/** The ledger in which an entry was last modified comes first and does not matter. */
const LAST_MODIFIED_BYTES = 4;

export function settingsKey(lookUp: LookUp): bigint {
  const parts = SETTING_IDS.flatMap((id) => {
    const value = lookUp(new Uint8Array([0, 0, 0, CONFIG_SETTING, 0, 0, 0, id]))?.xdr;
    return value ? [value.subarray(LAST_MODIFIED_BYTES)] : [];
  });
  const digest = sha256(...parts);
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
}
