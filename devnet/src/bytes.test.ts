// Codecs of bytes: each is its own inverse, agrees with Node's, and refuses malformed text.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  fromLatin1,
  toBase64,
  toHex,
  toLatin1,
} from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 20_000 });

test('every form of bytes reads back as the same bytes', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(fromLatin1(toLatin1(value))).toEqual(value);
      expect(fromBase64(toBase64(value))).toEqual(value);
      expect(fromHex(toHex(value))).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test('the forms are the same without the Buffer of Node', () => {
  const value = Uint8Array.from({ length: 256 }, (_, index) => index);
  const withBuffer = [toBase64(value), toHex(value)];
  const { Buffer: nodeBuffer } = globalThis;
  Reflect.deleteProperty(globalThis, 'Buffer');
  try {
    expect([toBase64(value), toHex(value)]).toEqual(withBuffer);
    expect(fromBase64(withBuffer[0]!)).toEqual(value);
  } finally {
    globalThis.Buffer = nodeBuffer;
  }
});

test.each(['a', 'ab=', 'a*==', 'YQ'])('refuses the malformed base64 %j', (text) => {
  expect(() => fromBase64(text)).toThrow(RangeError);
});

test.each(['a', 'zz', '0x00'])('refuses the malformed hex %j', (text) => {
  expect(() => fromHex(text)).toThrow(RangeError);
});

test('joins and compares', () => {
  const joined = concatBytes(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3]));
  expect(equalBytes(joined, new Uint8Array([1, 2, 3]))).toBe(true);
  expect(equalBytes(joined, new Uint8Array([1, 2]))).toBe(false);
  expect(equalBytes(joined, new Uint8Array([1, 2, 4]))).toBe(false);
});
