// getLedgers: the ledgers of a range, a page at a time and without gaps: those that closed empty are made up from what
// history knows of them. A page ends early when it has grown very large; its cursor leads on all the same.

import * as xdr from '@stellar/stellar-sdk/xdr';
import { toBase64, toHex } from '../bytes.ts';
import type { ClosedLedger } from '../ledger/closedLedger.ts';
import { ledgerCloseMetaXdr, ledgerHeaderXdr } from '../ledger/ledgerCloseMeta.ts';
import type { Network } from '../network/network.ts';
import { ledgerPage, MAX_PAGE_BYTES } from './ledgerPage.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import type { XdrFormat } from './xdrField.ts';

export function getLedgers(network: Network, params: Params) {
  const { startLedger, cursor, limit, format } = ledgerPage(network, params);
  const { latest } = network;
  const { history } = network.ledger;
  const first = cursor === undefined ? startLedger : after(cursor, history.oldest.sequence, latest.sequence);
  const ledgers = [];
  let bytesLeft = MAX_PAGE_BYTES;
  for (let sequence = first; sequence <= latest.sequence; sequence++) {
    if (ledgers.length === limit || bytesLeft <= 0) break;
    const ledger = sequence === latest.sequence ? latest : history.at(sequence)!;
    const metadata = ledgerCloseMetaXdr(ledger);
    bytesLeft -= metadata.length;
    ledgers.push(render(ledger, metadata, format));
  }
  return {
    ledgers,
    latestLedger: latest.sequence,
    latestLedgerCloseTime: latest.closeTimeSeconds,
    oldestLedger: history.oldest.sequence,
    oldestLedgerCloseTime: history.oldest.closeTimeSeconds,
    cursor: String(ledgers.at(-1)?.sequence ?? cursor ?? startLedger - 1),
  };
}

/** The ledger after a cursor; at the latest there is none yet, and the page is empty. */
function after(cursor: string, oldest: number, latest: number): number {
  const sequence = /^\d{1,10}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (sequence >= oldest - 1 && sequence <= latest) return sequence + 1;
  const range = `the oldest ledger: ${oldest} and the latest ledger: ${latest}`;
  throw invalidParams(`cursor ('${cursor}') must be between ${range} for this rpc instance`);
}

function render(ledger: ClosedLedger, metadataXdr: Uint8Array, format: XdrFormat) {
  const headerXdr = ledgerHeaderXdr(ledger);
  const isJson = format === 'json';
  return {
    hash: toHex(ledger.hash),
    sequence: ledger.sequence,
    ledgerCloseTime: String(ledger.closeTimeSeconds),
    headerXdr: isJson ? '' : toBase64(headerXdr),
    metadataXdr: isJson ? '' : toBase64(metadataXdr),
    ...(isJson
      ? {
          headerJson: xdr.LedgerHeaderHistoryEntry.fromXdr(headerXdr).toJson(),
          metadataJson: xdr.LedgerCloseMeta.fromXdr(metadataXdr).toJson(),
        }
      : {}),
  };
}
