// getTransactions: stored transactions in ledger order, a page at a time.
import type { Network } from '../network.ts';
import { ledgerPage } from './ledgerPage.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { decodeToid, encodeToid } from './toid.ts';
import { APPLICATION_ORDER, transactionRecord } from './transactionRecord.ts';

export function getTransactions(network: Network, params: Params) {
  const format = params.xdrFormat();
  const { startLedger, cursor, limit } = ledgerPage(network, params);
  const first = cursor === undefined ? startLedger : ledgerAfter(cursor);
  const { latest } = network;
  const { history } = network.ledger;
  const transactions = [];
  let next = encodeToid({
    ledger: latest.sequence,
    transaction: latest.transaction ? APPLICATION_ORDER : 0,
    operation: 1,
  });
  for (const ledger of history.from(first)) {
    const { transaction } = ledger;
    if (!transaction) continue;
    const record = transactionRecord(ledger, transaction, transaction.hash, format);
    transactions.push({ ...record, createdAt: ledger.closeTimeSeconds });
    if (transactions.length < limit) continue;
    next = encodeToid({ ledger: ledger.sequence, transaction: APPLICATION_ORDER, operation: 1 });
    break;
  }
  return {
    transactions,
    latestLedger: latest.sequence,
    latestLedgerCloseTimestamp: latest.closeTimeSeconds,
    oldestLedger: history.oldest.sequence,
    oldestLedgerCloseTimestamp: history.oldest.closeTimeSeconds,
    cursor: String(next),
  };
}

/** A ledger holds one transaction, so a page goes on in the same ledger only if the cursor precedes it. */
function ledgerAfter(cursor: string): number {
  if (!/^\d{1,19}$/.test(cursor)) throw invalidParams(`cursor '${cursor}' is not a number`);
  const { ledger, transaction } = decodeToid(BigInt(cursor));
  return transaction < APPLICATION_ORDER ? ledger : ledger + 1;
}
