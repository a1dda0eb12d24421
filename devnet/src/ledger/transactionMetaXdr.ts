// The encoded TransactionMeta (V4) of a transaction, put together from what is encoded already: entry changes and the
// host's events, which make most of it. Nothing is checked; what belongs into it is decided in applyTransaction.ts.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes } from '../bytes.ts';
import { arrayOf, int64, optional, words } from './xdrBytes.ts';

export type OperationMeta = {
  /** Encoded LedgerEntryChanges. */
  readonly changes: readonly Uint8Array[];
  readonly events: readonly xdr.ContractEvent[];
};

/** The part of the metadata that events are read from. */
export type EventfulMeta = {
  readonly events: readonly xdr.TransactionEvent[];
  readonly operations: readonly OperationMeta[];
};

type Meta = EventfulMeta & {
  readonly txChangesBefore: readonly Uint8Array[];
  /** Encoded DiagnosticEvents. */
  readonly diagnosticEvents: readonly Uint8Array[];
  readonly soroban: null | {
    readonly nonRefundableStroops: bigint;
    readonly refundableStroops: bigint;
    readonly rentStroops: bigint;
    /** Encoded ScVal. */
    readonly returnValue: Uint8Array | null;
  };
};

export function transactionMetaXdr(meta: Meta): Uint8Array<ArrayBuffer> {
  const V4 = 4;
  const NO_EXTENSION = 0;
  const encoded = (events: readonly { toXdr(): Uint8Array }[]) =>
    arrayOf(events.map((event) => event.toXdr()));
  const operations = meta.operations.map(({ changes, events }) =>
    concatBytes(words(NO_EXTENSION), arrayOf(changes), encoded(events)),
  );
  const txChangesAfter = arrayOf([]);
  return concatBytes(
    words(V4, NO_EXTENSION),
    arrayOf(meta.txChangesBefore),
    arrayOf(operations),
    txChangesAfter,
    optional(meta.soroban && sorobanMetaXdr(meta.soroban)),
    encoded(meta.events),
    arrayOf(meta.diagnosticEvents),
  );
}

/** SorobanTransactionMetaV2 with the first extension, which tells the fees. */
function sorobanMetaXdr(soroban: NonNullable<Meta['soroban']>): Uint8Array {
  const FEES = 1;
  const NO_EXTENSION = 0;
  return concatBytes(
    words(FEES, NO_EXTENSION),
    int64(soroban.nonRefundableStroops, soroban.refundableStroops, soroban.rentStroops),
    optional(soroban.returnValue),
  );
}
