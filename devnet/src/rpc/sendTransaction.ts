// sendTransaction: checks a transaction and queues it, or applies it at once where ledgers close instantly. As on a
// real network the answer is PENDING, and the outcome is read with getTransaction; ERROR means that it was refused and
// left no trace. DUPLICATE is said of what is queued, and of what was applied in the latest ledger.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toHex } from '../bytes.ts';
import type { Network } from '../network/network.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { transactionParam } from './transactionParam.ts';
import { xdrField, xdrListField } from './xdrField.ts';

const STATUS = { pending: 'PENDING', duplicate: 'DUPLICATE', tryAgainLater: 'TRY_AGAIN_LATER' } as const;

export function sendTransaction(network: Network, params: Params) {
  const format = params.xdrFormat();
  const frame = transactionParam(network, params);
  if (!frame) throw invalidParams('invalid_xdr');
  const hash = toHex(frame.hash);
  const reply = (status: string) => ({
    status,
    hash,
    latestLedger: network.latest.sequence,
    latestLedgerCloseTime: String(network.latest.closeTimeSeconds),
  });
  const wasJustApplied = network.latest.transactions.some((transaction) => transaction.hash === hash);
  if (wasJustApplied) return reply(STATUS.duplicate);
  const answer = network.submit(frame);
  if (answer.kind !== 'rejected') return reply(STATUS[answer.kind]);
  const { result, diagnosticEvents } = answer.rejection;
  return {
    ...reply('ERROR'),
    ...xdrField('errorResult', xdr.TransactionResult, result.toXdr(), format),
    ...(diagnosticEvents.length > 0 ? xdrListField('diagnosticEvents', diagnosticEvents, format) : {}),
  };
}
