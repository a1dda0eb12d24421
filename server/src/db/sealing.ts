// Sealing what the database keeps secret: AES-256-GCM under a key that is not in the database, a random nonce of 12 bytes
// before the ciphertext, and associated data that names what and whose it is, so that a ciphertext moved elsewhere does
// not open. Which key it is and where it comes from is the caller's business. Nonces are random: one key is good for 2^32
// secrets (NIST SP 800-38D §8.3).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The text was sealed under another key, for something else, or was changed. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  constructor() {
    super('what is sealed does not open');
  }
}

/** What the database keeps sealed was sealed under another key: a mistake in the settings that waiting does not mend. */
export class WrongKeyEncryptionKey extends Error {
  override readonly name = 'WrongKeyEncryptionKey';
  constructor() {
    super('KEY_ENCRYPTION_KEY does not open what this database keeps sealed.');
  }
}

export function sealBytes(key: Uint8Array, secret: Uint8Array, associatedData: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(associatedData));
  const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final()]);
  return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64');
}

/** @throws SealBroken */
export function openSealed(key: Uint8Array, sealed: string, associatedData: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    }).setAAD(Buffer.from(associatedData));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealBroken();
  }
}

/** What this server sealed itself under the key encryption key. @throws WrongKeyEncryptionKey */
export function openOwn(kek: Uint8Array, sealed: string, associatedData: string): Uint8Array {
  try {
    return openSealed(kek, sealed, associatedData);
  } catch {
    throw new WrongKeyEncryptionKey();
  }
}
