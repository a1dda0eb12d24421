// The key of a passkey that was just made, read from its registration in the browser, so that what is added to a wallet
// can be compared with it. Reads the one form that a P-256 key has in CTAP2's canonical CBOR (COSE key with kty, alg, crv,
// x, y in this order); any other registration is refused. The attestation itself is not verified here.
import { LatchkeyError } from '../api/errors.ts';
import type { RegistrationResponse } from '../api/schema.ts';
import { base64UrlToBytes, bytesToHex, concatBytes } from '../chain/bytes.ts';
import type { Passkey } from '../chain/signer.ts';

/** What stands before the credential id in authenticator data: rpIdHash, flags, counter, AAGUID, length of the id. */
const BEFORE_ID_BYTES = 32 + 1 + 4 + 16 + 2;
const RP_ID_HASH_BYTES = 32;
const COORDINATE_BYTES = 32;
/** {1: 2, 3: -7, -1: 1, -2: bytes(32) … */
const COSE_BEFORE_X = 'a5010203262001215820';
/** … -3: bytes(32)} */
const COSE_BEFORE_Y = '225820';

function positionOf(bytes: Uint8Array, part: Uint8Array): number {
  const at = bytesToHex(bytes).indexOf(bytesToHex(part));
  return at === -1 || at % 2 === 1 ? -1 : at / 2;
}

/** @throws LatchkeyError UNSUPPORTED_KEY_ALGORITHM */
export function registeredPasskey(registration: RegistrationResponse): Passkey {
  const attestation = base64UrlToBytes(registration.response.attestationObject);
  const credentialId = base64UrlToBytes(registration.rawId);
  const idAt = positionOf(attestation, credentialId);
  const key = attestation.subarray(idAt + credentialId.length);
  const xAt = COSE_BEFORE_X.length / 2;
  const yAt = xAt + COORDINATE_BYTES + COSE_BEFORE_Y.length / 2;
  const isP256 =
    idAt >= BEFORE_ID_BYTES &&
    key.length >= yAt + COORDINATE_BYTES &&
    bytesToHex(key.subarray(0, xAt)) === COSE_BEFORE_X &&
    bytesToHex(key.subarray(xAt + COORDINATE_BYTES, yAt)) === COSE_BEFORE_Y;
  if (!isP256) throw new LatchkeyError('UNSUPPORTED_KEY_ALGORITHM');
  const clientData = new TextDecoder().decode(base64UrlToBytes(registration.response.clientDataJSON));
  const start = idAt - BEFORE_ID_BYTES;
  return {
    publicKey: concatBytes(
      Uint8Array.of(4),
      key.subarray(xAt, xAt + COORDINATE_BYTES),
      key.subarray(yAt, yAt + COORDINATE_BYTES),
    ),
    credentialId,
    rpIdHash: attestation.slice(start, start + RP_ID_HASH_BYTES),
    origin: String((JSON.parse(clientData) as { origin?: unknown }).origin),
  };
}
