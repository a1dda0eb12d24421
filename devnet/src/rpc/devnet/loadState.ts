// devnet_loadState: goes on from a dumped state, given as text in `state`.
import { loadState as load } from '../../network/dump.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function loadState(network: Network, params: Params) {
  load(network, params.text('state'));
  return ledgerPosition(network);
}
