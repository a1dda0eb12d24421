// A challenge that says what it is for: the sha256 of a JSON text with a nonce, sent along so that the browser can hash it
// itself before the passkey signs (sdk/src/merchant/signedText.ts). The same passkey signs for a wallet, and no payload of a
// wallet's call is the hash of such a text.
import { createHash, randomBytes } from 'node:crypto';

const NONCE_BYTES = 32;

export type SignedText = { text: string; digest: Uint8Array<ArrayBuffer> };

export function signedText(subject: { type: string } & Record<string, string>): SignedText {
  const text = JSON.stringify({ ...subject, nonce: randomBytes(NONCE_BYTES).toString('base64url') });
  return { text, digest: new Uint8Array(createHash('sha256').update(text).digest()) };
}
