// Ed25519 (RFC 8032) where there is no synchronous crypto of the platform: in pages and workers. The equation is checked
// without the cofactor, as stellar-core and Node do, so that all of them agree on every signature. Encodings are checked
// by the caller, ledger/ed25519.ts. Signing is not in constant time: the devnet's own keys are public.
import { getPublicKey, hashes, Point, sign } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../../bytes.ts';

hashes.sha512 = sha512;
const ORDER = Point.CURVE().n;

/** @throws Error when the public key is no point of the curve */
export function verifyEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = Point.fromBytes(publicKey);
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const k = littleEndian(sha512(concatBytes(r, publicKey, message))) % ORDER;
  const expected = Point.BASE.multiply(s, false).subtract(key.multiply(k, false));
  return equalBytes(expected.toBytes(), r);
}

export function keyPairOf(seed: Uint8Array): {
  publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
} {
  return { publicKey: getPublicKey(seed), sign: (message) => sign(message, seed) };
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
