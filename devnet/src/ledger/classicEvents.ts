// Events that the network itself emits for classic movements, authorizations and fees (CAP-67), in the form of the
// asset contract: `transfer`, `mint`, `burn`, `clawback`, `set_authorized`, and `fee` at transaction level. They carry
// the id of the asset's contract whether or not it is deployed.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toLatin1 } from '../bytes.ts';
import { accountIdOf } from './account.ts';
import { assetContractId, assetText, isCredit, isIssuer } from './asset.ts';

/** The part of a ledger that events depend on. */
type EventLedger = { readonly networkId: Uint8Array; readonly nativeContractId: Uint8Array };

export function nativeContractId(networkId: Uint8Array): Uint8Array {
  return assetContractId(networkId, xdr.Asset.assetTypeNative());
}

/** Addresses that are kept, since the same accounts appear in event after event; when there are more, all are forgotten. */
const MAX_KNOWN_ADDRESSES = 1_000;
const knownAddresses = new Map<string, xdr.ScVal>();

export function accountAddress(publicKey: Uint8Array): xdr.ScVal {
  const text = toLatin1(publicKey);
  const known = knownAddresses.get(text);
  if (known) return known;
  const address = xdr.ScVal.scvAddress(xdr.ScAddress.scAddressTypeAccount(accountIdOf(publicKey)));
  if (knownAddresses.size >= MAX_KNOWN_ADDRESSES) knownAddresses.clear();
  knownAddresses.set(text, address);
  return address;
}

export function claimableBalanceAddress(id: xdr.ClaimableBalanceId): xdr.ScVal {
  return xdr.ScVal.scvAddress(xdr.ScAddress.scAddressTypeClaimableBalance(id));
}

export function i128(amount: bigint): xdr.ScVal {
  const hi = amount >> 64n;
  const lo = BigInt.asUintN(64, amount);
  return xdr.ScVal.scvI128(new xdr.Int128Parts({ hi, lo }));
}

/** An amount that changes hands: a mint where the issuer sends it, a burn where the issuer gets it. */
export function movementEvent(
  ledger: EventLedger,
  movement: {
    asset: xdr.Asset;
    /** Addresses of accounts or claimable balances. */
    from: xdr.ScVal;
    to: xdr.ScVal;
    amount: bigint;
    /** The multiplexed id of the destination, or what stands in for it: the transaction's memo. */
    muxedId: xdr.ScVal | null;
  },
): xdr.ContractEvent {
  const { asset, from, to, amount, muxedId } = movement;
  const isMint = isIssuerAddress(from, asset);
  const isBurn = isIssuerAddress(to, asset);
  if (isMint && !isBurn) return assetEvent(ledger, asset, ['mint', to], muxedData(amount, muxedId));
  if (isBurn && !isMint) return assetEvent(ledger, asset, ['burn', from], i128(amount));
  return assetEvent(ledger, asset, ['transfer', from, to], muxedData(amount, muxedId));
}

/** A movement in the native asset from one account to another. */
export function transferEvent(
  ledger: EventLedger,
  transfer: { from: Uint8Array; to: Uint8Array; amountStroops: bigint; muxedId: xdr.ScVal | null },
): xdr.ContractEvent {
  const { from, to, amountStroops: amount, muxedId } = transfer;
  const asset = xdr.Asset.assetTypeNative();
  return movementEvent(ledger, {
    asset,
    from: accountAddress(from),
    to: accountAddress(to),
    amount,
    muxedId,
  });
}

export function clawbackEvent(
  ledger: EventLedger,
  { asset, from, amount }: { asset: xdr.Asset; from: xdr.ScVal; amount: bigint },
): xdr.ContractEvent {
  return assetEvent(ledger, asset, ['clawback', from], i128(amount));
}

export function setAuthorizedEvent(
  ledger: EventLedger,
  { asset, holder, isAuthorized }: { asset: xdr.Asset; holder: xdr.ScVal; isAuthorized: boolean },
): xdr.ContractEvent {
  return assetEvent(ledger, asset, ['set_authorized', holder], xdr.ScVal.scvBool(isAuthorized));
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

const FEE = xdr.ScVal.scvSymbol('fee');

/** A negative amount is a refund. */
export function feeEvent(
  contractId: Uint8Array,
  payer: Uint8Array,
  amountStroops: bigint,
  stage: 'beforeAllTxs' | 'afterAllTxs',
): xdr.TransactionEvent {
  const topics = [FEE, accountAddress(payer)];
  return new xdr.TransactionEvent({
    stage:
      stage === 'beforeAllTxs'
        ? xdr.TransactionEventStage.transactionEventStageBeforeAllTxs
        : xdr.TransactionEventStage.transactionEventStageAfterAllTxs,
    event: contractEvent(contractId, topics, i128(amountStroops)),
  });
}

function isIssuerAddress({ value }: xdr.ScVal, asset: xdr.Asset): boolean {
  return (
    value instanceof xdr.ScAddress &&
    value.type === 'scAddressTypeAccount' &&
    isIssuer(value.accountId.value.toBytes(), asset)
  );
}

function muxedData(amount: bigint, muxedId: xdr.ScVal | null): xdr.ScVal {
  if (!muxedId) return i128(amount);
  const entry = (key: string, val: xdr.ScVal) => new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol(key), val });
  return xdr.ScVal.scvMap([entry('amount', i128(amount)), entry('to_muxed_id', muxedId)]);
}

function assetEvent(
  ledger: EventLedger,
  asset: xdr.Asset,
  [name, ...addresses]: [string, ...xdr.ScVal[]],
  data: xdr.ScVal,
): xdr.ContractEvent {
  const contractId = isCredit(asset) ? assetContractId(ledger.networkId, asset) : ledger.nativeContractId;
  const topics = [xdr.ScVal.scvSymbol(name), ...addresses, xdr.ScVal.scvString(assetText(asset))];
  return contractEvent(contractId, topics, data);
}

function contractEvent(contractId: Uint8Array, topics: xdr.ScVal[], data: xdr.ScVal): xdr.ContractEvent {
  return new xdr.ContractEvent({
    ext: xdr.ExtensionPoint.v0(),
    contractId: new xdr.ContractId(contractId),
    type: xdr.ContractEventType.contract,
    body: xdr.ContractEventBody.v0(new xdr.ContractEventV0({ topics, data })),
  });
}
