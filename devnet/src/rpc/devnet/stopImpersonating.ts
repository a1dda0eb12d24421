// devnet_stopImpersonating: asks for the authorization of `address` again.
import { stopImpersonating as stop } from '../../network/impersonation.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function stopImpersonating(network: Network, params: Params) {
  stop(network, params.text('address'));
  return ledgerPosition(network);
}
