// sendTransaction: checks a transaction and queues it, or applies it at once where ledgers close instantly. As on a
// real network the answer is PENDING, and the outcome is read with getTransaction; ERROR means that it was refused and
// left no trace.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { toHex } from '../bytes.ts';
import { decodeTransaction, type TransactionFrame } from '../ledger/transactionFrame.ts';
import type { Network } from '../network.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { xdrListField } from './xdrField.ts';

const STATUS = { pending: 'PENDING', duplicate: 'DUPLICATE', tryAgainLater: 'TRY_AGAIN_LATER' } as const;

export function sendTransaction(network: Network, params: Params) {
  const format = params.xdrFormat();
  const frame = decode(params.text('transaction'), network.ledger.networkId);
  const hash = toHex(frame.hash);
  const reply = (status: string) => ({
    status,
    hash,
    latestLedger: network.latest.sequence,
    latestLedgerCloseTime: String(network.latest.closeTimeSeconds),
  });
  if (network.latest.transactions.some((transaction) => transaction.hash === hash)) return reply('DUPLICATE');
  const answer = network.submit(frame);
  if (answer.kind !== 'rejected') return reply(STATUS[answer.kind]);
  const { result, diagnosticEvents } = answer.rejection;
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
