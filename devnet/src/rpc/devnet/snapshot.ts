// devnet_snapshot: remembers the ledger as it is now, in memory, for devnet_revert.
import type { Network } from '../../network/network.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function snapshot(network: Network) {
  return { snapshotId: network.snapshot(), ...ledgerPosition(network) };
}
