// The relying party's side of WebAuthn (Level 3 §7.1 and §7.2): options, and verification of what comes back. Each
// step that can fail has a code of its own. Cryptography and CBOR are @simplewebauthn/server's. Attestation is not
// asked for; a signature counter that does not rise is reported to the caller, not refused, since synced passkeys
// legitimately stay at zero. Whether the challenge is live is the caller's question (db/challenges.ts).

import { type AuthenticationResponse, LatchkeyError, type RegistrationResponse } from '@latchkey/sdk/api';
import {
  base64ToBytes,
  base64UrlToBytes,
  bytesToBase64,
  concatBytes,
  equalBytes,
  sha256,
} from '@latchkey/sdk/chain';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import {
  cose,
  decodeAttestationObject,
  decodeCredentialPublicKey,
  parseAuthenticatorData,
} from '@simplewebauthn/server/helpers';
import { CHALLENGE_LIFETIME_MS } from '../db/challenges.ts';
import type { Credential } from '../db/credentials.ts';

const ES256 = -7;
const P256_COORDINATE_BYTES = 32;
const TIMEOUT_MS = CHALLENGE_LIFETIME_MS;

/** What a ceremony has to know of a registered credential. */
export type KnownCredential = Pick<Credential, 'id' | 'public_key' | 'sign_count' | 'transports'>;

export type RelyingParty = { name: string; id: string; origin: string };

type ParsedClientData = { type: string; challenge: string; origin: string; crossOrigin: boolean };

/** Reads clientDataJSON without trusting it. @throws LatchkeyError INVALID_REQUEST */
export function readClientData(clientDataJSON: string): ParsedClientData {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(base64UrlToBytes(clientDataJSON));
    const data = JSON.parse(text) as Partial<ParsedClientData>;
    const { type, challenge, origin } = data;
    if (typeof type === 'string' && typeof challenge === 'string' && typeof origin === 'string') {
      return { type, challenge, origin, crossOrigin: data.crossOrigin === true };
    }
  } catch {
    // falls through to the one error for everything that is no client data
  }
  throw new LatchkeyError('INVALID_REQUEST', {
    message: 'clientDataJSON is not a WebAuthn client data object.',
    details: { field: 'clientDataJSON' },
  });
}

/** §7.1 steps 7-11 and §7.2 steps 10-14: type, origin, and that the page was not framed by another site. */
function checkClientData(
  data: ParsedClientData,
  type: 'webauthn.create' | 'webauthn.get',
  origin: string,
): void {
  if (data.type !== type) throw new LatchkeyError('CHALLENGE_WRONG_PURPOSE');
  if (data.origin !== origin || data.crossOrigin) throw new LatchkeyError('WRONG_ORIGIN');
}

/** §7.1 steps 13-15 and §7.2 steps 15-17: relying party id, user presence, user verification. */
async function checkAuthenticatorData(bytes: Uint8Array<ArrayBuffer>, rpId: string): Promise<void> {
  const data = parsed(() => parseAuthenticatorData(bytes), 'authenticatorData');
  if (!equalBytes(data.rpIdHash, await sha256(new TextEncoder().encode(rpId)))) {
    throw new LatchkeyError('WRONG_RELYING_PARTY');
  }
  if (!data.flags.up) throw new LatchkeyError('USER_PRESENCE_REQUIRED');
  if (!data.flags.uv) throw new LatchkeyError('USER_VERIFICATION_REQUIRED');
}

function parsed<T>(read: () => T, field: string): T {
  try {
    return read();
  } catch (cause) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: `${field} is malformed.`,
      details: { field },
      cause,
    });
  }
}

/** @throws TypeError where the CBOR is anything but a map: the library's types promise more than it checks */
function coseMap(credentialPublicKey: Uint8Array<ArrayBuffer>) {
  const key = decodeCredentialPublicKey(credentialPublicKey);
  if (!(key instanceof Map)) throw new TypeError('a COSE key is a map');
  return key;
}

/** The 65 bytes of a stored COSE key, uncompressed. @throws LatchkeyError UNSUPPORTED_KEY_ALGORITHM */
export function publicKeyPoint(coseKey: string): Uint8Array<ArrayBuffer> {
  const key = coseMap(base64ToBytes(coseKey)) as Map<number, unknown>;
  const [x, y] = [key.get(cose.COSEKEYS.x), key.get(cose.COSEKEYS.y)];
  if (!isCoordinate(x) || !isCoordinate(y)) throw new LatchkeyError('UNSUPPORTED_KEY_ALGORITHM');
  return concatBytes(Uint8Array.of(0x04), x, y);
}

/** RFC 9053 §7.1.1: a byte string; CBOR could hold text or a list of the same length. */
function isCoordinate(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === P256_COORDINATE_BYTES;
}

export async function registrationOptions(
  rp: RelyingParty,
  user: { email: string; id: string },
  exclude: KnownCredential[],
) {
  return generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    userName: user.email,
    userDisplayName: user.email,
    userID: new TextEncoder().encode(user.id),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: [ES256],
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    excludeCredentials: exclude.map(descriptor),
  });
}

function descriptor(credential: KnownCredential) {
  return { id: credential.id, transports: JSON.parse(credential.transports) };
}

/** @param challenge 32 bytes: random for sign-in, the authorization payload for a transaction */
export async function authenticationOptions(
  rp: RelyingParty,
  challenge: Uint8Array<ArrayBuffer>,
  allow: KnownCredential[],
) {
  return generateAuthenticationOptions({
    rpID: rp.id,
    challenge,
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: allow.map(descriptor),
  });
}

export type NewCredential = {
  id: string;
  /** COSE key, base64 */
  publicKey: string;
  /** 65 bytes, uncompressed */
  point: Uint8Array;
  signCount: number;
  transports: string[];
};

/** §7.1. @throws LatchkeyError with the code of the first step that fails */
export async function verifyRegistration(
  rp: RelyingParty,
  response: RegistrationResponse,
  challenge: string,
): Promise<NewCredential> {
  checkClientData(readClientData(response.response.clientDataJSON), 'webauthn.create', rp.origin);
  const authData = parsed(
    () => decodeAttestationObject(base64UrlToBytes(response.response.attestationObject)).get('authData'),
    'attestationObject',
  );
  await checkAuthenticatorData(authData, rp.id);
  const { credentialPublicKey } = parseAuthenticatorData(authData);
  if (!credentialPublicKey) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'The attestation object holds no public key.',
      details: { field: 'attestationObject' },
    });
  }
  const key = parsed(() => coseMap(credentialPublicKey), 'attestationObject');
  if (key.get(cose.COSEKEYS.alg) !== ES256 || !cose.isCOSEPublicKeyEC2(key)) {
    throw new LatchkeyError('UNSUPPORTED_KEY_ALGORITHM');
  }
  const [x, y, curve] = [key.get(cose.COSEKEYS.x), key.get(cose.COSEKEYS.y), key.get(cose.COSEKEYS.crv)];
  if (curve !== cose.COSECRV.P256 || !isCoordinate(x) || !isCoordinate(y)) {
    throw new LatchkeyError('UNSUPPORTED_KEY_ALGORITHM');
  }
  const verification = await verifyRegistrationResponse({
    response: response as unknown as Parameters<typeof verifyRegistrationResponse>[0]['response'],
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: [ES256],
  }).catch((cause: unknown) => {
    throw new LatchkeyError('SIGNATURE_INVALID', {
      message: 'The registration could not be verified.',
      cause,
    });
  });
  if (!verification.verified) throw new LatchkeyError('SIGNATURE_INVALID');
  const { credential } = verification.registrationInfo;
  return {
    id: credential.id,
    publicKey: bytesToBase64(credential.publicKey),
    point: concatBytes(Uint8Array.of(0x04), x, y),
    signCount: credential.counter,
    transports: response.response.transports ?? [],
  };
}

/** §7.2. @throws LatchkeyError with the code of the first step that fails */
export async function verifyAssertion(
  rp: RelyingParty,
  response: AuthenticationResponse,
  challenge: string,
  credential: KnownCredential,
): Promise<{ signCount: number; counterRose: boolean }> {
  checkClientData(readClientData(response.response.clientDataJSON), 'webauthn.get', rp.origin);
  const authData = parsed(() => base64UrlToBytes(response.response.authenticatorData), 'authenticatorData');
  await checkAuthenticatorData(authData, rp.id);
  const verification = await verifyAuthenticationResponse({
    response: response as unknown as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    credential: { id: credential.id, publicKey: base64ToBytes(credential.public_key), counter: 0 },
  }).catch((cause: unknown) => {
    throw new LatchkeyError('SIGNATURE_INVALID', { cause });
  });
  if (!verification.verified) throw new LatchkeyError('SIGNATURE_INVALID');
  const signCount = verification.authenticationInfo.newCounter;
  const bothZero = signCount === 0 && credential.sign_count === 0;
  return { signCount, counterRose: bothZero || signCount > credential.sign_count };
}
