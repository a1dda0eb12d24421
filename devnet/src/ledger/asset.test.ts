import { Asset, Keypair, Networks, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../sha256.ts';
import { assetContractId, assetText, isIssuer, isValidAsset } from './asset.ts';

const issuer = Keypair.random();
const bytes = (text: string, length: number) =>
  new Uint8Array(length).map((_, index) => text.charCodeAt(index) || 0);
const code4 = (text: string) =>
  xdr.Asset.assetTypeCreditAlphanum4(
    new xdr.AlphaNum4({ assetCode: bytes(text, 4), issuer: issuer.xdrAccountId() }),
  );
const code12 = (text: string) =>
  xdr.Asset.assetTypeCreditAlphanum12(
    new xdr.AlphaNum12({ assetCode: bytes(text, 12), issuer: issuer.xdrAccountId() }),
  );

describe('an asset', () => {
  it('has a code of letters and digits, up to 4 in the short form and from 5 in the long one', () => {
    for (const asset of [code4('A'), code4('z0Z9'), code12('ABCDE'), code12('abcdefghij12')]) {
      expect(isValidAsset(asset)).toBe(true);
    }
    expect(isValidAsset(xdr.Asset.assetTypeNative())).toBe(true);
    for (const text of ['', 'A\0B', '\0A', 'A-B', 'Ä', 'A\n', 'A B'])
      expect(isValidAsset(code4(text))).toBe(false);
    for (const text of ['', 'ABCD', 'ABCDE\0F', 'ABCDE!']) expect(isValidAsset(code12(text))).toBe(false);
  });

  it('is called native or CODE:ISSUER', () => {
    expect(assetText(xdr.Asset.assetTypeNative())).toBe('native');
    expect(assetText(code4('USD'))).toBe(`USD:${issuer.publicKey()}`);
    expect(assetText(code12('LATCHKEYCOIN'))).toBe(`LATCHKEYCOIN:${issuer.publicKey()}`);
  });

  it('has the contract id that the SDK works out', async () => {
    const { StrKey } = await import('@stellar/stellar-sdk');
    const networkId = sha256(new TextEncoder().encode(Networks.TESTNET));
    for (const asset of [Asset.native(), new Asset('USD', issuer.publicKey())]) {
      const id = StrKey.encodeContract(Buffer.from(assetContractId(networkId, asset.toXdrObject())));
      expect(id).toBe(asset.contractId(Networks.TESTNET));
    }
  });

  it('is issued by its issuer only, the native one by nobody', () => {
    expect(isIssuer(issuer.rawPublicKey(), code4('USD'))).toBe(true);
    expect(isIssuer(Keypair.random().rawPublicKey(), code4('USD'))).toBe(false);
    expect(isIssuer(issuer.rawPublicKey(), xdr.Asset.assetTypeNative())).toBe(false);
  });
});
