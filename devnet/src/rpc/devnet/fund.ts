// devnet_fund: 10,000 XLM, or with `asset` USDC as many of those, for a G or C `address`.
import { FUNDED_ASSETS, fund as pay } from '../../network/friendbot.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function fund(network: Network, params: Params) {
  const { hash } = pay(network, params.text('address'), params.optionalChoice('asset', FUNDED_ASSETS));
  return { hash, ...ledgerPosition(network) };
}
