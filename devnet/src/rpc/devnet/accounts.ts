// devnet_accounts: the accounts with known keys, and the test USDC, that this network was started with.
import type { Network } from '../../network/network.ts';
import { setUpOf } from '../../network/powers.ts';

export function accounts(network: Network) {
  return setUpOf(network);
}
