// devnet_impersonate: takes the authorization of an account or contract (`address`) for granted.
import { impersonate as begin } from '../../network/impersonation.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function impersonate(network: Network, params: Params) {
  begin(network, params.text('address'));
  return ledgerPosition(network);
}
