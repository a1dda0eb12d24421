// Whose signature a contract call is spared: the first impersonated address among those that its authorization entries
// are of. The host spares one address a call; of further ones it checks the signatures as ever.
import type * as xdr from '@stellar/stellar-sdk/xdr';

/** @returns an encoded ScAddress, or null when nobody is spared anything */
export function impersonatedAddress(
  entries: readonly xdr.SorobanAuthorizationEntry[],
  impersonated: ReadonlySet<string>,
): Uint8Array | null {
  if (impersonated.size === 0) return null;
  for (const { credentials } of entries) {
    const address = addressOf(credentials);
    if (address && impersonated.has(String(address.toJson()))) return address.toXdr();
  }
  return null;
}

function addressOf(credentials: xdr.SorobanCredentials): xdr.ScAddress | null {
  switch (credentials.type) {
    case 'sorobanCredentialsSourceAccount':
      return null;
    case 'sorobanCredentialsAddress':
      return credentials.address.address;
    case 'sorobanCredentialsAddressV2':
      return credentials.addressV2.address;
    case 'sorobanCredentialsAddressWithDelegates':
      return credentials.addressWithDelegates.addressCredentials.address;
  }
}
