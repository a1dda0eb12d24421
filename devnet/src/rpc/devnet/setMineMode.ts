// devnet_setMineMode: when ledgers with transactions close: `instant`, `interval` (every `intervalSeconds`) or `manual`.
import { MINE_MODES, type Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { ledgerPosition } from './ledgerPosition.ts';

export function setMineMode(network: Network, params: Params) {
  const mode = params.optionalChoice('mode', MINE_MODES);
  if (mode === undefined) throw invalidParams("missing parameter 'mode'");
  network.setMineMode(mode, params.optionalU32('intervalSeconds'));
  return ledgerPosition(network);
}
