// Ed25519 (RFC 8032) on raw keys: verification of transaction signatures and the signing that friendbot does. What
// counts as well encoded is decided here, as strictly as in stellar-core, and the same in Node and in browsers.
// A malformed key or signature is an invalid signature, never an exception.
import { keyPairOf, verifyEquation } from '#platform/ed25519';
import { fromHex } from '../bytes.ts';

const PUBLIC_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;
/** The field's prime and the order of the base point, little-endian as on the wire. */
const FIELD_PRIME = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
const GROUP_ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
/** The y coordinates of the points whose order divides 8; the sign of x does not matter. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex);

export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false;
  if (!isAcceptablePoint(publicKey) || !isAcceptablePoint(signature.subarray(0, 32))) return false;
  if (!isLess(signature.subarray(32), GROUP_ORDER)) return false;
  try {
    return verifyEquation(publicKey, message, signature);
  } catch {
    return false;
  }
}

export type Ed25519Signer = { readonly publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };

export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  return keyPairOf(seed);
}

/** Canonically encoded, and not of small order; whether it is on the curve shows when it is used. */
function isAcceptablePoint(encoded: Uint8Array): boolean {
  const y = encoded.slice();
  y[31]! &= 0x7f;
  return isLess(y, FIELD_PRIME) && !SMALL_ORDER.some((point) => point.every((byte, at) => byte === y[at]));
}

function isLess(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = left.length - 1; at >= 0; at--) {
    if (left[at] !== right[at]) return left[at]! < right[at]!;
  }
  return false;
}
