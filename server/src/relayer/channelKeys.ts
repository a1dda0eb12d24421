// Keys of the channel accounts: one seed, sealed in the database under the key encryption key, and from
// it any number of ed25519 keys by HKDF, named by an index. Whoever has the database alone has none of them. The
// accounts hold no money, so what a thief of both could do is use up sequence numbers.
import { hkdfSync, randomBytes } from 'node:crypto';
import { Keypair } from '@stellar/stellar-sdk/base';
import { keepSealedSeed } from '../db/channels.ts';
import type { Db } from '../db/database.ts';
import { openOwn, sealBytes } from '../db/sealing.ts';

const SEED_BYTES = 32;
const PURPOSE = 'latchkey channel seed';

export type ChannelKeys = (index: number) => Keypair;

/** Makes the seed at first use. @throws WrongKeyEncryptionKey */
export async function openChannelKeys(db: Db, kek: Uint8Array): Promise<ChannelKeys> {
  const proposed = sealBytes(kek, randomBytes(SEED_BYTES), PURPOSE);
  const seed = openOwn(kek, await keepSealedSeed(db, proposed), PURPOSE);
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
