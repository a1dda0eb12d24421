// Which signatures count, the same by Node's crypto and by the arithmetic that browsers run.
import { Point, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../bytes.ts';
import * as inBrowsers from '../platform/browser/ed25519.ts';
import * as inNode from '../platform/node/ed25519.ts';
import { ed25519Signer, verifyEd25519 } from './ed25519.ts';

/** RFC 8032, section 7.1: tests 1 to 3. */
const VECTORS = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
].map(({ seed, publicKey, message, signature }) => ({
  seed: fromHex(seed),
  publicKey: fromHex(publicKey),
  message: fromHex(message),
  signature: fromHex(signature),
}));
const [vector] = VECTORS;
const { publicKey, message, signature } = vector!;

const { n: ORDER, p: PRIME } = Point.CURVE();
const littleEndian = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes.toReversed())}`);
const scalarBytes = (value: bigint) => fromHex(value.toString(16).padStart(64, '0')).toReversed();

/** A signature that holds only when both sides are multiplied by 8: the key has a part of order 2. */
function signatureOfMixedOrder() {
  const secret = 12_345n;
  const key = Point.BASE.multiply(secret).add(Point.fromAffine({ x: 0n, y: PRIME - 1n }));
  for (let nonce = 1n; ; nonce++) {
    const r = Point.BASE.multiply(nonce).toBytes();
    const k = littleEndian(sha512(concatBytes(r, key.toBytes(), message))) % ORDER;
    // With an even factor the part of order 2 would vanish by itself.
    if (k % 2n === 0n) continue;
    const s = scalarBytes((nonce + k * secret) % ORDER);
    return { key: key.toBytes(), signature: concatBytes(r, s) };
  }
}

const changed = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1);

describe.each([
  ['Node', inNode],
  ['browsers', inBrowsers],
])('ed25519 in %s', (_, { keyPairOf, verifyEquation }) => {
  it.each(VECTORS)('signs and verifies as RFC 8032 says', (it) => {
    const pair = keyPairOf(it.seed);
    expect(toHex(pair.publicKey)).toBe(toHex(it.publicKey));
    expect(toHex(pair.sign(it.message))).toBe(toHex(it.signature));
    expect(verifyEquation(it.publicKey, it.message, it.signature)).toBe(true);
  });

  it('refuses a signature of something else, or with a bit changed', () => {
    expect(verifyEquation(publicKey, Uint8Array.of(1), signature)).toBe(false);
    for (const at of [0, 31, 32, 62]) {
      expect(verifyEquation(publicKey, message, changed(signature, at))).toBe(false);
    }
  });

  it('refuses what holds only with the cofactor', () => {
    const mixed = signatureOfMixedOrder();
    expect(verify(mixed.signature, message, mixed.key, { zip215: true })).toBe(true);
    expect(verifyEquation(mixed.key, message, mixed.signature)).toBe(false);
  });
});

describe('a signature', () => {
  it('counts when it is made by the key over the message', () => {
    const signer = ed25519Signer(vector!.seed);
    expect(verifyEd25519(signer.publicKey, message, signer.sign(message))).toBe(true);
  });

  it('does not count with s beyond the order of the group', () => {
    const s = littleEndian(signature.subarray(32)) + ORDER;
    const beyond = concatBytes(signature.subarray(0, 32), scalarBytes(s));
    expect(verifyEd25519(publicKey, message, beyond)).toBe(false);
  });

  it('does not count from a key of small order, which would sign anything', () => {
    const identity = new Uint8Array(32).with(0, 1);
    const forged = new Uint8Array(64).with(0, 1);
    expect(inBrowsers.verifyEquation(identity, message, forged)).toBe(true);
    for (const key of [identity, identity.with(31, 0x80)]) {
      expect(verifyEd25519(key, message, forged)).toBe(false);
    }
  });

  it('does not count when the key is no canonical encoding, no point, or of another length', () => {
    const beyondPrime = new Uint8Array(32).fill(0xff).with(0, 0xf0).with(31, 0x7f);
    const noPoint = new Uint8Array(32).with(0, 2);
    for (const key of [beyondPrime, noPoint, publicKey.slice(1), new Uint8Array()]) {
      expect(verifyEd25519(key, message, signature)).toBe(false);
    }
    expect(verifyEd25519(publicKey, message, signature.slice(1))).toBe(false);
  });
});
