// A WebAuthn authenticator in software, for tests: real CBOR attestation objects ("none"), real P-256 assertions,
// resident keys, and switches to misbehave the way hostile or odd authenticators do (WebAuthn Level 3 §6).
// Test use only: keys live in memory and no user is ever asked.

import { encodeCBOR } from '@levischuck/tiny-cbor';
import { p256 } from '@noble/curves/nist.js';
import { LatchkeyError } from '../api/errors.ts';
import type { AuthenticationResponse, RegistrationResponse } from '../api/schema.ts';
import { base64UrlToBytes, bytesToBase64Url, concatBytes, sha256 } from '../chain/bytes.ts';
import type { PasskeyCeremonies } from '../signers/passkey.ts';

const FLAG_UP = 0x01;
const FLAG_UV = 0x04;
const FLAG_BE = 0x08;
const FLAG_BS = 0x10;
const FLAG_AT = 0x40;
const FLAG_ED = 0x80;
const AAGUID = new Uint8Array(16);
const CREDENTIAL_ID_BYTES = 32;

export type SoftwareCredential = {
  id: string;
  rpId: string;
  privateKey: Uint8Array;
  /** 65 bytes, uncompressed */
  publicKey: Uint8Array;
  userHandle: string;
  signCount: number;
};

export type AuthenticatorQuirks = {
  /** origin written to clientDataJSON instead of the page's */
  origin?: string;
  /** relying party id hashed into authenticatorData instead of the options' */
  rpId?: string;
  challenge?: string;
  userPresent?: boolean;
  userVerified?: boolean;
  /** what follows the origin in clientDataJSON; `,"crossOrigin":false}` when absent */
  clientDataTail?: string;
  /** CBOR map appended to authenticatorData, with the ED flag */
  extensions?: Uint8Array;
  signCount?: number;
  /** COSE algorithm announced at registration; -7 (ES256) when absent */
  coseAlgorithm?: number;
};

export type SoftwareAuthenticator = PasskeyCeremonies & {
  credentials: SoftwareCredential[];
  /** Applied to every following ceremony until changed. */
  quirks: AuthenticatorQuirks;
};

type Descriptor = { id: string };
type CreationOptions = {
  challenge: string;
  rp: { id?: string };
  user: { id: string };
  excludeCredentials?: Descriptor[];
};
type RequestOptions = { challenge: string; rpId?: string; allowCredentials?: Descriptor[] };

export function createSoftwareAuthenticator(page: { origin: string; rpId: string }): SoftwareAuthenticator {
  const credentials: SoftwareCredential[] = [];
  const authenticator: SoftwareAuthenticator = {
    credentials,
    quirks: {},

    async register(raw): Promise<RegistrationResponse> {
      const options = raw as CreationOptions;
      if (options.excludeCredentials?.some((it) => credentials.some((mine) => mine.id === it.id))) {
        throw new LatchkeyError('PASSKEY_ALREADY_REGISTERED');
      }
      const privateKey = p256.utils.randomSecretKey();
      const credential: SoftwareCredential = {
        id: bytesToBase64Url(crypto.getRandomValues(new Uint8Array(CREDENTIAL_ID_BYTES))),
        rpId: options.rp.id ?? page.rpId,
        privateKey,
        publicKey: p256.getPublicKey(privateKey, false),
        userHandle: options.user.id,
        signCount: 0,
      };
      const authData = concatBytes(
        await authenticatorData(authenticator.quirks, credential, FLAG_AT),
        attestedCredentialData(credential, authenticator.quirks.coseAlgorithm ?? -7),
        authenticator.quirks.extensions ?? new Uint8Array(),
      );
      credentials.push(credential);
      const attestationObject = encodeCBOR(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authData],
        ]) as never,
      );
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        clientExtensionResults: {},
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: bytesToBase64Url(
            clientData(authenticator.quirks, page.origin, 'webauthn.create', options.challenge),
          ),
          attestationObject: bytesToBase64Url(attestationObject),
          transports: ['internal'],
        },
      };
    },

    async authenticate(raw): Promise<AuthenticationResponse> {
      const options = raw as RequestOptions;
      const rpId = options.rpId ?? page.rpId;
      const credential = credentials.findLast(
        (it) =>
          it.rpId === rpId &&
          (!options.allowCredentials?.length || options.allowCredentials.some((a) => a.id === it.id)),
      );
      if (!credential) throw new LatchkeyError('PASSKEY_CANCELLED');
      credential.signCount = authenticator.quirks.signCount ?? credential.signCount + 1;
      const authData = concatBytes(
        await authenticatorData(authenticator.quirks, credential, 0),
        authenticator.quirks.extensions ?? new Uint8Array(),
      );
      const clientDataJSON = clientData(authenticator.quirks, page.origin, 'webauthn.get', options.challenge);
      const message = concatBytes(authData, await sha256(clientDataJSON));
      const signature = p256.sign(message, credential.privateKey, { format: 'der', lowS: false });
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        clientExtensionResults: {},
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: bytesToBase64Url(clientDataJSON),
          authenticatorData: bytesToBase64Url(authData),
          signature: bytesToBase64Url(signature),
          userHandle: credential.userHandle,
        },
      };
    },
  };
  return authenticator;
}

/** CollectedClientData, serialised in the order of WebAuthn §5.8.1.1. */
function clientData(
  quirks: AuthenticatorQuirks,
  pageOrigin: string,
  type: string,
  challenge: string,
): Uint8Array {
  const head = `{"type":"${type}","challenge":"${quirks.challenge ?? challenge}","origin":"${quirks.origin ?? pageOrigin}"`;
  return new TextEncoder().encode(head + (quirks.clientDataTail ?? ',"crossOrigin":false}'));
}

/** The fixed 37 bytes of authenticator data: rpIdHash, flags, signCount (WebAuthn §6.1). */
async function authenticatorData(
  quirks: AuthenticatorQuirks,
  credential: SoftwareCredential,
  extraFlags: number,
): Promise<Uint8Array> {
  const flags =
    (quirks.userPresent === false ? 0 : FLAG_UP) |
    (quirks.userVerified === false ? 0 : FLAG_UV) |
    FLAG_BE |
    FLAG_BS |
    (quirks.extensions ? FLAG_ED : 0) |
    extraFlags;
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, credential.signCount);
  const rpIdHash = await sha256(new TextEncoder().encode(quirks.rpId ?? credential.rpId));
  return concatBytes(rpIdHash, Uint8Array.of(flags), count);
}

/** AAGUID, credential id and COSE key (WebAuthn §6.5.1, RFC 9053 §7.1.1). */
function attestedCredentialData(credential: SoftwareCredential, coseAlgorithm: number): Uint8Array {
  const id = base64UrlToBytes(credential.id);
  const coseKey = new Map<number, unknown>([
    [1, 2],
    [3, coseAlgorithm],
    [-1, 1],
    [-2, credential.publicKey.slice(1, 33)],
    [-3, credential.publicKey.slice(33)],
  ]);
  return concatBytes(
    AAGUID,
    Uint8Array.of(id.length >> 8, id.length & 0xff),
    id,
    encodeCBOR(coseKey as never),
  );
}
