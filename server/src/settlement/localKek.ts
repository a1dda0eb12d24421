// Key encryption keys from the settings, in this process's memory: AES-256-GCM, the highest version seals, all open. At the
// start each key has to open the check value that was stored when its version was first used, and every version under
// which a seed is still sealed has to be there: a wrong key is found before anything is sealed under it or fails to open.
// A version names one key for ever. Who holds this process's memory holds the keys; a key service would keep them apart.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from '../db/database.ts';
import { openSealed, sealBytes } from '../db/sealing.ts';
import { keepKekCheck, seedsByKekVersion } from '../db/settlementKeys.ts';
import type { KeyEncryption } from './kek.ts';

const CHECK_TEXT = 'latchkey settlement kek';
const checkData = (version: number) => `latchkey settlement kek check\n${version}`;

/** SETTLEMENT_KEY_KEK does not fit the database: a mistake in the settings that waiting does not mend. */
export class WrongSettlementKek extends Error {
  override readonly name = 'WrongSettlementKek';
}

export function createLocalKeyEncryption(kekByVersion: ReadonlyMap<number, Uint8Array>): KeyEncryption {
  const currentVersion = Math.max(0, ...kekByVersion.keys());

  function keyOf(version: number): Uint8Array {
    const key = kekByVersion.get(version);
    if (!key) throw new LatchkeyError('KEK_VERSION_MISSING', { details: { kekVersion: version } });
    return key;
  }

  const seal: KeyEncryption['seal'] = async (secret, associatedData) => ({
    ciphertext: sealBytes(keyOf(currentVersion), secret, associatedData),
    kekVersion: currentVersion,
  });

  const open: KeyEncryption['open'] = async ({ ciphertext, kekVersion }, associatedData) => {
    const key = keyOf(kekVersion);
    try {
      return openSealed(key, ciphertext, associatedData);
    } catch (cause) {
      throw new LatchkeyError('SEALED_SEED_DAMAGED', { cause });
    }
  };

  return {
    currentVersion,
    seal,
    open,
    async rewrap(sealed, associatedData) {
      const secret = await open(sealed, associatedData);
      try {
        return await seal(secret, associatedData);
      } finally {
        secret.fill(0);
      }
    },
  };
}

/** With no keys at all the database must hold no seed. @throws WrongSettlementKek */
export async function requireFittingKeks(
  db: Db,
  kekByVersion: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  for (const { version, count } of await seedsByKekVersion(db)) {
    if (!kekByVersion.has(version))
      throw new WrongSettlementKek(
        `SETTLEMENT_KEY_KEK lacks version ${version}, under which ${count} seeds are sealed: put it back, npm run settlement -- kek rotate moves them off it.`,
      );
  }
  for (const [version, key] of kekByVersion) {
    const made = sealBytes(key, Buffer.from(CHECK_TEXT), checkData(version));
    const kept = await keepKekCheck(db, version, made);
    try {
      openSealed(key, kept, checkData(version));
    } catch {
      throw new WrongSettlementKek(
        `SETTLEMENT_KEY_KEK has another key for version ${version} than this database was used with.`,
      );
    }
  }
}

/** The keys of the settings, once they were found to fit the database. @throws WrongSettlementKek */
export async function openLocalKeyEncryption(
  db: Db,
  kekByVersion: ReadonlyMap<number, Uint8Array>,
): Promise<KeyEncryption> {
  await requireFittingKeks(db, kekByVersion);
  return createLocalKeyEncryption(kekByVersion);
}
