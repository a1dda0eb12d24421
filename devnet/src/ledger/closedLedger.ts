// A closed ledger and the one transaction it may hold, as history keeps them: encoded, ready to be served.
// Hashes of the bucket list and of the transaction set are left zero; nothing here can be checked against a
// validator's archive.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { sha256 } from '../sha256.ts';
import { BASE_RESERVE_STROOPS } from './account.ts';
import type { Application } from './applyTransaction.ts';
import type { ClosingLedger } from './operations/operation.ts';
import { BASE_FEE_STROOPS, type TransactionFrame } from './transactionFrame.ts';

export const TOTAL_COINS_STROOPS = 10n ** 18n;
/** Place of refund events in a ledger: after all transactions. */
export const AFTER_ALL_TRANSACTIONS = 0xf_ffff;

const ZERO_HASH = new Uint8Array(32);

export type EventRecord = {
  readonly type: 'contract' | 'system';
  /** 0 before all transactions, 1 for the ledger's transaction, `AFTER_ALL_TRANSACTIONS` for refunds. */
  readonly transactionIndex: number;
  readonly operationIndex: number;
  readonly eventIndex: number;
  readonly isSuccessful: boolean;
  /** Contract address, or an empty string. */
  readonly contractId: string;
  /** Base64 ScVal each. */
  readonly topics: readonly string[];
  readonly value: string;
};

export type AppliedTransaction = {
  /** Hex; for a fee bump `innerHash` is that of the transaction inside, else null. */
  readonly hash: string;
  readonly innerHash: string | null;
  readonly isSuccess: boolean;
  readonly isSoroban: boolean;
  /** Offered for inclusion per operation, in stroops. */
  readonly inclusionFeeStroops: bigint;
  readonly envelopeXdr: Uint8Array;
  readonly resultXdr: Uint8Array;
  /** TransactionMeta. */
  readonly metaXdr: Uint8Array;
  /** LedgerEntryChanges. */
  readonly feeChangesXdr: Uint8Array;
  readonly refundChangesXdr: Uint8Array;
  readonly events: readonly EventRecord[];
};

export type ClosedLedger = {
  readonly sequence: number;
  readonly closeTimeSeconds: number;
  readonly feePoolStroops: bigint;
  readonly hash: Uint8Array;
  readonly headerXdr: Uint8Array;
  readonly transaction: AppliedTransaction | null;
};

export function closedLedger(
  ledger: Pick<ClosingLedger, 'sequence' | 'closeTimeSeconds' | 'protocolVersion'>,
  previous: Pick<ClosedLedger, 'hash' | 'feePoolStroops'> | null,
  applied: { transaction: AppliedTransaction; feeChargedStroops: bigint } | null,
): ClosedLedger {
  const feePoolStroops = (previous?.feePoolStroops ?? 0n) + (applied?.feeChargedStroops ?? 0n);
  const transaction = applied?.transaction ?? null;
  const header = new xdr.LedgerHeader({
    ledgerVersion: ledger.protocolVersion,
    previousLedgerHash: previous?.hash ?? ZERO_HASH,
    scpValue: new xdr.StellarValue({
      txSetHash: ZERO_HASH,
      closeTime: BigInt(ledger.closeTimeSeconds),
      upgrades: [],
      ext: xdr.StellarValueExt.stellarValueBasic(),
    }),
    txSetResultHash: transaction ? sha256(transaction.resultXdr) : ZERO_HASH,
    bucketListHash: ZERO_HASH,
    ledgerSeq: ledger.sequence,
    totalCoins: TOTAL_COINS_STROOPS,
    feePool: feePoolStroops,
    inflationSeq: 0,
    idPool: 0n,
    baseFee: Number(BASE_FEE_STROOPS),
    baseReserve: BASE_RESERVE_STROOPS,
    maxTxSetSize: 100,
    skipList: [ZERO_HASH, ZERO_HASH, ZERO_HASH, ZERO_HASH],
    ext: xdr.LedgerHeaderExt.v0(),
  });
  const headerXdr = header.toXdr();
  return {
    sequence: ledger.sequence,
    closeTimeSeconds: ledger.closeTimeSeconds,
    feePoolStroops,
    hash: sha256(headerXdr),
    headerXdr,
    transaction,
  };
}

export function appliedTransaction(frame: TransactionFrame, application: Application): AppliedTransaction {
  const units = BigInt(Math.max(1, frame.tx.operations.length) + (frame.feeBump ? 1 : 0));
  const offered = frame.feeBump?.feeStroops ?? BigInt(frame.tx.fee);
  return {
    hash: Buffer.from(frame.hash).toString('hex'),
    innerHash: frame.feeBump ? Buffer.from(frame.txHash).toString('hex') : null,
    isSuccess: application.isSuccess,
    isSoroban: frame.sorobanData !== null,
    inclusionFeeStroops: (offered - (frame.sorobanData?.resourceFee ?? 0n)) / units,
    envelopeXdr: frame.envelope.toXdr(),
    resultXdr: application.result.toXdr(),
    metaXdr: xdr.TransactionMeta.v4(application.meta).toXdr(),
    feeChangesXdr: xdr.encodeArray(xdr.LedgerEntryChange, application.feeChanges),
    refundChangesXdr: xdr.encodeArray(xdr.LedgerEntryChange, application.refundChanges),
    events: eventRecords(application),
  };
}

function eventRecords({ meta, isSuccess }: Application): EventRecord[] {
  const feeEvents = meta.events.map(({ stage, event }, index) => {
    const isRefund = stage.name === 'transactionEventStageAfterAllTxs';
    const eventIndex = isRefund ? 0 : index;
    return eventRecord(event, isRefund ? AFTER_ALL_TRANSACTIONS : 0, 0, eventIndex, isSuccess);
  });
  const operationEvents = meta.operations.flatMap(({ events }, operationIndex) =>
    events.map((event, eventIndex) => eventRecord(event, 1, operationIndex, eventIndex, isSuccess)),
  );
  const [first, ...later] = feeEvents;
  return [...(first ? [first] : []), ...operationEvents, ...later];
}

function eventRecord(
  event: xdr.ContractEvent,
  transactionIndex: number,
  operationIndex: number,
  eventIndex: number,
  isSuccessful: boolean,
): EventRecord {
  const { topics, data } = event.body.v0;
  return {
    type: event.type.name === 'system' ? 'system' : 'contract',
    transactionIndex,
    operationIndex,
    eventIndex,
    isSuccessful,
    contractId: event.contractId ? String(event.contractId.toJson()) : '',
    topics: topics.map((topic) => topic.toXdr('base64')),
    value: data.toXdr('base64'),
  };
}

/** The LedgerCloseMeta that indexers read. */
export function ledgerCloseMeta(ledger: ClosedLedger): xdr.LedgerCloseMeta {
  const header = xdr.LedgerHeader.fromXdr(ledger.headerXdr);
  const { transaction } = ledger;
  const envelope = transaction && xdr.TransactionEnvelope.fromXdr(transaction.envelopeXdr);
  const component = xdr.TxSetComponent.txsetCompTxsMaybeDiscountedFee(
    new xdr.TxSetComponentTxsMaybeDiscountedFee({
      baseFee: BASE_FEE_STROOPS,
      txs: envelope ? [envelope] : [],
    }),
  );
  const filled = xdr.TransactionPhase.v0Components([component]);
  const empty = xdr.TransactionPhase.v0Components([]);
  const phases = transaction?.isSoroban ? [empty, filled] : transaction ? [filled, empty] : [empty, empty];
  return xdr.LedgerCloseMeta.v2(
    new xdr.LedgerCloseMetaV2({
      ext: xdr.LedgerCloseMetaExt.v0(),
      ledgerHeader: ledgerHeaderHistoryEntry(ledger),
      txSet: xdr.GeneralizedTransactionSet.v1TxSet(
        new xdr.TransactionSetV1({ previousLedgerHash: header.previousLedgerHash, phases }),
      ),
      txProcessing: transaction ? [transactionProcessing(transaction)] : [],
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
