import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from './bytes.ts';
import { postQuantumSchemes } from './signer.ts';
import {
  accountPart,
  ed25519Part,
  encodeSignature,
  MAX_SIGNATURE_PARTS,
  postQuantumPart,
} from './walletSignature.ts';

const refusal = expect.objectContaining({ code: 'SIGNATURE_INVALID' });
const signature = new Uint8Array(64).fill(0xab);

describe('a part of a signature', () => {
  it('of an ed25519 key is its id and 64 bytes', () => {
    expect(bytesToHex(encodeSignature([ed25519Part(0x010203, signature)]))).toBe(`010203${'ab'.repeat(64)}`);
  });

  it('of an account is its id, flagged when it is a delegate', () => {
    expect(bytesToHex(encodeSignature([accountPart(5, 'own-entry')]))).toBe('000005');
    expect(bytesToHex(encodeSignature([accountPart(5, 'delegate')]))).toBe('800005');
  });

  it.each(Object.entries(postQuantumSchemes))('of %s is its id, key and signature', (name, lengths) => {
    const scheme = name as keyof typeof postQuantumSchemes;
    const key = new Uint8Array(lengths.publicKeyBytes).fill(1);
    const proof = new Uint8Array(lengths.signatureBytes).fill(2);
    const bytes = encodeSignature([postQuantumPart(7, scheme, key, proof)]);
    expect([...bytes]).toEqual([0, 0, 7, ...key, ...proof]);
    expect(() => postQuantumPart(7, scheme, key.slice(1), proof)).toThrow(refusal);
    expect(() => postQuantumPart(7, scheme, key, proof.slice(1))).toThrow(refusal);
  });

  it('of an ed25519 key with another length is refused', () => {
    for (const length of [0, 63, 65]) {
      expect(() => ed25519Part(0, new Uint8Array(length))).toThrow(refusal);
    }
  });
});

describe('a signature', () => {
  it('has its parts in ascending order of signer, however they are given', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 0x7fffff }), {
      minLength: 1,
      maxLength: MAX_SIGNATURE_PARTS,
    });
    fc.assert(
      fc.property(ids, (given) => {
        const bytes = encodeSignature(given.map((id) => accountPart(id, 'own-entry')));
        const written = given.map(
          (_, at) => (bytes[3 * at]! << 16) | (bytes[3 * at + 1]! << 8) | bytes[3 * at + 2]!,
        );
        expect(written).toEqual([...given].sort((a, b) => a - b));
      }),
    );
  });

  it('is refused without parts, with too many, with two of one signer, and with an id of no signer', () => {
    const parts = (count: number) => Array.from({ length: count }, (_, id) => accountPart(id, 'own-entry'));
    expect(encodeSignature(parts(MAX_SIGNATURE_PARTS))).toHaveLength(3 * MAX_SIGNATURE_PARTS);
    expect(() => encodeSignature([])).toThrow(refusal);
    expect(() => encodeSignature(parts(MAX_SIGNATURE_PARTS + 1))).toThrow(refusal);
    expect(() => encodeSignature([...parts(2), ed25519Part(1, signature)])).toThrow(refusal);
    for (const id of [-1, 0.5, 0x800000, Number.NaN]) {
      expect(() => encodeSignature([accountPart(id, 'own-entry')])).toThrow(refusal);
    }
  });
});
