import { readFileSync } from 'node:fs';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSoftwareAuthenticator } from '../testing/softwareAuthenticator.ts';
import { base64UrlToBytes, bytesToBase64Url, bytesToHex, concatBytes, sha256 } from './bytes.ts';
import { compactSignature, MAX_PASSKEY_PROOF_BYTES, passkeyProof } from './passkeySignature.ts';

const origin = 'https://wallet.example';
const rpId = 'wallet.example';
const payload = new Uint8Array(32).map((_, index) => index * 7);

async function authenticatorWithKey() {
  const authenticator = createSoftwareAuthenticator({ origin, rpId });
  await authenticator.register({ challenge: 'AA', rp: { id: rpId }, user: { id: 'AA' } });
  return authenticator;
}

describe('compactSignature', () => {
  it('gives r and s of the DER signature, with s in the lower half, for any signature', () => {
    const halfOrder = p256.Point.Fn.ORDER / 2n;
    const field = fc.bigInt({ min: 1n, max: p256.Point.Fn.ORDER - 1n });
    fc.assert(
      fc.property(field, field, (r, s) => {
        const compact = compactSignature(new p256.Signature(r, s).toBytes('der'));
        const expected = new p256.Signature(r, s > halfOrder ? p256.Point.Fn.ORDER - s : s).toBytes(
          'compact',
        );
        expect(bytesToHex(compact)).toBe(bytesToHex(expected));
      }),
    );
  });

  it('refuses everything that is not exactly one DER signature', () => {
    const der = new p256.Signature(5n, 7n).toBytes('der');
    const broken = [
      new Uint8Array(),
      der.slice(1),
      der.slice(0, -1),
      concatBytes(der, Uint8Array.of(0)),
      der.with(0, 0x31),
      der.with(2, 0x03),
      der.with(3, 0x7f),
      new p256.Signature(1n, 1n).toBytes('der').with(4, 0),
    ];
    for (const bytes of broken) {
      expect(() => compactSignature(bytes)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    }
  });

  it('never accepts random bytes as anything but a signature in range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          expect(compactSignature(bytes)).toHaveLength(64);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SIGNATURE_INVALID' });
        }
      }),
    );
  });
});

describe('passkeyProof', () => {
  it('needs 69 bytes for an ordinary assertion, and they rebuild what was signed', async () => {
    const authenticator = await authenticatorWithKey();
    const { response } = await authenticator.authenticate({ challenge: bytesToBase64Url(payload), rpId });
    const { isExplicit, bytes: blob } = passkeyProof(response, origin, payload);
    expect(isExplicit).toBe(false);
    expect(blob).toHaveLength(69);

    const clientData = `{"type":"webauthn.get","challenge":"${bytesToBase64Url(payload)}","origin":"${origin}","crossOrigin":false}`;
    const rpIdHash = await sha256(new TextEncoder().encode(rpId));
    const authenticatorData = concatBytes(rpIdHash, blob.slice(64));
    const message = concatBytes(authenticatorData, await sha256(new TextEncoder().encode(clientData)));
    const key = authenticator.credentials[0]!.publicKey;
    expect(p256.verify(blob.slice(0, 64), message, key, { lowS: true })).toBe(true);
  });

  it('carries the tail of client data that ends otherwise', async () => {
    const authenticator = await authenticatorWithKey();
    const tail = ',"crossOrigin":false,"other_keys_can_be_added_here":"do not compare"}';
    authenticator.quirks = { clientDataTail: tail };
    const { response } = await authenticator.authenticate({ challenge: bytesToBase64Url(payload), rpId });
    const { isExplicit, bytes: blob } = passkeyProof(response, origin, payload);
    expect(isExplicit).toBe(true);
    expect([...blob.slice(69, 73)]).toEqual([0, 0, 0, tail.length]);
    expect(new TextDecoder().decode(blob.slice(73))).toBe(tail);
  });

  it('carries extension data, and leaves out the tail that the contract knows', async () => {
    const authenticator = await authenticatorWithKey();
    const extensions = Uint8Array.of(0xa1, 0x61, 0x78, 0xf5);
    authenticator.quirks = { extensions };
    const { response } = await authenticator.authenticate({ challenge: bytesToBase64Url(payload), rpId });
    const { isExplicit, bytes: blob } = passkeyProof(response, origin, payload);
    expect(isExplicit).toBe(true);
    expect([...blob.slice(69)]).toEqual([0, 4, 0, 0, ...extensions]);
  });

  it('refuses another origin, another challenge, and more data than a wallet takes', async () => {
    const authenticator = await authenticatorWithKey();
    const sign = async (quirks: typeof authenticator.quirks) => {
      authenticator.quirks = quirks;
      return (await authenticator.authenticate({ challenge: bytesToBase64Url(payload), rpId })).response;
    };
    const refusal = (code: string) => expect.objectContaining({ code });
    const foreign = await sign({ origin: 'https://wallet.example.evil' });
    expect(() => passkeyProof(foreign, origin, payload)).toThrow(refusal('WRONG_ORIGIN'));
    const other = await sign({ challenge: bytesToBase64Url(new Uint8Array(32)) });
    expect(() => passkeyProof(other, origin, payload)).toThrow(refusal('SIGNATURE_INVALID'));
    const large = await sign({ clientDataTail: `,"x":"${'x'.repeat(MAX_PASSKEY_PROOF_BYTES)}"}` });
    expect(() => passkeyProof(large, origin, payload)).toThrow(refusal('SIGNATURE_INVALID'));
    const short = { ...(await sign({})), authenticatorData: bytesToBase64Url(new Uint8Array(36)) };
    expect(() => passkeyProof(short, origin, payload)).toThrow(refusal('SIGNATURE_INVALID'));
  });

  it('reads base64url as it writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...base64UrlToBytes(bytesToBase64Url(bytes))]).toEqual([...bytes]);
      }),
    );
  });
});

describe('W3C WebAuthn Level 3, section 16 (ES256)', () => {
  type Vector = {
    publicKey: string;
    authentication: Record<'challenge' | 'authenticatorData' | 'clientDataJSON' | 'signature', string>;
  };
  const file = new URL('./vectors/webauthn.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Vector>;
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

  it.each(Object.entries(vectors))(
    '%s: the 69 bytes rebuild what was signed, with a low s',
    async (_, vector) => {
      const { challenge, authenticatorData, clientDataJSON, signature } = vector.authentication;
      const assertion = {
        authenticatorData: bytesToBase64Url(bytes(authenticatorData)),
        clientDataJSON: bytesToBase64Url(bytes(clientDataJSON)),
        signature: bytesToBase64Url(bytes(signature)),
      };
      const blob = passkeyProof(assertion, 'https://example.org', bytes(challenge)).bytes;
      expect(blob).toHaveLength(69);

      const clientData = `{"type":"webauthn.get","challenge":"${bytesToBase64Url(bytes(challenge))}","origin":"https://example.org","crossOrigin":false}`;
      const rpIdHash = await sha256(new TextEncoder().encode('example.org'));
      const rebuilt = concatBytes(rpIdHash, blob.slice(64));
      expect(bytesToHex(rebuilt)).toBe(authenticatorData);
      const message = concatBytes(rebuilt, await sha256(new TextEncoder().encode(clientData)));
      expect(p256.verify(blob.slice(0, 64), message, bytes(vector.publicKey), { lowS: true })).toBe(true);
    },
  );
});
