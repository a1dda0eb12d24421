// A transaction with one Soroban operation, from its parts to the envelope that is signed and sent. No fee bumps, no
// classic operations: Latchkey's wallets need neither. Signing is done by whoever holds the source account's key.
import {
  type HostFunction,
  InvokeHostFunctionOp,
  Memo,
  MuxedAccount,
  Operation,
  OperationBody,
  Preconditions,
  type SorobanAuthorizationEntry,
  type SorobanTransactionData,
  TimeBounds,
  Transaction,
  TransactionEnvelope,
  TransactionExt,
  TransactionSignaturePayload,
  TransactionSignaturePayloadTaggedTransaction,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { sha256 } from './bytes.ts';

export type SorobanTransaction = {
  /** G… account that pays the fee and gives the sequence number */
  source: string;
  sequenceNumber: bigint;
  /** inclusion fee plus resource fee, in stroops */
  feeStroops: number;
  /** unix seconds after which no ledger includes it; 0 for none */
  validUntilSeconds: bigint;
  body: OperationBody;
  sorobanData?: SorobanTransactionData;
};

export function invokeHostFunction(
  hostFunction: HostFunction,
  auth: SorobanAuthorizationEntry[],
): OperationBody {
  return OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction, auth }));
}

export function buildTransaction(parts: SorobanTransaction): Transaction {
  return new Transaction({
    sourceAccount: MuxedAccount.fromJson(parts.source),
    fee: parts.feeStroops,
    seqNum: parts.sequenceNumber,
    cond: Preconditions.precondTime(new TimeBounds({ minTime: 0n, maxTime: parts.validUntilSeconds })),
    memo: Memo.memoNone(),
    operations: [new Operation({ sourceAccount: null, body: parts.body })],
    ext: parts.sorobanData ? TransactionExt.sorobanData(parts.sorobanData) : TransactionExt.v0(),
  });
}

/** The 32-byte hash that identifies a transaction on a network, and that its source account signs. */
export async function transactionHash(
  transaction: Transaction,
  networkPassphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const payload = new TransactionSignaturePayload({
    networkId: await sha256(new TextEncoder().encode(networkPassphrase)),
    taggedTransaction: TransactionSignaturePayloadTaggedTransaction.envelopeTypeTx(transaction),
  });
  return sha256(payload.toXdr());
}

export function unsignedEnvelope(transaction: Transaction): TransactionEnvelope {
  return TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx: transaction, signatures: [] }));
}
