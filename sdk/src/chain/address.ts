// Stellar addresses as people see them (strkey, SEP-23). Latchkey moves funds between accounts (G…) and contracts
// (C…); muxed, claimable-balance and pool addresses are refused here. Existence on the network is not checked.
import {
  Asset,
  ContractId,
  ContractIdPreimage,
  HashIdPreimage,
  HashIdPreimageContractId,
  ScAddress,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { sha256 } from './bytes.ts';

const ADDRESS = /^[GC][A-Z2-7]{55}$/;

/** @throws LatchkeyError INVALID_ADDRESS naming `field` when the text is no G… or C… address with a right checksum */
export function parseAddress(text: string, field = 'address'): ScAddress {
  const refuse = (message?: string) =>
    new LatchkeyError('INVALID_ADDRESS', { ...(message ? { message } : {}), details: { field } });
  if (!ADDRESS.test(text)) throw refuse();
  try {
    return ScAddress.fromJson(text);
  } catch {
    throw refuse('This address has a typing error: its checksum does not match.');
  }
}

export function addressToScVal(address: string): ScVal {
  return ScVal.scvAddress(parseAddress(address));
}

/** The G… or C… form of an address value, or null for any other value. */
export function scValToAddress(value: ScVal | undefined): string | null {
  return value?.type === 'scvAddress' ? String(value.value.toJson()) : null;
}

/** The address a contract with this preimage has on a network, deployed or not (CAP-46-02). */
export async function contractAddress(
  contractIdPreimage: ContractIdPreimage,
  networkPassphrase: string,
): Promise<string> {
  const networkId = await sha256(new TextEncoder().encode(networkPassphrase));
  const preimage = HashIdPreimage.envelopeTypeContractId(
    new HashIdPreimageContractId({ networkId, contractIdPreimage }),
  );
  return String(ScAddress.scAddressTypeContract(new ContractId(await sha256(preimage.toXdr()))).toJson());
}

/** The native asset's contract on a network. */
export function nativeTokenId(networkPassphrase: string): Promise<string> {
  return contractAddress(
    ContractIdPreimage.contractIdPreimageFromAsset(Asset.assetTypeNative()),
    networkPassphrase,
  );
}
