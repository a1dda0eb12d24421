// The test USDC: an asset whose issuer's key everybody knows, with its contract deployed, and lines and balances for the
// seeded accounts. The issuer is the same on every network, so the asset is too; its contract differs by passphrase.
// Everything is made by real transactions, and left alone where it exists already.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount, INT64_MAX } from '../ledger/account.ts';
import { assetContractId, type CreditAsset } from '../ledger/asset.ts';
import { type EntrySource, keyText } from '../ledger/entryStore.ts';
import { getTrustLine } from '../ledger/trustline.ts';
import { sha256 } from '../sha256.ts';
import { type AccountKey, accountKeyOf } from './seededAccounts.ts';

export const USDC_CODE = 'USDC';
const ISSUER_SEED_TEXT = 'latchkey devnet: issuer of the test USDC';

export type TestUsdc = {
  readonly asset: CreditAsset;
  readonly issuer: AccountKey;
  readonly contractId: Uint8Array;
};

export function testUsdc(networkId: Uint8Array): TestUsdc {
  const issuer = accountKeyOf(sha256(new TextEncoder().encode(ISSUER_SEED_TEXT)));
  const alphaNum4 = new xdr.AlphaNum4({
    assetCode: new TextEncoder().encode(USDC_CODE),
    issuer: accountIdOf(issuer.signer.publicKey),
  });
  const asset = xdr.Asset.assetTypeCreditAlphanum4(alphaNum4) as CreditAsset;
  return { asset, issuer, contractId: assetContractId(networkId, asset) };
}

/** What deploys the asset's contract; null when that is there. */
export function contractCreation(
  entries: EntrySource,
  { asset, contractId }: TestUsdc,
): xdr.HostFunction | null {
  const instance = new xdr.LedgerKeyContractData({
    contract: xdr.ScAddress.scAddressTypeContract(new xdr.ContractId(contractId)),
    key: xdr.ScVal.scvLedgerKeyContractInstance(),
    durability: xdr.ContractDataDurability.persistent,
  });
  if (entries.get(keyText(xdr.LedgerKey.contractData(instance).toXdr()))) return null;
  return xdr.HostFunction.hostFunctionTypeCreateContract(
    new xdr.CreateContractArgs({
      contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAsset(asset),
      executable: xdr.ContractExecutable.contractExecutableStellarAsset(),
    }),
  );
}

/** What gives an account its line. */
export function trustBody({ asset }: TestUsdc): xdr.OperationBody {
  const line = xdr.ChangeTrustAsset.fromXdr(asset.toXdr());
  return xdr.OperationBody.changeTrust(new xdr.ChangeTrustOp({ line, limit: INT64_MAX }));
}

export function lacksLine(entries: EntrySource, { asset }: TestUsdc, account: AccountKey): boolean {
  const { publicKey } = account.signer;
  return getAccount(entries, publicKey) !== null && getTrustLine(entries, publicKey, asset) === null;
}
