// devnet_setNextCloseTime: orders the close time of the next ledger, in Unix seconds.
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function setNextCloseTime(network: Network, params: Params) {
  const closeTime = params.optionalU32('closeTime');
  if (closeTime === undefined) throw invalidParams("missing parameter 'closeTime'");
  network.setNextCloseTime(closeTime);
  return ledgerPosition(network);
}
