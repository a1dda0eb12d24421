// A decoded transaction with what validation and application need of it: its hash, payers, fees and signatures.
// Decoding only; a frame says nothing about validity. Hashes follow CAP-15 (fee bump) and the network id rule.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { fromBase64 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { publicKeyOf } from './account.ts';

export const BASE_FEE_STROOPS = 100n;

export type TransactionFrame = {
  /** The envelope as it is stored; a V0 envelope is converted to V1. */
  readonly envelopeXdr: Uint8Array;
  /** Hash of the outermost transaction. */
  readonly hash: Uint8Array;
  /** The transaction that carries the operations. */
  readonly tx: xdr.Transaction;
  readonly txHash: Uint8Array;
  readonly signatures: readonly xdr.DecoratedSignature[];
  readonly source: Uint8Array;
  readonly feeBump: null | {
    readonly feeSource: Uint8Array;
    readonly feeStroops: bigint;
    readonly signatures: readonly xdr.DecoratedSignature[];
    /** The envelope inside. */
    readonly innerXdr: Uint8Array;
  };
  /** Of a transaction whose first operation is for contracts; another one must not have any. */
  readonly sorobanData: xdr.SorobanTransactionData | null;
  /** Encoded size of the inner envelope, which the resource fee counts. */
  readonly sizeBytes: number;
};

/** @throws XdrError from the decoder, RangeError for what is not base64 */
export function decodeTransaction(base64: string, networkId: Uint8Array): TransactionFrame {
  const envelopeXdr = fromBase64(base64);
  return frame(xdr.TransactionEnvelope.fromXdr(envelopeXdr), envelopeXdr, networkId);
}

export function frameOf(envelope: xdr.TransactionEnvelope, networkId: Uint8Array): TransactionFrame {
  return frame(envelope, envelope.toXdr(), networkId);
}

/** @param envelopeXdr the same, encoded: what is hashed is a part of it, so nothing is encoded again */
function frame(
  envelope: xdr.TransactionEnvelope,
  envelopeXdr: Uint8Array,
  networkId: Uint8Array,
): TransactionFrame {
  if (envelope.type === 'envelopeTypeTxV0') {
    const converted = xdr.TransactionEnvelope.envelopeTypeTx(upgradeV0(envelope.v0));
    return frame(converted, converted.toXdr(), networkId);
  }
  if (envelope.type === 'envelopeTypeTx') {
    const inner = innerFrame(envelope.v1, envelopeXdr, networkId);
    return { ...inner, envelopeXdr, hash: inner.txHash, feeBump: null };
  }
  const { tx: bump, signatures } = envelope.feeBump;
  const signed = signedPart(envelopeXdr, signatures);
  const innerXdr = innerEnvelope(signed, bump.feeSource);
  const feeSource = publicKeyOf(bump.feeSource);
  return {
    ...innerFrame(bump.innerTx.v1, innerXdr, networkId),
    envelopeXdr,
    hash: sha256(networkId, signed),
    feeBump: { feeSource, feeStroops: bump.fee, signatures, innerXdr },
  };
}

function innerFrame(
  { tx, signatures }: xdr.TransactionV1Envelope,
  envelopeXdr: Uint8Array,
  networkId: Uint8Array,
) {
  const isSoroban = tx.operations[0] !== undefined && isSorobanOperation(tx.operations[0].body);
  return {
    tx,
    txHash: sha256(networkId, signedPart(envelopeXdr, signatures)),
    signatures,
    source: publicKeyOf(tx.sourceAccount),
    sorobanData: isSoroban && tx.ext.type === 'sorobanData' ? tx.ext.sorobanData : null,
    sizeBytes: envelopeXdr.length,
  };
}

/** Tag and transaction, which signers sign behind the network id: the envelope without its signatures. */
function signedPart(envelopeXdr: Uint8Array, signatures: readonly xdr.DecoratedSignature[]): Uint8Array {
  const COUNT = 4;
  const HINT_AND_LENGTH = 8;
  const size = signatures.reduce(
    (total, { signature }) => total + HINT_AND_LENGTH + 4 * Math.ceil(signature.toBytes().length / 4),
    COUNT,
  );
  return envelopeXdr.subarray(0, envelopeXdr.length - size);
}

/** Between fee source and fee, and the extension at the end. */
function innerEnvelope(feeBumpXdr: Uint8Array, feeSource: xdr.MuxedAccount): Uint8Array {
  const [TAG, FEE, EXTENSION] = [4, 8, 4];
  return feeBumpXdr.subarray(TAG + feeSource.toXdr().length + FEE, feeBumpXdr.length - EXTENSION);
}

export function isSorobanOperation(body: xdr.OperationBody): boolean {
  return (
    body.type === 'invokeHostFunction' ||
    body.type === 'extendFootprintTtl' ||
    body.type === 'restoreFootprint'
  );
}

function upgradeV0(envelope: xdr.TransactionV0Envelope): xdr.TransactionV1Envelope {
  const { tx, signatures } = envelope;
  return new xdr.TransactionV1Envelope({
    tx: new xdr.Transaction({
      sourceAccount: xdr.MuxedAccount.keyTypeEd25519(tx.sourceAccountEd25519),
      fee: tx.fee,
      seqNum: tx.seqNum,
      cond: tx.timeBounds ? xdr.Preconditions.precondTime(tx.timeBounds) : xdr.Preconditions.precondNone(),
      memo: tx.memo,
      operations: tx.operations,
      ext: xdr.TransactionExt.v0(),
    }),
    signatures,
  });
}

/** The network's minimum for taking a transaction in, and what its contract resources cost. */
export function minimumFeeStroops(frame: TransactionFrame): bigint {
  return BASE_FEE_STROOPS * feeUnits(frame) + resourceFeeStroops(frame);
}

export function resourceFeeStroops(frame: TransactionFrame): bigint {
  return frame.sorobanData?.resourceFee ?? 0n;
}

/** The most that the payer offers, resource fee included. */
export function offeredFeeStroops(frame: TransactionFrame): bigint {
  return frame.feeBump?.feeStroops ?? BigInt(frame.tx.fee);
}

/** What is offered beyond the resource fee for being included in a ledger. */
export function inclusionFeeStroops(frame: TransactionFrame): bigint {
  return offeredFeeStroops(frame) - resourceFeeStroops(frame);
}

/** The account that pays the fee. */
export function feeSourceOf(frame: TransactionFrame): Uint8Array {
  return frame.feeBump?.feeSource ?? frame.source;
}

/** Base fees due: one per operation, one more for a fee bump (CAP-15). */
export function feeUnits(frame: TransactionFrame): bigint {
  return BigInt(Math.max(1, frame.tx.operations.length) + (frame.feeBump ? 1 : 0));
}

export function operationSource(frame: TransactionFrame, operation: xdr.Operation): Uint8Array {
  return operation.sourceAccount ? publicKeyOf(operation.sourceAccount) : frame.source;
}
