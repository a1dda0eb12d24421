// XDR put together from parts that are encoded already, where decoding and encoding them anew would cost more than all
// the rest. Lengths and tags are the caller's to get right; nothing is checked.
import { concatBytes } from '../bytes.ts';

/** Words of 32 bits: tags, counts and absent optionals. */
export function words(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  let offset = 0;
  for (const value of values) {
    bytes[offset++] = value >>> 24;
    bytes[offset++] = value >>> 16;
    bytes[offset++] = value >>> 8;
    bytes[offset++] = value;
  }
  return bytes;
}

export function int64(...values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setBigInt64(8 * index, values[index]!);
  return bytes;
}

/** A variable-length array of encoded items. */
export function arrayOf(items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(words(items.length), ...items);
}

export function optional(item: Uint8Array | null): Uint8Array<ArrayBuffer> {
  return item ? concatBytes(words(1), item) : words(0);
}
