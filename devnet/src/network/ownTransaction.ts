// Transactions that the network signs itself, with keys it knows: friendbot's payments and what is set up at the start.
// They are checked, applied and stored like anybody's, in a ledger of their own, whatever is pending.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount } from '../ledger/account.ts';
import type { AppliedTransaction } from '../ledger/closedLedger.ts';
import type { Ed25519Signer } from '../ledger/ed25519.ts';
import { BASE_FEE_STROOPS, frameOf, type TransactionFrame } from '../ledger/transactionFrame.ts';
import { sha256 } from '../sha256.ts';
import type { Network } from './network.ts';

export class OwnTransactionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OwnTransactionError';
  }
}

/** An operation, of another account than the transaction's where one is named. */
export function operation(body: xdr.OperationBody, source: Ed25519Signer | null = null): xdr.Operation {
  const sourceAccount = source && xdr.MuxedAccount.keyTypeEd25519(source.publicKey);
  return new xdr.Operation({ sourceAccount, body });
}

/** Applies operations as a transaction of the first signer. @throws OwnTransactionError */
export function applyOperations(
  network: Network,
  signers: readonly [Ed25519Signer, ...Ed25519Signer[]],
  operations: readonly xdr.Operation[],
  data: xdr.SorobanTransactionData | null = null,
): AppliedTransaction {
  const rejection = network.apply(signed(network, signers, operations, data));
  if (rejection) throw new OwnTransactionError(rejection.result.result.type);
  const [transaction] = network.latest.transactions;
  if (!transaction?.isSuccess) throw new OwnTransactionError('the transaction failed');
  return transaction;
}

/** Simulates a contract call that needs nobody's authorization but the signer's, and applies it. */
export function applyHostFunction(
  network: Network,
  signer: Ed25519Signer,
  hostFunction: xdr.HostFunction,
): AppliedTransaction {
  const simulation = network.host.simulateInvoke(network.hostLedger(), {
    hostFunction: hostFunction.toXdr(),
    source: accountIdOf(signer.publicKey).toXdr(),
    seed: sha256(signer.publicKey),
    auth: [],
    authMode: 'record',
    useAddressV2: false,
    instructionLeeway: 0,
  });
  if (!simulation.transactionData) {
    throw new OwnTransactionError(simulation.error?.split('\n')[0] ?? 'simulation failed');
  }
  const auth = simulation.auth.map((entry) => xdr.SorobanAuthorizationEntry.fromXdr(entry));
  const body = xdr.OperationBody.invokeHostFunction(new xdr.InvokeHostFunctionOp({ hostFunction, auth }));
  const data = xdr.SorobanTransactionData.fromXdr(simulation.transactionData);
  return applyOperations(network, [signer], [operation(body)], data);
}

function signed(
  network: Network,
  signers: readonly [Ed25519Signer, ...Ed25519Signer[]],
  operations: readonly xdr.Operation[],
  data: xdr.SorobanTransactionData | null,
): TransactionFrame {
  const { networkId } = network.ledger;
  const [source] = signers;
  const tx = new xdr.Transaction({
    sourceAccount: xdr.MuxedAccount.keyTypeEd25519(source.publicKey),
    fee: Number(BASE_FEE_STROOPS * BigInt(operations.length) + (data?.resourceFee ?? 0n)),
    seqNum: (getAccount(network.ledger, source.publicKey)?.seqNum ?? 0n) + 1n,
    cond: xdr.Preconditions.precondNone(),
    memo: xdr.Memo.memoNone(),
    operations: [...operations],
    ext: data ? xdr.TransactionExt.sorobanData(data) : xdr.TransactionExt.v0(),
  });
  const envelope = (signatures: xdr.DecoratedSignature[]) =>
    xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures }));
  const { hash } = frameOf(envelope([]), networkId);
  const signatures = signers.map(
    ({ publicKey, sign }) => new xdr.DecoratedSignature({ hint: publicKey.slice(-4), signature: sign(hash) }),
  );
  return frameOf(envelope(signatures), networkId);
}
