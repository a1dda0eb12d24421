// getLedgers: the ledgers that hold a transaction, and the latest one, a page at a time. Ledgers that closed empty
// in between are not stored and therefore left out.
import { toHex } from '../bytes.ts';
import type { ClosedLedger } from '../ledger/closedLedger.ts';
import { ledgerCloseMeta, ledgerHeaderHistoryEntry } from '../ledger/ledgerCloseMeta.ts';
import type { Network } from '../network.ts';
import { ledgerPage } from './ledgerPage.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import type { XdrFormat } from './xdrField.ts';

export function getLedgers(network: Network, params: Params) {
  const format = params.xdrFormat();
  const { startLedger, cursor, limit } = ledgerPage(network, params);
  const { latest } = network;
  const { history } = network.ledger;
  if (cursor !== undefined && (!/^\d{1,10}$/.test(cursor) || Number(cursor) > latest.sequence)) {
    const range = `${history.oldest.sequence} and ${latest.sequence}`;
    throw invalidParams(`cursor ('${cursor}') must be between ${range}`);
  }
  const first = cursor === undefined ? startLedger : Number(cursor) + 1;
  const found: ClosedLedger[] = [];
  for (const ledger of history.from(first)) {
    if (found.push(ledger) === limit) break;
  }
  const isLatestMissing = found.at(-1)?.sequence !== latest.sequence && first <= latest.sequence;
  if (isLatestMissing && found.length < limit) found.push(latest);
  return {
    ledgers: found.map((ledger) => render(ledger, format)),
    latestLedger: latest.sequence,
    latestLedgerCloseTime: latest.closeTimeSeconds,
    oldestLedger: history.oldest.sequence,
    oldestLedgerCloseTime: history.oldest.closeTimeSeconds,
    cursor: String(found.at(-1)?.sequence ?? cursor ?? startLedger - 1),
  };
}

function render(ledger: ClosedLedger, format: XdrFormat) {
  const header = ledgerHeaderHistoryEntry(ledger);
  const metadata = ledgerCloseMeta(ledger);
  const isJson = format === 'json';
  return {
    hash: toHex(ledger.hash),
    sequence: ledger.sequence,
    ledgerCloseTime: String(ledger.closeTimeSeconds),
    headerXdr: isJson ? '' : header.toXdr('base64'),
    metadataXdr: isJson ? '' : metadata.toXdr('base64'),
    ...(isJson ? { headerJson: header.toJson(), metadataJson: metadata.toJson() } : {}),
  };
}
