// getTransactions: stored transactions in ledger order, a page at a time. A page ends early when it has grown very
// large; its cursor leads on all the same.
import type { Network } from '../network/network.ts';
import { ledgerPage, MAX_PAGE_BYTES } from './ledgerPage.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { decodeToid, encodeToid, parseToid } from './toid.ts';
import { transactionRecord } from './transactionRecord.ts';

export function getTransactions(network: Network, params: Params) {
  const { startLedger, cursor, limit, format } = ledgerPage(network, params);
  const { latest } = network;
  const { history } = network.ledger;
  const from = cursor === undefined ? { ledger: startLedger, transaction: 0 } : positionOf(cursor);
  if (from.ledger < history.oldest.sequence) {
    throw invalidParams(`database does not contain metadata for ledger: ${from.ledger}`);
  }
  const transactions = [];
  let next = { ledger: latest.sequence, transaction: latest.transactions.length, operation: 1 };
  let bytesLeft = MAX_PAGE_BYTES;
  search: for (const ledger of history.from(from.ledger)) {
    const skipped = ledger.sequence === from.ledger ? from.transaction : 0;
    for (const [index, transaction] of ledger.transactions.slice(skipped).entries()) {
      const applicationOrder = skipped + index + 1;
      const record = transactionRecord({ ledger, transaction, applicationOrder }, transaction.hash, format);
      transactions.push({ ...record, createdAt: ledger.closeTimeSeconds });
      bytesLeft -= transaction.envelopeXdr.length + transaction.metaXdr.length;
      if (transactions.length < limit && bytesLeft > 0) continue;
      next = { ledger: ledger.sequence, transaction: applicationOrder, operation: 1 };
      break search;
    }
  }
  return {
    transactions,
    latestLedger: latest.sequence,
    latestLedgerCloseTimestamp: latest.closeTimeSeconds,
    oldestLedger: history.oldest.sequence,
    oldestLedgerCloseTimestamp: history.oldest.closeTimeSeconds,
    cursor: String(encodeToid(next)),
  };
}

/** The last transaction that the page before gave. */
function positionOf(cursor: string): { ledger: number; transaction: number } {
  const toid = parseToid(cursor);
  if (toid === null) throw invalidParams(`invalid cursor '${cursor}'`);
  return decodeToid(toid);
}
