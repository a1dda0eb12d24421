// A WebAuthn assertion as the wallet contract takes it: bytes from which the contract rebuilds authenticatorData and
// clientDataJSON, so that rpId and origin are enforced on chain (contracts/README.md).
// Compact form, 69 bytes: r||s | flags | signCount. Explicit form, for extension data or a clientDataJSON that ends
// otherwise than `,"crossOrigin":false}`: the same, then u16 lengths of extensions and tail, then both.
// The signature itself is not verified here; the network does that.
import { LatchkeyError } from '../api/errors.ts';
import { base64UrlToBytes, bytesToBase64Url, concatBytes } from './bytes.ts';

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const AUTHENTICATOR_DATA_MIN_BYTES = 37;
const DEFAULT_TAIL = ',"crossOrigin":false}';
/** The contract's cap on the explicit form. */
export const MAX_PASSKEY_PROOF_BYTES = 1024;

export type Assertion = {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
};

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('SIGNATURE_INVALID', { message });
}

/** Reads one DER INTEGER (X.690 §8.3) of at most 33 bytes at `offset`. */
function derInteger(der: Uint8Array, offset: number): { value: bigint; end: number } {
  const length = der[offset + 1];
  if (der[offset] !== 0x02 || length === undefined || length === 0 || length > 33)
    throw invalid('Malformed ECDSA signature.');
  const end = offset + 2 + length;
  if (end > der.length) throw invalid('Malformed ECDSA signature.');
  let value = 0n;
  for (const byte of der.subarray(offset + 2, end)) value = (value << 8n) | BigInt(byte);
  return { value, end };
}

/**
 * ECDSA signature from WebAuthn's DER (§6.5.5) to r||s with s in the lower half, as the Soroban host demands.
 * @throws LatchkeyError SIGNATURE_INVALID when it is no DER signature over P-256
 */
export function compactSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw invalid('Malformed ECDSA signature.');
  const r = derInteger(der, 2);
  const s = derInteger(der, r.end);
  if (s.end !== der.length) throw invalid('Malformed ECDSA signature.');
  if (r.value === 0n || s.value === 0n || r.value >= P256_ORDER || s.value >= P256_ORDER) {
    throw invalid('The ECDSA signature is out of range.');
  }
  const lowS = s.value > P256_ORDER / 2n ? P256_ORDER - s.value : s.value;
  const out = new Uint8Array(64);
  for (let i = 0; i < 32; i++) {
    out[31 - i] = Number((r.value >> BigInt(8 * i)) & 0xffn);
    out[63 - i] = Number((lowS >> BigInt(8 * i)) & 0xffn);
  }
  return out;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/**
 * The proof of a passkey's part in a signature.
 * @param origin the origin registered with the signer, e.g. "https://wallet.example"
 * @param payload the authorization payload that was the challenge
 * @throws LatchkeyError WRONG_ORIGIN or SIGNATURE_INVALID when the contract could not rebuild this assertion
 */
export function passkeyProof(
  assertion: Assertion,
  origin: string,
  payload: Uint8Array,
): { isExplicit: boolean; bytes: Uint8Array<ArrayBuffer> } {
  const clientData = new TextDecoder('utf-8', { fatal: true }).decode(
    base64UrlToBytes(assertion.clientDataJSON),
  );
  const start = `{"type":"webauthn.get","challenge":"${bytesToBase64Url(payload)}","origin":"`;
  if (!clientData.startsWith(start)) {
    throw invalid('The authenticator did not sign this challenge in the order WebAuthn §5.8.1.1 prescribes.');
  }
  if (!clientData.startsWith(`${origin}"`, start.length)) throw new LatchkeyError('WRONG_ORIGIN');
  const end = clientData.slice(start.length + origin.length + 1);
  // An empty tail stands for the default one.
  const tail = end === DEFAULT_TAIL ? new Uint8Array() : new TextEncoder().encode(end);

  const authenticatorData = base64UrlToBytes(assertion.authenticatorData);
  if (authenticatorData.length < AUTHENTICATOR_DATA_MIN_BYTES)
    throw invalid('The authenticator data is too short.');
  const flagsAndCount = authenticatorData.subarray(32, AUTHENTICATOR_DATA_MIN_BYTES);
  const extensions = authenticatorData.subarray(AUTHENTICATOR_DATA_MIN_BYTES);
  const compact = concatBytes(compactSignature(base64UrlToBytes(assertion.signature)), flagsAndCount);
  if (extensions.length === 0 && tail.length === 0) return { isExplicit: false, bytes: compact };

  const explicit = concatBytes(compact, u16(extensions.length), u16(tail.length), extensions, tail);
  if (explicit.length > MAX_PASSKEY_PROOF_BYTES)
    throw invalid('The authenticator sent more data than a wallet accepts.');
  return { isExplicit: true, bytes: explicit };
}
