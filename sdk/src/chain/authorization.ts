// Soroban authorization entries: the 32-byte payload a signer signs, and putting a signature in place.
// The payload is sha256 of the HashIdPreimage of CAP-46-11, or of CAP-71's form that also binds the signing
// address (AddressV2 credentials). For a passkey this payload *is* the WebAuthn challenge.
// Entries with delegated credentials are refused: nothing here makes or reviews them yet.
import {
  ContractDataDurability,
  HashIdPreimage,
  HashIdPreimageSorobanAuthorization,
  HashIdPreimageSorobanAuthorizationWithAddress,
  type HostFunction,
  LedgerKey,
  LedgerKeyContractData,
  ScNonceKey,
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { sha256 } from './bytes.ts';
import { scBytes, scStruct, scVec } from './values.ts';

/** Address credentials of an entry, or null where the transaction's source account authorizes by signing. */
export function addressCredentials(entry: SorobanAuthorizationEntry): SorobanAddressCredentials | null {
  const { credentials } = entry;
  switch (credentials.type) {
    case 'sorobanCredentialsAddress':
    case 'sorobanCredentialsAddressV2':
      return credentials.value;
    case 'sorobanCredentialsSourceAccount':
      return null;
    default:
      throw new LatchkeyError('AUTHORIZATION_MISMATCH', {
        message: 'The authorization entry uses delegated credentials, which this wallet never asked for.',
      });
  }
}

function withCredentials(
  entry: SorobanAuthorizationEntry,
  change: { signature?: ScVal; expiresAtLedger?: number },
): SorobanAuthorizationEntry {
  const old = addressCredentials(entry);
  if (!old) return entry;
  const next = new SorobanAddressCredentials({
    address: old.address,
    nonce: old.nonce,
    signatureExpirationLedger: change.expiresAtLedger ?? old.signatureExpirationLedger,
    signature: change.signature ?? old.signature,
  });
  return new SorobanAuthorizationEntry({
    rootInvocation: entry.rootInvocation,
    credentials:
      entry.credentials.type === 'sorobanCredentialsAddressV2'
        ? SorobanCredentials.sorobanCredentialsAddressV2(next)
        : SorobanCredentials.sorobanCredentialsAddress(next),
  });
}

/** Sets the last ledger in which the signature is valid; it is part of what is signed. */
export function withExpiration(
  entry: SorobanAuthorizationEntry,
  expiresAtLedger: number,
): SorobanAuthorizationEntry {
  return withCredentials(entry, { expiresAtLedger });
}

export function withSignature(entry: SorobanAuthorizationEntry, signature: ScVal): SorobanAuthorizationEntry {
  return withCredentials(entry, { signature });
}

/** The 32 bytes that `__check_auth` receives as `signature_payload`, and that the passkey gets as its challenge. */
export async function authorizationPayload(
  entry: SorobanAuthorizationEntry,
  networkPassphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const credentials = addressCredentials(entry);
  if (!credentials)
    throw new TypeError('an entry authorized by the source account has no payload of its own');
  const networkId = await sha256(new TextEncoder().encode(networkPassphrase));
  const { nonce, signatureExpirationLedger, address } = credentials;
  const invocation = entry.rootInvocation;
  const preimage =
    entry.credentials.type === 'sorobanCredentialsAddressV2'
      ? HashIdPreimage.envelopeTypeSorobanAuthorizationWithAddress(
          new HashIdPreimageSorobanAuthorizationWithAddress({
            networkId,
            nonce,
            signatureExpirationLedger,
            address,
            invocation,
          }),
        )
      : HashIdPreimage.envelopeTypeSorobanAuthorization(
          new HashIdPreimageSorobanAuthorization({ networkId, nonce, signatureExpirationLedger, invocation }),
        );
  return sha256(preimage.toXdr());
}

/** Whether signing the entry allows exactly this call, with nothing nested in it. */
export function authorizesOnly(entry: SorobanAuthorizationEntry, hostFunction: HostFunction): boolean {
  const { function: invoked, subInvocations } = entry.rootInvocation;
  return (
    subInvocations.length === 0 &&
    hostFunction.type === 'hostFunctionTypeInvokeContract' &&
    invoked.type === 'sorobanAuthorizedFunctionTypeContractFn' &&
    invoked.value.toXdr('base64') === hostFunction.value.toXdr('base64')
  );
}

/** Signature value of a classic account (G…) in an authorization entry: one ed25519 key and its signature. */
export function accountSignature(publicKey: Uint8Array, signature: Uint8Array): ScVal {
  return scVec([scStruct({ public_key: scBytes(publicKey), signature: scBytes(signature) })]);
}

/** Ledger key of the entry's nonce: present, until the signature expires, exactly when the entry was used. */
export function nonceKey(credentials: SorobanAddressCredentials): LedgerKey {
  return LedgerKey.contractData(
    new LedgerKeyContractData({
      contract: credentials.address,
      key: ScVal.scvLedgerKeyNonce(new ScNonceKey({ nonce: credentials.nonce })),
      durability: ContractDataDurability.temporary,
    }),
  );
}
