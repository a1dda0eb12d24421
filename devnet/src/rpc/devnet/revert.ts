// devnet_revert: goes back to a snapshot, which is used up together with later ones.
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function revert(network: Network, params: Params) {
  network.revert(params.u32('snapshotId'));
  return ledgerPosition(network);
}
