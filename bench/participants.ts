// Who takes part in what is measured, and what they ask for: the same keys, names and amounts in every run, so that the
// same wasm gives the same numbers to the last digit. None of these keys may ever be used for anything else.
import { createHash } from 'node:crypto';
import { base64UrlToBytes, bytesToBase64Url, type Signer, type SignerKey } from '@latchkey/sdk/chain';
import type { SoftwareCredential } from '@latchkey/sdk/testing';
import { p256 } from '@noble/curves/nist.js';
import { Keypair, StrKey } from '@stellar/stellar-sdk/base';

/** The server's own lifetime of an approval; it decides how long the nonce has to be kept. */
export const APPROVAL_LEDGERS = 72;
export const MAX_FEE_STROOPS = 10_000_000n;
export const AMOUNT_STROOPS = 12_345_678n;
export const ORIGIN = 'https://wallet.example';
export const RP_ID = 'wallet.example';

export const bytes32 = (name: string) => new Uint8Array(createHash('sha256').update(name).digest());
export const keypair = (name: string) => Keypair.fromRawEd25519Seed(Buffer.from(bytes32(name)));

/** A contract address that nobody has a contract at. */
export const RECIPIENT = StrKey.encodeContract(Buffer.from(bytes32('recipient')));

export function credential(name: string): SoftwareCredential {
  const privateKey = bytes32(name);
  return {
    id: bytesToBase64Url(bytes32(`${name} id`)),
    rpId: RP_ID,
    privateKey,
    publicKey: p256.getPublicKey(privateKey, false),
    userHandle: 'owner',
    signCount: 0,
  };
}

/** The credential as a wallet registers it. */
export function passkeyOf({ id, publicKey }: SoftwareCredential): SignerKey {
  const passkey = {
    publicKey,
    credentialId: base64UrlToBytes(id),
    rpIdHash: bytes32(RP_ID),
    origin: ORIGIN,
  };
  return { kind: 'passkey', passkey };
}

/** @param coSigner the id of one other signer, who has to sign too */
export function admin(key: SignerKey, coSigner?: number): Signer {
  const coSigners = coSigner === undefined ? null : { signerIds: [coSigner], threshold: 1 };
  return { key, role: { kind: 'admin' }, coSigners };
}
