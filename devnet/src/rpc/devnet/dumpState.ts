// devnet_dumpState: the whole state as text, for devnet_loadState.
import { dumpState as dump } from '../../network/dump.ts';
import type { Network } from '../../network/network.ts';

export function dumpState(network: Network) {
  return { state: dump(network) };
}
