// devnet_accounts: the accounts with known keys, and the test USDC, that this network was started with.
import type { Network } from '../../network.ts';
import { setUpOf } from '../../powers.ts';

export function accounts(network: Network) {
  return setUpOf(network);
}
