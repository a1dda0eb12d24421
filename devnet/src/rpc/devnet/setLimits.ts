// devnet_setLimits: puts the limits and fee rates of `mainnet`, `testnet` or `unlimited` in force.
import { LIMITS, type LimitsName } from '../../ledger/limits.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function setLimits(network: Network, params: Params) {
  const limits = params.optionalChoice('limits', Object.keys(LIMITS) as LimitsName[]);
  if (limits === undefined) throw invalidParams("missing parameter 'limits'");
  network.setLimits(limits);
  return ledgerPosition(network);
}
