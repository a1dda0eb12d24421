// Ed25519 (RFC 8032) by Node's crypto, which checks the equation without the cofactor, as stellar-core does. Encodings
// are checked by the caller, ledger/ed25519.ts. Parsed keys are kept, since parsing costs as much as verifying.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { concatBytes, fromHex, toLatin1 } from '../../bytes.ts';

const SPKI_PREFIX = fromHex('302a300506032b6570032100');
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');
/** When there are more, all are forgotten. */
const MAX_PARSED_KEYS = 1_000;
const parsedKeys = new Map<string, KeyObject>();

/** @throws Error when the public key is no point of the curve */
export function verifyEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, parsedKey(publicKey), signature);
}

export function keyPairOf(seed: Uint8Array): {
  publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
} {
  const key = createPrivateKey({
    key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

function parsedKey(publicKey: Uint8Array): KeyObject {
  const text = toLatin1(publicKey);
  const known = parsedKeys.get(text);
  if (known) return known;
  const key = createPublicKey({
    key: Buffer.from(concatBytes(SPKI_PREFIX, publicKey)),
    format: 'der',
    type: 'spki',
  });
  if (parsedKeys.size >= MAX_PARSED_KEYS) parsedKeys.clear();
  parsedKeys.set(text, key);
  return key;
}
