// devnet_mine: closes `ledgers` (1 by default) now, the first ones with what is pending.
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function mine(network: Network, params: Params) {
  network.mine(params.u32('ledgers', 1));
  return ledgerPosition(network);
}
