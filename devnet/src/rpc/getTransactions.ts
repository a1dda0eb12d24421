// getTransactions: stored transactions in ledger order, a page at a time.
import type { Network } from '../network.ts';
import { ledgerPage } from './ledgerPage.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { decodeToid, encodeToid } from './toid.ts';
import { transactionRecord } from './transactionRecord.ts';

export function getTransactions(network: Network, params: Params) {
  const format = params.xdrFormat();
  const { startLedger, cursor, limit } = ledgerPage(network, params);
  const from = cursor === undefined ? { ledger: startLedger, transaction: 0 } : positionOf(cursor);
  const { latest } = network;
  const { history } = network.ledger;
  const transactions = [];
  let next = encodeToid({
    ledger: latest.sequence,
    transaction: latest.transactions.length,
    operation: 1,
  });
  search: for (const ledger of history.from(from.ledger)) {
    for (const [index, transaction] of ledger.transactions.entries()) {
      const applicationOrder = index + 1;
      if (ledger.sequence === from.ledger && applicationOrder <= from.transaction) continue;
      const record = transactionRecord({ ledger, transaction, applicationOrder }, transaction.hash, format);
      transactions.push({ ...record, createdAt: ledger.closeTimeSeconds });
      if (transactions.length < limit) continue;
      next = encodeToid({ ledger: ledger.sequence, transaction: applicationOrder, operation: 1 });
      break search;
    }
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

/** The last transaction that the page before gave. */
function positionOf(cursor: string): { ledger: number; transaction: number } {
  if (!/^\d{1,19}$/.test(cursor)) throw invalidParams(`cursor '${cursor}' is not a number`);
  return decodeToid(BigInt(cursor));
}
