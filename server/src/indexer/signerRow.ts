// A registered signer as a row, and as JSON for whoever asks. The row keeps the whole registration as XDR: what an
// expired session needs to be added again is in it.
import {
  bytesToBase64Url,
  bytesToHex,
  readSigner,
  type Signer,
  type SignerKey,
  signerToScVal,
} from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import type { IndexedSigner } from '../db/indexedWallets.ts';

type KeyColumns = Pick<IndexedSigner, 'kind' | 'credential_id' | 'public_key' | 'address'>;

function keyColumns(key: SignerKey): KeyColumns {
  const none = { kind: key.kind, credential_id: null, public_key: null, address: null };
  switch (key.kind) {
    case 'passkey':
      return {
        ...none,
        credential_id: bytesToBase64Url(key.passkey.credentialId),
        public_key: bytesToHex(key.passkey.publicKey),
      };
    case 'ed25519':
      return {
        ...none,
        public_key: bytesToHex(key.publicKey),
        address: StrKey.encodeEd25519PublicKey(Buffer.from(key.publicKey)),
      };
    case 'account':
      return { ...none, address: key.address };
    case 'post-quantum':
      return { ...none, public_key: bytesToHex(key.publicKeyHash) };
  }
}

/** What of the row follows from the registration. */
export function signerColumns(
  signer: Signer,
): KeyColumns & Pick<IndexedSigner, 'role' | 'expires_at_ledger' | 'signer_xdr'> {
  return {
    ...keyColumns(signer.key),
    role: signer.role.kind,
    expires_at_ledger: signer.role.kind === 'session' ? signer.role.expiresAtLedger : null,
    signer_xdr: signerToScVal(signer).toXdr('base64'),
  };
}

export function signerOf(row: Pick<IndexedSigner, 'signer_xdr'>): Signer {
  return readSigner(ScVal.fromXdr(row.signer_xdr, 'base64'));
}

/** Public keys in hex, credential ids in base64url. */
export function keyJson(key: SignerKey) {
  switch (key.kind) {
    case 'passkey':
      return {
        kind: key.kind,
        credentialId: bytesToBase64Url(key.passkey.credentialId),
        publicKey: bytesToHex(key.passkey.publicKey),
        rpIdHash: bytesToHex(key.passkey.rpIdHash),
        origin: key.passkey.origin,
      };
    case 'ed25519':
      return { kind: key.kind, publicKey: bytesToHex(key.publicKey) };
    case 'account':
      return key;
    case 'post-quantum':
      return { ...key, publicKeyHash: bytesToHex(key.publicKeyHash) };
  }
}

export function signerJson({ key, role, coSigners }: Signer) {
  return { key: keyJson(key), role, coSigners };
}
