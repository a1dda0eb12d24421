// Keys of the channel accounts: one seed, sealed in the database under the key encryption key (AES-256-GCM), and from
// it any number of ed25519 keys by HKDF, named by an index. Whoever has the database alone has none of them. The
// accounts hold no money, so what a thief of both could do is use up sequence numbers.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Keypair } from '@stellar/stellar-sdk/base';
import { keepSealedSeed } from '../db/channels.ts';
import type { Db } from '../db/database.ts';

const CIPHER = 'aes-256-gcm';
const SEED_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = Buffer.from('latchkey channel seed');

/** The seed was sealed under another key: a mistake in the settings that waiting does not mend. */
export class WrongKeyEncryptionKey extends Error {
  override readonly name = 'WrongKeyEncryptionKey';
  constructor() {
    super('KEY_ENCRYPTION_KEY does not open what this database keeps sealed.');
  }
}

export type ChannelKeys = (index: number) => Keypair;

export function seal(kek: Uint8Array, seed: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, kek, nonce).setAAD(PURPOSE);
  const sealed = Buffer.concat([cipher.update(seed), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** @throws WrongKeyEncryptionKey */
export function unseal(kek: Uint8Array, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv(CIPHER, kek, bytes.subarray(0, NONCE_BYTES)).setAAD(PURPOSE);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new WrongKeyEncryptionKey();
  }
}

/** Makes the seed at first use. @throws WrongKeyEncryptionKey */
export async function openChannelKeys(db: Db, kek: Uint8Array): Promise<ChannelKeys> {
  const seed = unseal(kek, await keepSealedSeed(db, seal(kek, randomBytes(SEED_BYTES))));
  const made = new Map<number, Keypair>();
  return (index) => {
    const known = made.get(index);
    if (known) return known;
    const keypair = Keypair.fromRawEd25519Seed(
      Buffer.from(hkdfSync('sha256', seed, '', `latchkey channel ${index}`, SEED_BYTES)),
    );
    made.set(index, keypair);
    return keypair;
  };
}
