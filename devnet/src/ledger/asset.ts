// Assets: their form, their issuer, and the names they have in events: "native" or "CODE:ISSUER", and the id of their
// contract. Whether an issuer exists is not looked at. Pool shares are no assets here.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../bytes.ts';
import { sha256 } from '../sha256.ts';

/** An asset that an account issues. */
export type CreditAsset = Exclude<xdr.Asset, { type: 'assetTypeNative' }>;

export function isCredit(asset: xdr.Asset): asset is CreditAsset {
  return asset.type !== 'assetTypeNative';
}

/** Native, or a code of 1 to 4 or 5 to 12 letters and digits, filled up with zeros. */
export function isValidAsset(asset: xdr.Asset): boolean {
  if (!isCredit(asset)) return true;
  const code = codeOf(asset);
  return asset.type === 'assetTypeCreditAlphanum4'
    ? /^[0-9A-Za-z]{1,4}$/.test(code)
    : /^[0-9A-Za-z]{5,12}$/.test(code);
}

export function issuerOf(asset: CreditAsset): Uint8Array {
  return issuerIdOf(asset).value.toBytes();
}

export function isIssuer(publicKey: Uint8Array, asset: xdr.Asset): boolean {
  return isCredit(asset) && equalBytes(issuerOf(asset), publicKey);
}

/** The form of SEP-11. */
export function assetText(asset: xdr.Asset): string {
  return isCredit(asset) ? `${codeOf(asset)}:${issuerIdOf(asset).toJson()}` : 'native';
}

/** The id of the asset's contract, deployed or not: sha256 of its CONTRACT_ID preimage. */
export function assetContractId(networkId: Uint8Array, asset: xdr.Asset): Uint8Array {
  const preimage = xdr.HashIdPreimage.envelopeTypeContractId(
    new xdr.HashIdPreimageContractId({
      networkId,
      contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAsset(asset),
    }),
  );
  return sha256(preimage.toXdr());
}

function issuerIdOf(asset: CreditAsset): xdr.AccountId {
  return asset.type === 'assetTypeCreditAlphanum4' ? asset.alphaNum4.issuer : asset.alphaNum12.issuer;
}

/** The code without the zeros at its end. */
function codeOf(asset: CreditAsset): string {
  const bytes = (
    asset.type === 'assetTypeCreditAlphanum4' ? asset.alphaNum4.assetCode : asset.alphaNum12.assetCode
  ).toBytes();
  return String.fromCharCode(...bytes).replace(/\0+$/, '');
}
