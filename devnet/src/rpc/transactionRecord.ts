// The form in which getTransaction and getTransactions give a stored transaction. `createdAt` is left to them,
// because it is a string in one and a number in the other.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { StoredTransaction } from '../ledger/history.ts';
import { type XdrFormat, xdrField, xdrListField } from './xdrField.ts';

export function transactionRecord(
  { ledger, transaction, applicationOrder }: StoredTransaction,
  hash: string,
  format: XdrFormat,
) {
  const meta = xdr.TransactionMeta.fromXdr(transaction.metaXdr);
  const { operations, events, diagnosticEvents } = (meta as Extract<xdr.TransactionMeta, { type: 'v4' }>).v4;
  const isJson = format === 'json';
  const contractEvents = operations.map((operation) =>
    operation.events.map((event) => (isJson ? event.toJson() : event.toXdr('base64'))),
  );
  return {
    status: transaction.isSuccess ? 'SUCCESS' : 'FAILED',
    txHash: hash,
    applicationOrder,
    feeBump: transaction.innerHash !== null,
    ...xdrField('envelope', xdr.TransactionEnvelope, transaction.envelopeXdr, format),
    ...xdrField('result', xdr.TransactionResult, transaction.resultXdr, format),
    ...xdrField('resultMeta', xdr.TransactionMeta, transaction.metaXdr, format),
    ...(diagnosticEvents.length > 0 ? xdrListField('diagnosticEvents', diagnosticEvents, format) : {}),
    events: {
      ...(events.length > 0 ? xdrListField('transactionEvents', events, format) : {}),
      ...(operations.length > 0
        ? { [isJson ? 'contractEventsJson' : 'contractEventsXdr']: contractEvents }
        : {}),
    },
    ledger: ledger.sequence,
  };
}
