// devnet_warp: moves on by `ledgers`, `seconds` or both; one that is missing follows from the close interval.
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function warp(network: Network, params: Params) {
  const ledgers = params.optionalU32('ledgers');
  const seconds = params.optionalU32('seconds');
  if (ledgers === undefined && seconds === undefined)
    throw invalidParams("'ledgers' or 'seconds' is missing");
  network.warp({
    ...(ledgers === undefined ? {} : { ledgers }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  return ledgerPosition(network);
}
