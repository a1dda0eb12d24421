// Events that the network itself emits for classic movements and fees (CAP-67): `transfer` in the form of the asset
// contract, and `fee` at transaction level. Only the native asset is covered; amounts are stroops.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { sha256 } from '../sha256.ts';
import { accountIdOf } from './account.ts';

/** The id of the native asset's contract, deployed or not: sha256 of its CONTRACT_ID preimage. */
export function nativeContractId(networkId: Uint8Array): Uint8Array {
  const preimage = xdr.HashIdPreimage.envelopeTypeContractId(
    new xdr.HashIdPreimageContractId({
      networkId,
      contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAsset(xdr.Asset.assetTypeNative()),
    }),
  );
  return sha256(preimage.toXdr());
}

export function accountAddress(publicKey: Uint8Array): xdr.ScVal {
  return xdr.ScVal.scvAddress(xdr.ScAddress.scAddressTypeAccount(accountIdOf(publicKey)));
}

export function i128(amount: bigint): xdr.ScVal {
  const hi = amount >> 64n;
  const lo = BigInt.asUintN(64, amount);
  return xdr.ScVal.scvI128(new xdr.Int128Parts({ hi, lo }));
}

export function transferEvent(
  contractId: Uint8Array,
  transfer: {
    from: Uint8Array;
    to: Uint8Array;
    amountStroops: bigint;
    /** The multiplexed id of the destination, or what stands in for it: the transaction's memo. */
    muxedId: xdr.ScVal | null;
  },
): xdr.ContractEvent {
  const amount = i128(transfer.amountStroops);
  const entry = (key: string, val: xdr.ScVal) => new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol(key), val });
  const data = transfer.muxedId
    ? xdr.ScVal.scvMap([entry('amount', amount), entry('to_muxed_id', transfer.muxedId)])
    : amount;
  const topics = [
    xdr.ScVal.scvSymbol('transfer'),
    accountAddress(transfer.from),
    accountAddress(transfer.to),
    xdr.ScVal.scvString('native'),
  ];
  return contractEvent(contractId, topics, data);
}

/** CAP-67: the id of a muxed destination; for a plain one the memo, if there is any. */
export function muxedIdOf(destination: xdr.MuxedAccount, memo: xdr.Memo): xdr.ScVal | null {
  if (destination.type === 'keyTypeMuxedEd25519') return xdr.ScVal.scvU64(destination.med25519.id);
  switch (memo.type) {
    case 'memoNone':
      return null;
    case 'memoId':
      return xdr.ScVal.scvU64(memo.id);
    case 'memoText':
      return xdr.ScVal.scvString(memo.text);
    case 'memoHash':
      return xdr.ScVal.scvBytes(memo.hash.toBytes());
    case 'memoReturn':
      return xdr.ScVal.scvBytes(memo.retHash.toBytes());
  }
}

/** A negative amount is a refund. */
export function feeEvent(
  contractId: Uint8Array,
  payer: Uint8Array,
  amountStroops: bigint,
  stage: 'beforeAllTxs' | 'afterAllTxs',
): xdr.TransactionEvent {
  const topics = [xdr.ScVal.scvSymbol('fee'), accountAddress(payer)];
  return new xdr.TransactionEvent({
    stage:
      stage === 'beforeAllTxs'
        ? xdr.TransactionEventStage.transactionEventStageBeforeAllTxs
        : xdr.TransactionEventStage.transactionEventStageAfterAllTxs,
    event: contractEvent(contractId, topics, i128(amountStroops)),
  });
}

/** The diagnostic that explains why a transaction's resources or fee were refused. */
export function errorDiagnostic(message: string): xdr.DiagnosticEvent {
  const error = xdr.ScError.sceBudget(xdr.ScErrorCode.scecExceededLimit);
  const topics = [xdr.ScVal.scvSymbol('error'), xdr.ScVal.scvError(error)];
  return new xdr.DiagnosticEvent({
    inSuccessfulContractCall: false,
    event: new xdr.ContractEvent({
      ext: xdr.ExtensionPoint.v0(),
      contractId: null,
      type: xdr.ContractEventType.diagnostic,
      body: xdr.ContractEventBody.v0(new xdr.ContractEventV0({ topics, data: xdr.ScVal.scvString(message) })),
    }),
  });
}

function contractEvent(contractId: Uint8Array, topics: xdr.ScVal[], data: xdr.ScVal): xdr.ContractEvent {
  return new xdr.ContractEvent({
    ext: xdr.ExtensionPoint.v0(),
    contractId: new xdr.ContractId(contractId),
    type: xdr.ContractEventType.contract,
    body: xdr.ContractEventBody.v0(new xdr.ContractEventV0({ topics, data })),
  });
}
