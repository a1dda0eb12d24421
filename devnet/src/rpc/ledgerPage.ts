// The paging rules that getTransactions and getLedgers share: a start ledger or a cursor, and a limit.
import type { Network } from '../network.ts';
import type { Params } from './params.ts';
import { RPC_ERROR, RpcError } from './rpcError.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const invalidRequest = (message: string) => new RpcError(RPC_ERROR.invalidRequest, message);

export function ledgerPage(
  network: Network,
  params: Params,
): { startLedger: number; cursor: string | undefined; limit: number } {
  const pagination = params.nested('pagination');
  const cursor = pagination.optionalText('cursor') || undefined;
  const limit = pagination.u32('limit');
  const startLedger = params.u32('startLedger');
  const oldest = network.ledger.history.oldest.sequence;
  const latest = network.latest.sequence;
  if (limit > MAX_LIMIT) throw invalidRequest(`limit must not exceed ${MAX_LIMIT}`);
  if (cursor !== undefined) {
    if (startLedger !== 0) {
      throw invalidRequest(`startLedger (${startLedger}) and cursor (${cursor}) cannot both be set`);
    }
  } else if (startLedger < oldest || startLedger > latest) {
    throw invalidRequest(
      `start ledger (${startLedger}) must be between the oldest ledger: ${oldest} and the latest ledger: ${latest} for this rpc instance`,
    );
  }
  return { startLedger, cursor, limit: limit || DEFAULT_LIMIT };
}
