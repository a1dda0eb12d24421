// LedgerCloseMeta (V2) of a closed ledger, as indexers read it through getLedgers and getLatestLedger.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { AppliedTransaction, ClosedLedger } from './closedLedger.ts';
import { transactionSetXdr } from './transactionSetXdr.ts';

export function ledgerCloseMeta(ledger: ClosedLedger): xdr.LedgerCloseMeta {
  const header = xdr.LedgerHeader.fromXdr(ledger.headerXdr);
  const set = transactionSetXdr(header.previousLedgerHash.toBytes(), ledger.transactions, ledger.baseFees);
  return xdr.LedgerCloseMeta.v2(
    new xdr.LedgerCloseMetaV2({
      ext: xdr.LedgerCloseMetaExt.v0(),
      ledgerHeader: ledgerHeaderHistoryEntry(ledger),
      txSet: xdr.GeneralizedTransactionSet.fromXdr(set),
      txProcessing: ledger.transactions.map(transactionProcessing),
      upgradesProcessing: [],
      scpInfo: [],
      totalByteSizeOfLiveSorobanState: 0n,
      evictedKeys: [],
    }),
  );
}

export function ledgerHeaderHistoryEntry(ledger: ClosedLedger): xdr.LedgerHeaderHistoryEntry {
  return new xdr.LedgerHeaderHistoryEntry({
    hash: ledger.hash,
    header: xdr.LedgerHeader.fromXdr(ledger.headerXdr),
    ext: xdr.LedgerHeaderHistoryEntryExt.v0(),
  });
}

function transactionProcessing(transaction: AppliedTransaction): xdr.TransactionResultMetaV1 {
  return new xdr.TransactionResultMetaV1({
    ext: xdr.ExtensionPoint.v0(),
    result: new xdr.TransactionResultPair({
      transactionHash: new xdr.Hash(transaction.hash),
      result: xdr.TransactionResult.fromXdr(transaction.resultXdr),
    }),
    feeProcessing: xdr.decodeArray(xdr.LedgerEntryChange, transaction.feeChangesXdr),
    txApplyProcessing: xdr.TransactionMeta.fromXdr(transaction.metaXdr),
    postTxApplyFeeProcessing: xdr.decodeArray(xdr.LedgerEntryChange, transaction.refundChangesXdr),
  });
}
