// sendTransaction: checks a transaction and applies it at once, in a ledger of its own. As on a real network the
// answer is PENDING, and the outcome is read with getTransaction; ERROR means that it was refused and left no trace.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { decodeTransaction, type TransactionFrame } from '../ledger/transactionFrame.ts';
import type { Network } from '../network.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { xdrListField } from './xdrField.ts';

export function sendTransaction(network: Network, params: Params) {
  const format = params.xdrFormat();
  const frame = decode(params.text('transaction'), network.ledger.networkId);
  const hash = Buffer.from(frame.hash).toString('hex');
  const reply = (status: string) => ({
    status,
    hash,
    latestLedger: network.latest.sequence,
    latestLedgerCloseTime: String(network.latest.closeTimeSeconds),
  });
  if (network.latest.transaction?.hash === hash) return reply('DUPLICATE');
  const submission = network.submit(frame);
  if (submission.kind === 'applied') return reply('PENDING');
  const { result, diagnosticEvents } = submission.rejection;
  return {
    ...reply('ERROR'),
    ...errorResult(result, format),
    ...(diagnosticEvents.length > 0 ? xdrListField('diagnosticEvents', diagnosticEvents, format) : {}),
  };
}

function errorResult(result: xdr.TransactionResult, format: 'base64' | 'json') {
  return format === 'json'
    ? { errorResultJson: result.toJson() }
    : { errorResultXdr: result.toXdr('base64') };
}

function decode(transaction: string, networkId: Uint8Array): TransactionFrame {
  try {
    return decodeTransaction(transaction, networkId);
  } catch {
    throw invalidParams('invalid_xdr');
  }
}
