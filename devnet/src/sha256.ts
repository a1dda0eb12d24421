// SHA-256 in one call, the same in Node and in browsers.
import { sha256 as hashes } from '@noble/hashes/sha2.js';

export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const hash = hashes.create();
  for (const part of parts) hash.update(part);
  return hash.digest() as Uint8Array<ArrayBuffer>;
}
