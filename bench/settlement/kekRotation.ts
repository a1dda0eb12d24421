// Rotation of the keys that seal seeds, on a libSQL file with as many merchants: rows per second, and beside it the same
// file taking as many updates in the same batches without any sealing.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Database, openDatabase } from '../../server/src/db/database.ts';
import { insertMerchant } from '../../server/src/db/merchants.ts';
import { insertSettlementKey } from '../../server/src/db/settlementKeys.ts';
import { rotateKeks } from '../../server/src/settlement/kekRotation.ts';
import { createLocalKeyEncryption } from '../../server/src/settlement/localKek.ts';
import { createManagedSeeds } from '../../server/src/settlement/managedSeed.ts';
import type { Figure, Progress } from '../figure.ts';

const SEEDS = 10_000;
const BATCH_ROWS = 500;
const MIN_ROWS_PER_SECOND = 2_000;

export async function kekRotation(progress: Progress): Promise<Figure[]> {
  progress(`settlement: ${SEEDS} seeds are sealed and rotated`);
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const db = await openDatabase(pathToFileURL(join(dir, 'latchkey.db')).href);
  try {
    const first: [number, Uint8Array] = [1, randomBytes(32)];
    const seeds = createManagedSeeds(createLocalKeyEncryption(new Map([first])));
    const accountIds: string[] = [];
    await db.transaction().execute(async (trx) => {
      for (let index = 0; index < SEEDS; index++) {
        const account_id = randomUUID();
        const who = { account_id, network: 'testnet' } as const;
        const { address, sealed } = await seeds.create(account_id);
        await insertMerchant(trx, { ...who, email: `${index}@example.org`, name: 'Shop', created_at: 0 });
        await insertSettlementKey(trx, { ...who, address }, sealed, 0);
        accountIds.push(account_id);
      }
    });
    const plainMs = await plainUpdates(db, accountIds);
    const both = createLocalKeyEncryption(new Map([first, [2, randomBytes(32)]]));
    const startedAt = performance.now();
    const { rewrapped, left } = await rotateKeks(db, both);
    const ms = performance.now() - startedAt;
    if (rewrapped !== SEEDS || left.length > 0) throw new Error('not every seed was rotated');
    return [
      {
        key: 'kekRotation.rowsPerSecond',
        value: (SEEDS * 1_000) / ms,
        target: MIN_ROWS_PER_SECOND,
        isLeast: true,
      },
      { key: 'kekRotation.plainUpdatesPerSecond', value: (SEEDS * 1_000) / plainMs },
      { key: 'kekRotation.ofPlainUpdates', value: plainMs / ms },
    ];
  } finally {
    await db.destroy();
    await rm(dir, { recursive: true, force: true });
  }
}

async function plainUpdates(db: Database, accountIds: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  for (let start = 0; start < accountIds.length; start += BATCH_ROWS)
    await db.transaction().execute(async (trx) => {
      for (const id of accountIds.slice(start, start + BATCH_ROWS))
        await trx
          .updateTable('merchant_settlement_keys')
          .set({ updated_at: 1 })
          .where('account_id', '=', id)
          .where('network', '=', 'testnet')
          .execute();
    });
  return performance.now() - startedAt;
}
