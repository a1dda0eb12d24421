// Builds TransactionResult and its fee-bump form from the outcome of a check or an application.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { TransactionFrame } from './transactionFrame.ts';

/** Result codes that carry nothing but themselves. */
export type PlainCode =
  | 'txTooEarly'
  | 'txTooLate'
  | 'txMissingOperation'
  | 'txBadSeq'
  | 'txBadAuth'
  | 'txInsufficientBalance'
  | 'txNoAccount'
  | 'txInsufficientFee'
  | 'txBadAuthExtra'
  | 'txBadSponsorship'
  | 'txInternalError'
  | 'txNotSupported'
  | 'txBadMinSeqAgeOrGap'
  | 'txMalformed'
  | 'txSorobanInvalid';

export type Outcome =
  | { readonly code: PlainCode; readonly operations?: never }
  | { readonly code: 'txSuccess' | 'txFailed'; readonly operations: xdr.OperationResult[] };

/**
 * The result of a transaction. For a fee bump `isInner` says whether the outcome is that of the inner transaction,
 * which the result then wraps (with an inner fee of 0, CAP-15 as of protocol 25).
 */
export function transactionResult(
  frame: TransactionFrame,
  feeChargedStroops: bigint,
  outcome: Outcome,
  isInner: boolean,
): xdr.TransactionResult {
  return new xdr.TransactionResult({
    feeCharged: feeChargedStroops,
    result: frame.feeBump && isInner ? wrapped(frame, outcome) : plain(outcome),
    ext: xdr.TransactionResultExt.v0(),
  });
}

function plain(outcome: Outcome): xdr.TransactionResultResult {
  return outcome.operations
    ? xdr.TransactionResultResult[outcome.code](outcome.operations)
    : xdr.TransactionResultResult[outcome.code]();
}

function wrapped(frame: TransactionFrame, outcome: Outcome): xdr.TransactionResultResult {
  const result = outcome.operations
    ? xdr.InnerTransactionResultResult[outcome.code](outcome.operations)
    : xdr.InnerTransactionResultResult[outcome.code]();
  const pair = new xdr.InnerTransactionResultPair({
    transactionHash: frame.txHash,
    result: new xdr.InnerTransactionResult({
      feeCharged: 0n,
      result,
      ext: xdr.InnerTransactionResultExt.v0(),
    }),
  });
  return outcome.code === 'txSuccess'
    ? xdr.TransactionResultResult.txFeeBumpInnerSuccess(pair)
    : xdr.TransactionResultResult.txFeeBumpInnerFailed(pair);
}
