// Friendbot: pays 10,000 XLM from the root account to a G or C address, by a real transaction that is stored like
// any other. An account that already has that much is refused, in the words that clients look for.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount } from './ledger/account.ts';
import { accountAddress, i128 } from './ledger/classicEvents.ts';
import type { Ed25519Signer } from './ledger/ed25519.ts';
import { rootSigner } from './ledger/genesis.ts';
import { BASE_FEE_STROOPS, frameOf, type TransactionFrame } from './ledger/transactionFrame.ts';
import type { Network } from './network.ts';
import { sha256 } from './sha256.ts';

const STARTING_BALANCE_STROOPS = 100_000_000_000n;

export type FriendbotErrorCode = 'INVALID_ADDRESS' | 'ALREADY_FUNDED' | 'FUNDING_FAILED';

export class FriendbotError extends Error {
  readonly code: FriendbotErrorCode;

  constructor(code: FriendbotErrorCode, message: string) {
    super(message);
    this.name = 'FriendbotError';
    this.code = code;
  }
}

export type Funding = {
  readonly hash: string;
  readonly envelopeXdr: Uint8Array;
  readonly metaXdr: Uint8Array;
};

/** @throws FriendbotError */
export function fund(network: Network, address: string): Funding {
  network.advance();
  const root = rootSigner(network.ledger.networkId);
  const target = parseAddress(address);
  const frame =
    target.type === 'scAddressTypeAccount'
      ? payAccount(network, root, target.accountId.value.toBytes())
      : payContract(network, root, target);
  const rejection = network.apply(frame);
  if (rejection) throw new FriendbotError('FUNDING_FAILED', rejection.result.result.type);
  const [transaction] = network.latest.transactions;
  if (!transaction?.isSuccess) throw new FriendbotError('FUNDING_FAILED', 'the funding transaction failed');
  return transaction;
}

function parseAddress(address: string): xdr.ScAddress {
  try {
    const parsed = xdr.ScAddress.fromJson(address);
    if (parsed.type === 'scAddressTypeAccount' || parsed.type === 'scAddressTypeContract') return parsed;
  } catch {
    // falls through to the one error for all bad addresses
  }
  throw new FriendbotError('INVALID_ADDRESS', 'addr must be an account (G...) or contract (C...) address');
}

function payAccount(network: Network, root: Ed25519Signer, publicKey: Uint8Array): TransactionFrame {
  const account = getAccount(network.ledger, publicKey);
  if (account && account.balance >= STARTING_BALANCE_STROOPS) {
    throw new FriendbotError('ALREADY_FUNDED', 'account already funded to starting balance');
  }
  const body = account
    ? xdr.OperationBody.payment(
        new xdr.PaymentOp({
          destination: xdr.MuxedAccount.keyTypeEd25519(publicKey),
          asset: xdr.Asset.assetTypeNative(),
          amount: STARTING_BALANCE_STROOPS,
        }),
      )
    : xdr.OperationBody.createAccount(
        new xdr.CreateAccountOp({
          destination: accountIdOf(publicKey),
          startingBalance: STARTING_BALANCE_STROOPS,
        }),
      );
  return sign(network, root, body, null);
}

function payContract(network: Network, root: Ed25519Signer, contract: xdr.ScAddress): TransactionFrame {
  const hostFunction = xdr.HostFunction.hostFunctionTypeInvokeContract(
    new xdr.InvokeContractArgs({
      contractAddress: xdr.ScAddress.scAddressTypeContract(
        new xdr.ContractId(network.ledger.nativeContractId),
      ),
      functionName: 'transfer',
      args: [accountAddress(root.publicKey), xdr.ScVal.scvAddress(contract), i128(STARTING_BALANCE_STROOPS)],
    }),
  );
  const simulation = network.host.simulateInvoke(network.hostLedger(), {
    hostFunction: hostFunction.toXdr(),
    source: accountIdOf(root.publicKey).toXdr(),
    seed: sha256(root.publicKey),
    auth: [],
    authMode: 'record',
    useAddressV2: false,
    instructionLeeway: 0,
  });
  if (!simulation.transactionData) {
    throw new FriendbotError('FUNDING_FAILED', simulation.error?.split('\n')[0] ?? 'simulation failed');
  }
  const auth = simulation.auth.map((entry) => xdr.SorobanAuthorizationEntry.fromXdr(entry));
  const body = xdr.OperationBody.invokeHostFunction(new xdr.InvokeHostFunctionOp({ hostFunction, auth }));
  return sign(network, root, body, xdr.SorobanTransactionData.fromXdr(simulation.transactionData));
}

function sign(
  network: Network,
  root: Ed25519Signer,
  body: xdr.OperationBody,
  data: xdr.SorobanTransactionData | null,
): TransactionFrame {
  const { networkId } = network.ledger;
  const tx = new xdr.Transaction({
    sourceAccount: xdr.MuxedAccount.keyTypeEd25519(root.publicKey),
    fee: Number(BASE_FEE_STROOPS + (data?.resourceFee ?? 0n)),
    seqNum: getAccount(network.ledger, root.publicKey)!.seqNum + 1n,
    cond: xdr.Preconditions.precondNone(),
    memo: xdr.Memo.memoNone(),
    operations: [new xdr.Operation({ sourceAccount: null, body })],
    ext: data ? xdr.TransactionExt.sorobanData(data) : xdr.TransactionExt.v0(),
  });
  const envelope = (signatures: xdr.DecoratedSignature[]) =>
    xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures }));
  const signature = new xdr.DecoratedSignature({
    hint: root.publicKey.slice(-4),
    signature: root.sign(frameOf(envelope([]), networkId).hash),
  });
  return frameOf(envelope([signature]), networkId);
}
