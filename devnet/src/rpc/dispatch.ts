// The table of JSON-RPC methods, and the one way to call them. Every call first closes the ledgers that are due.
// What a method throws besides RpcError is a defect and comes out as an internal error; a contract host that trapped
// costs the one request and has a code of its own.
import { EngineError } from '../engine/engine.ts';
import type { Network } from '../network/network.ts';
import { DEVNET_METHODS } from './devnet/methods.ts';
import { getEvents } from './getEvents.ts';
import { getFeeStats } from './getFeeStats.ts';
import { getHealth } from './getHealth.ts';
import { getLatestLedger } from './getLatestLedger.ts';
import { getLedgerEntries } from './getLedgerEntries.ts';
import { getLedgers } from './getLedgers.ts';
import { getNetwork } from './getNetwork.ts';
import { getTransaction } from './getTransaction.ts';
import { getTransactions } from './getTransactions.ts';
import { getVersionInfo } from './getVersionInfo.ts';
import { Params } from './params.ts';
import { RPC_ERROR, RpcError } from './rpcError.ts';
import { sendTransaction } from './sendTransaction.ts';
import { simulateTransaction } from './simulateTransaction.ts';

const METHODS = new Map<string, (network: Network, params: Params) => unknown>([
  ['getEvents', getEvents],
  ['getFeeStats', getFeeStats],
  ['getHealth', getHealth],
  ['getLatestLedger', getLatestLedger],
  ['getLedgerEntries', getLedgerEntries],
  ['getLedgers', getLedgers],
  ['getNetwork', getNetwork],
  ['getTransaction', getTransaction],
  ['getTransactions', getTransactions],
  ['getVersionInfo', getVersionInfo],
  ['sendTransaction', sendTransaction],
  ['simulateTransaction', simulateTransaction],
  ...DEVNET_METHODS,
]);

/** Methods that also take their parameters as a list, in this order. stellar-rpc has it for one method only. */
const POSITIONAL = new Map([['getTransactions', ['startLedger', 'pagination', 'xdrFormat']]]);

/** @throws RpcError with the code and message that the caller of the method is to see. */
export async function dispatch(network: Network, method: string, params: unknown): Promise<unknown> {
  const handler = METHODS.get(method);
  if (!handler) throw new RpcError(RPC_ERROR.methodNotFound, 'method not found', method);
  try {
    return await network.attempt(() => {
      network.advance();
      return handler(network, new Params(params, POSITIONAL.get(method)));
    });
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const hasTrapped = error instanceof EngineError && error.code === 'ENGINE_TRAPPED';
    const code = hasTrapped ? RPC_ERROR.panic : RPC_ERROR.internal;
    throw new RpcError(code, error instanceof Error ? error.message : 'internal error');
  }
}
