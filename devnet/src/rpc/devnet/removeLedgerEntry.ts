// devnet_removeLedgerEntry: closes a ledger in which the entry under `key` (LedgerKey XDR, base64) is gone.
import { removeLedgerEntry as remove } from '../../network/entryChange.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function removeLedgerEntry(network: Network, params: Params) {
  remove(network, params.text('key'));
  return ledgerPosition(network);
}
