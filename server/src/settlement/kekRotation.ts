// Moves every sealed seed to the current key encryption key, in batches of one statement each. It can be killed anywhere and
// started again, beside running servers: a row changes only while it holds the ciphertext that was read, and what it
// becomes opens to the same seed. A row that does not open is left as it is and told. An old key may be taken out of the
// settings only when no row is on it, which this says, and which every start checks.
import type { Database } from '../db/database.ts';
import { replaceSealedSeeds, rowsToRewrap, type SealedRow, seedsByKekVersion } from '../db/settlementKeys.ts';
import { type KeyEncryption, seedAssociatedData } from './kek.ts';

const BATCH_ROWS = 500;

export type KekRotation = {
  rewrapped: number;
  /** accounts whose seeds do not open: damaged, or sealed under a key that is not there */
  unopened: { accountId: string; kekVersion: number }[];
  /** rows on versions other than the current one; an old key is needed while there are any */
  left: { version: number; count: number }[];
};

/** @param onBatch told how many rows were moved so far */
export async function rotateKeks(
  db: Database,
  keyEncryption: KeyEncryption,
  onBatch: (rewrapped: number) => void = () => {},
): Promise<KekRotation> {
  const unopened: KekRotation['unopened'] = [];
  let rewrapped = 0;
  let after: SealedRow | null = null;
  for (;;) {
    const rows = await rowsToRewrap(db, keyEncryption.currentVersion, after, BATCH_ROWS);
    const moves: { seen: SealedRow; ciphertext: string }[] = [];
    for (const row of rows) {
      const old = { ciphertext: row.encrypted_seed, kekVersion: row.kek_version };
      const data = seedAssociatedData(row.account_id, row.address);
      const sealed = await keyEncryption.rewrap(old, data).catch(() => null);
      if (sealed?.kekVersion === keyEncryption.currentVersion)
        moves.push({ seen: row, ciphertext: sealed.ciphertext });
      else unopened.push({ accountId: row.account_id, kekVersion: row.kek_version });
    }
    if (moves.length > 0) await replaceSealedSeeds(db, moves, keyEncryption.currentVersion);
    rewrapped += moves.length;
    if (moves.length > 0) onBatch(rewrapped);
    if (rows.length < BATCH_ROWS) break;
    after = rows.at(-1)!;
  }
  const left = (await seedsByKekVersion(db)).filter((it) => it.version !== keyEncryption.currentVersion);
  return { rewrapped, unopened, left };
}
