// A decoded transaction with what validation and application need of it: its hash, payers, fees and signatures.
// Decoding only; a frame says nothing about validity. Hashes follow CAP-15 (fee bump) and the network id rule.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { sha256 } from '../sha256.ts';
import { publicKeyOf } from './account.ts';

export const BASE_FEE_STROOPS = 100n;

export type TransactionFrame = {
  /** The envelope as it is stored; a V0 envelope is converted to V1. */
  readonly envelope: xdr.TransactionEnvelope;
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
  };
  readonly sorobanData: xdr.SorobanTransactionData | null;
  /** Encoded size of the inner envelope, which the resource fee counts. */
  readonly sizeBytes: number;
};

/** @throws XdrError from the decoder when the text is not a TransactionEnvelope. */
export function decodeTransaction(base64: string, networkId: Uint8Array): TransactionFrame {
  return frameOf(xdr.TransactionEnvelope.fromXdr(base64, 'base64'), networkId);
}

export function frameOf(envelope: xdr.TransactionEnvelope, networkId: Uint8Array): TransactionFrame {
  if (envelope.type === 'envelopeTypeTxFeeBump') {
    const { tx: bump, signatures } = envelope.feeBump;
    const tagged = xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTxFeeBump(bump);
    return {
      ...innerFrame(bump.innerTx.v1, networkId),
      envelope,
      hash: payloadHash(networkId, tagged),
      feeBump: { feeSource: publicKeyOf(bump.feeSource), feeStroops: bump.fee, signatures },
    };
  }
  const v1 = envelope.type === 'envelopeTypeTx' ? envelope.v1 : upgradeV0(envelope.v0);
  const inner = innerFrame(v1, networkId);
  return {
    ...inner,
    envelope: xdr.TransactionEnvelope.envelopeTypeTx(v1),
    hash: inner.txHash,
    feeBump: null,
  };
}

function innerFrame(envelope: xdr.TransactionV1Envelope, networkId: Uint8Array) {
  const { tx, signatures } = envelope;
  return {
    tx,
    txHash: payloadHash(networkId, xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTx(tx)),
    signatures,
    source: publicKeyOf(tx.sourceAccount),
    sorobanData: tx.ext.type === 'sorobanData' ? tx.ext.sorobanData : null,
    sizeBytes: xdr.TransactionEnvelope.envelopeTypeTx(envelope).toXdr().length,
  };
}

function payloadHash(
  networkId: Uint8Array,
  taggedTransaction: xdr.TransactionSignaturePayloadTaggedTransaction,
): Uint8Array {
  return sha256(new xdr.TransactionSignaturePayload({ networkId, taggedTransaction }).toXdr());
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
