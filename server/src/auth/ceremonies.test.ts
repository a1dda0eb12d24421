import { LatchkeyError, type RegistrationResponse } from '@latchkey/sdk/api';
import { base64UrlToBytes, bytesToBase64, bytesToBase64Url, concatBytes } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator } from '@latchkey/sdk/testing';
import { decodeAttestationObject, isoCBOR, parseAuthenticatorData } from '@simplewebauthn/server/helpers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../db/credentials.ts';
import {
  authenticationOptions,
  readClientData,
  registrationOptions,
  verifyAssertion,
  verifyRegistration,
} from './ceremonies.ts';

const rp = { name: 'Latchkey', id: 'wallet.example', origin: 'https://wallet.example' };
const challenge = bytesToBase64Url(new Uint8Array(32).fill(7));
const failure = (code: string, field?: string) =>
  expect.objectContaining({ code, ...(field ? { details: { field } } : {}) });

function authenticatorHere() {
  return createSoftwareAuthenticator({ origin: rp.origin, rpId: rp.id });
}

async function registered() {
  const authenticator = authenticatorHere();
  const options = { challenge, rp: { id: rp.id }, user: { id: 'AA' } };
  return { authenticator, registration: await authenticator.register(options) };
}

async function asserted() {
  const { authenticator, registration } = await registered();
  const key = await verifyRegistration(rp, registration, challenge);
  const credential: Credential = {
    id: key.id,
    account_id: 'account',
    public_key: key.publicKey,
    sign_count: 0,
    transports: '[]',
    origin: rp.origin,
    state: 'active',
    created_at: 0,
  };
  return { authenticator, credential, assertion: await authenticator.authenticate({ challenge }) };
}

const { registration } = await registered();
const { assertion, credential } = await asserted();

const text = (value: string) => bytesToBase64Url(new TextEncoder().encode(value));
const clientData = (change: object) =>
  text(JSON.stringify({ type: 'webauthn.create', challenge, origin: rp.origin, ...change }));
const register = (change: object, top: object = {}) =>
  verifyRegistration(
    rp,
    { ...registration, ...top, response: { ...registration.response, ...change } },
    challenge,
  );
const assert = (change: object, top: object = {}) =>
  verifyAssertion(
    rp,
    { ...assertion, ...top, response: { ...assertion.response, ...change } },
    challenge,
    credential,
  );

/** What a ceremony ended in; anything thrown that is no LatchkeyError fails the test. */
async function outcome(ceremony: Promise<unknown>): Promise<string> {
  try {
    await ceremony;
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(LatchkeyError);
    return (error as LatchkeyError).code;
  }
}

const attestation = () => decodeAttestationObject(base64UrlToBytes(registration.response.attestationObject));

/** The registration's authenticator data with another COSE key in it. */
function attestationOf(coseKey: unknown): string {
  const authData = attestation().get('authData');
  const { credentialPublicKey } = parseAuthenticatorData(authData);
  const head = authData.slice(0, authData.length - credentialPublicKey!.length);
  return attestationObject({ authData: concatBytes(head, isoCBOR.encode(coseKey as never)) });
}
function attestationObject(change: Record<string, unknown>): string {
  const entries = { fmt: 'none', attStmt: new Map(), authData: attestation().get('authData'), ...change };
  return bytesToBase64Url(isoCBOR.encode(new Map(Object.entries(entries)) as never));
}
const coseKey = (change: [number, unknown][]) =>
  new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, new Uint8Array(32)],
    [-3, new Uint8Array(32)],
    ...change,
  ]);

describe('client data', () => {
  it.each([
    ['no base64url', '!!!!'],
    ['a length that base64url does not have', 'AAAAA'],
    ['no UTF-8', bytesToBase64Url(Uint8Array.of(0x22, 0xff, 0x22))],
    ['no JSON', text('{"type":')],
    ['null', text('null')],
    ['a list', text('[]')],
    ['a challenge that is no text', clientData({ challenge: 1 })],
    ['no origin', clientData({ origin: undefined })],
  ])('that is %s is refused as malformed', (_, value) => {
    expect(() => readClientData(value)).toThrow(failure('INVALID_REQUEST', 'clientDataJSON'));
  });

  it('may hold members nobody knows', () => {
    expect(readClientData(clientData({ future: [1] }))).toMatchObject({ challenge, crossOrigin: false });
  });
});

describe('a registration', () => {
  it("gives the credential's id, its key as COSE and as a point, and its counter", async () => {
    const { authenticator, registration: fresh } = await registered();
    const [mine] = authenticator.credentials;
    const key = await verifyRegistration(rp, fresh, challenge);
    expect(key).toMatchObject({ id: mine!.id, signCount: 0, transports: ['internal'] });
    expect(Buffer.from(key.point)).toEqual(Buffer.from(mine!.publicKey));
    expect(key.publicKey).toBe(
      bytesToBase64(
        isoCBOR.encode(
          coseKey([
            [-2, mine!.publicKey.slice(1, 33)],
            [-3, mine!.publicKey.slice(33)],
          ]) as never,
        ),
      ),
    );
  });

  it.each([
    ['an assertion', { type: 'webauthn.get' }, 'CHALLENGE_WRONG_PURPOSE'],
    ['a payment', { type: 'payment.get' }, 'CHALLENGE_WRONG_PURPOSE'],
    ['made in a subdomain', { origin: 'https://sub.wallet.example' }, 'WRONG_ORIGIN'],
    ['made on another port', { origin: 'https://wallet.example:8443' }, 'WRONG_ORIGIN'],
    ['made over another challenge', { challenge: 'AAAA' }, 'SIGNATURE_INVALID'],
  ])('is refused when its client data is of %s', async (_, change, code) => {
    await expect(register({ clientDataJSON: clientData(change) })).rejects.toThrow(failure(code));
  });

  it.each([
    ['empty', ''],
    ['no CBOR', 'AAAAAAAA'],
    ['no map', bytesToBase64Url(isoCBOR.encode('text' as never))],
    ['without authenticator data', attestationObject({ authData: undefined })],
    ['with text for authenticator data', attestationObject({ authData: 'a'.repeat(200) })],
    ['cut off', registration.response.attestationObject.slice(0, 120)],
  ])('is refused when its attestation object is %s', async (_, value) => {
    await expect(register({ attestationObject: value })).rejects.toThrow(failure('INVALID_REQUEST'));
  });

  it('is refused when its authenticator data is cut off anywhere', async () => {
    const authData = attestation().get('authData');
    for (let length = 0; length < authData.length; length++) {
      const ceremony = register({
        attestationObject: attestationObject({ authData: authData.slice(0, length) }),
      });
      // The CBOR reader takes a byte string that is cut off for a shorter one: such a key is of no known kind.
      expect(['INVALID_REQUEST', 'UNSUPPORTED_KEY_ALGORITHM']).toContain(await outcome(ceremony));
    }
  });

  it('is refused when something follows its authenticator data', async () => {
    const authData = concatBytes(attestation().get('authData'), Uint8Array.of(0));
    await expect(register({ attestationObject: attestationObject({ authData }) })).rejects.toThrow(
      failure('INVALID_REQUEST', 'authenticatorData'),
    );
  });

  it('is refused when it holds no key', async () => {
    const authData = attestation().get('authData').slice(0, 37);
    authData[32] = 0x05;
    await expect(register({ attestationObject: attestationObject({ authData }) })).rejects.toThrow(
      failure('INVALID_REQUEST', 'attestationObject'),
    );
  });

  it.each([
    ['a number', 1],
    ['null', null],
    ['text', 'key'],
    ['bytes', new Uint8Array(77)],
    ['a list', [2, -7, 1]],
  ])('is refused when its key is %s', async (_, key) => {
    await expect(register({ attestationObject: attestationOf(key) })).rejects.toThrow(
      failure('INVALID_REQUEST', 'attestationObject'),
    );
  });

  it.each([
    ['an empty map', new Map()],
    ['RSA', coseKey([[1, 3]])],
    ['OKP', coseKey([[1, 1]])],
    ['on P-384', coseKey([[-1, 2]])],
    ['of ES384', coseKey([[3, -35]])],
    ['of a short x', coseKey([[-2, new Uint8Array(31)]])],
    ['of a long y', coseKey([[-3, new Uint8Array(33)]])],
    ['with text for x', coseKey([[-2, '7'.repeat(32)]])],
    ['with a list for y', coseKey([[-3, new Array(32).fill(7)]])],
    ['with a sign for y (compressed)', coseKey([[-3, true]])],
  ])('is refused when its key is %s', async (_, key) => {
    await expect(register({ attestationObject: attestationOf(key) })).rejects.toThrow(
      failure('UNSUPPORTED_KEY_ALGORITHM'),
    );
  });

  it('is refused when "none" comes with a statement', async () => {
    const value = attestationObject({ attStmt: new Map([['sig', new Uint8Array(8)]]) });
    await expect(register({ attestationObject: value })).rejects.toThrow(failure('SIGNATURE_INVALID'));
  });

  it('is refused when id and rawId differ', async () => {
    await expect(register({}, { rawId: 'AAAA' })).rejects.toThrow(failure('SIGNATURE_INVALID'));
  });
});

describe('an assertion', () => {
  it('is verified with the key of its registration, and tells whether the counter rose', async () => {
    expect(await assert({})).toEqual({ signCount: 1, counterRose: true });
    const stored = { ...credential, sign_count: 1 };
    expect(await verifyAssertion(rp, assertion, challenge, stored)).toEqual({
      signCount: 1,
      counterRose: false,
    });
  });

  it('may have a counter that stays at zero', async () => {
    const { authenticator, credential: fresh } = await asserted();
    authenticator.quirks = { signCount: 0 };
    const still = await authenticator.authenticate({ challenge });
    expect(await verifyAssertion(rp, still, challenge, fresh)).toEqual({ signCount: 0, counterRose: true });
  });

  it('is refused when its client data is of a registration', async () => {
    await expect(assert({ clientDataJSON: clientData({}) })).rejects.toThrow(
      failure('CHALLENGE_WRONG_PURPOSE'),
    );
  });

  it('is refused over another challenge than the one expected', async () => {
    await expect(verifyAssertion(rp, assertion, 'AAAA', credential)).rejects.toThrow(
      failure('SIGNATURE_INVALID'),
    );
  });

  it('is refused when its authenticator data is cut off anywhere', async () => {
    const authData = base64UrlToBytes(assertion.response.authenticatorData);
    for (let length = 0; length < authData.length; length++) {
      const ceremony = assert({ authenticatorData: bytesToBase64Url(authData.slice(0, length)) });
      await expect(ceremony).rejects.toThrow(failure('INVALID_REQUEST', 'authenticatorData'));
    }
  });

  it('is refused when any byte of what was signed is another', async () => {
    for (const field of ['authenticatorData', 'clientDataJSON'] as const) {
      const bytes = base64UrlToBytes(assertion.response[field]);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at]! ^= 0x10;
        expect(await outcome(assert({ [field]: bytesToBase64Url(changed) }))).not.toBe('accepted');
      }
    }
  });

  it.each([
    ['empty', ''],
    ['no DER', 'AAAA'],
    ['zero', bytesToBase64Url(Uint8Array.of(0x30, 6, 2, 1, 0, 2, 1, 0))],
    ['raw r and s', bytesToBase64Url(new Uint8Array(64).fill(1))],
    ['cut off', assertion.response.signature.slice(0, 60)],
  ])('is refused when its signature is %s', async (_, signature) => {
    await expect(assert({ signature })).rejects.toThrow(failure('SIGNATURE_INVALID'));
  });
});

describe('random base64url', () => {
  const base64Url = fc
    .array(fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'), {
      maxLength: 300,
    })
    .map((characters) => characters.join(''));

  it.each(['clientDataJSON', 'attestationObject'])(
    'for the %s of a registration is refused with a code',
    async (field) => {
      await fc.assert(
        fc.asyncProperty(base64Url, async (value) => {
          expect(await outcome(register({ [field]: value }))).not.toBe('accepted');
        }),
      );
    },
  );

  it.each(['clientDataJSON', 'authenticatorData', 'signature'])(
    'for the %s of an assertion is refused with a code',
    async (field) => {
      await fc.assert(
        fc.asyncProperty(base64Url, async (value) => {
          expect(await outcome(assert({ [field]: value }))).not.toBe('accepted');
        }),
      );
    },
  );

  it.each(['id', 'rawId'])('for the %s is refused with a code', async (field) => {
    await fc.assert(
      fc.asyncProperty(base64Url, async (value) => {
        expect(await outcome(register({}, { [field]: value }))).toBe('SIGNATURE_INVALID');
        expect(await outcome(assert({}, { [field]: value }))).toBe('SIGNATURE_INVALID');
      }),
    );
  });

  it('in place of some bytes of an attestation object never ends in another error', async () => {
    const bytes = base64UrlToBytes(registration.response.attestationObject);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        async (at, replacement) => {
          const changed = bytes.slice();
          changed.set(replacement.slice(0, bytes.length - at), at);
          const attestationObject = bytesToBase64Url(changed);
          await outcome(register({ attestationObject } satisfies Partial<RegistrationResponse['response']>));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('options', () => {
  const existing = { ...credential, transports: '["internal","hybrid"]' };

  it('for a registration exclude the keys the account has', async () => {
    const options = await registrationOptions(rp, { email: 'ana@example.org', id: 'account' }, [existing]);
    expect(options.excludeCredentials).toMatchObject([
      { id: credential.id, transports: ['internal', 'hybrid'] },
    ]);
    expect(base64UrlToBytes(options.challenge)).toHaveLength(32);
  });

  it('for an assertion carry the given challenge, demand user verification and allow the given keys', async () => {
    const payload = crypto.getRandomValues(new Uint8Array(32));
    expect(await authenticationOptions(rp, payload, [existing])).toMatchObject({
      challenge: bytesToBase64Url(payload),
      rpId: rp.id,
      userVerification: 'required',
      allowCredentials: [{ id: credential.id, transports: ['internal', 'hybrid'] }],
    });
  });
});
