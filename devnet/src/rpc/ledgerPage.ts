// The paging rules that getTransactions and getLedgers share: a start ledger or a cursor, a limit, a format. What is wrong
// is reported together, one line each, as an invalid request.
import type { Network } from '../network/network.ts';
import type { Params } from './params.ts';
import { invalidRequest, RpcError } from './rpcError.ts';
import type { XdrFormat } from './xdrField.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** A page ends with the item that exceeds this, counted in XDR. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

export type LedgerPage = {
  readonly startLedger: number;
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly format: XdrFormat;
};

export function ledgerPage(network: Network, params: Params): LedgerPage {
  const pagination = params.nested('pagination');
  const cursor = pagination.optionalText('cursor') || undefined;
  const limit = pagination.u32('limit');
  const startLedger = params.u32('startLedger');
  const oldest = network.ledger.history.oldest.sequence;
  const latest = network.latest.sequence;
  const problems: string[] = [];
  const format = formatOf(params, problems);
  if (cursor === undefined && (startLedger < oldest || startLedger > latest)) {
    const range = `the oldest ledger: ${oldest} and the latest ledger: ${latest}`;
    problems.push(`start ledger (${startLedger}) must be between ${range} for this rpc instance`);
  }
  if (cursor !== undefined && startLedger !== 0) {
    problems.push(`startLedger (${startLedger}) and cursor (${cursor}) cannot both be set`);
  }
  if (limit > MAX_LIMIT) problems.push(`limit must not exceed ${MAX_LIMIT}`);
  if (problems.length > 0) throw invalidRequest(problems.join('\n'));
  return { startLedger, cursor, limit: limit || DEFAULT_LIMIT, format };
}

function formatOf(params: Params, problems: string[]): XdrFormat {
  try {
    return params.xdrFormat();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    problems.push(error.message);
    return 'base64';
  }
}
