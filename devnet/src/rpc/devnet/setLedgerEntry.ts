// devnet_setLedgerEntry: closes a ledger in which `entry` (LedgerEntry XDR, base64) stands, until `liveUntilLedger` if it is contract data or code.
import { setLedgerEntry as set } from '../../network/entryChange.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function setLedgerEntry(network: Network, params: Params) {
  set(network, params.text('entry'), params.optionalU32('liveUntilLedger'));
  return ledgerPosition(network);
}
