// Ed25519 (RFC 8032) on raw keys, by Node's crypto: verification of transaction signatures and the signing that
// friendbot does. A malformed key or signature is an invalid signature, never an exception.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { toLatin1 } from '../bytes.ts';

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
export const ED25519_SIGNATURE_BYTES = 64;
/** Keys that are kept parsed; when there are more, all are forgotten. */
const MAX_PARSED_KEYS = 1_000;
const parsedKeys = new Map<string, KeyObject>();

export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ED25519_SIGNATURE_BYTES) return false;
  try {
    return verify(null, message, parsedKey(publicKey), signature);
  } catch {
    return false;
  }
}

function parsedKey(publicKey: Uint8Array): KeyObject {
  const text = toLatin1(publicKey);
  const known = parsedKeys.get(text);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  if (parsedKeys.size >= MAX_PARSED_KEYS) parsedKeys.clear();
  parsedKeys.set(text, key);
  return key;
}

export type Ed25519Signer = { readonly publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };

export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}
