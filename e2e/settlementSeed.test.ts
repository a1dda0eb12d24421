// What is left of a managed account's seed once its migration is done: nothing, in no file of the database, in no answer and
// in no line of the log. Before that, its ciphertext is there to be found, which shows that the search finds what there is.
import { readFile } from 'node:fs/promises';
import type { LatchkeyError } from '@latchkey/sdk/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseFile } from '../server/src/db/database.ts';
import { createLocalKeyEncryption } from '../server/src/settlement/localKek.ts';
import { createManagedSeeds } from '../server/src/settlement/managedSeed.ts';
import { finished, gateBody, MIGRATION, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

/** So many that the table has grown over several pages before some of its rows are emptied. */
const MERCHANTS = 12;

let world: SettlementWorld;
beforeAll(async () => {
  world = await createSettlementWorld();
});
afterAll(() => world?.close());

/** Everything the database has on disk, its log included. */
async function filesOnDisk(): Promise<Buffer> {
  const file = databaseFile(world.env.DATABASE_URL!)!;
  const parts = ['', '-wal', '-shm'].map((it) => readFile(file + it).catch(() => Buffer.alloc(0)));
  return Buffer.concat(await Promise.all(parts));
}

function formsOf(seed: Buffer, secret: string): Record<string, Buffer | string> {
  return {
    'raw bytes': seed,
    'secret key': secret,
    hex: seed.toString('hex'),
    'upper case hex': seed.toString('hex').toUpperCase(),
    base64: seed.toString('base64').replace(/=+$/, ''),
    base64url: seed.toString('base64url'),
  };
}

const found = (forms: Record<string, Buffer | string>, where: Buffer) =>
  Object.entries(forms).flatMap(([name, form]) => (where.includes(form) ? [name] : []));

it('leaves no trace of a seed in database, log and answers', { timeout: 60_000 }, async () => {
  const { db, config } = world.server.services;
  const seeds = createManagedSeeds(createLocalKeyEncryption(config.settlement!.kekByVersion));
  const shops: MerchantPerson[] = [];
  for (let i = 0; i < MERCHANTS; i++) shops.push(await world.merchant(`shop${i}@example.org`));
  const [shop, stays] = [shops[5]!, shops[6]!];
  const whose = (it: MerchantPerson) => ({ accountId: it.id, network: 'testnet' as const });
  const formsOfShop = await seeds.openManagedSeed(db, whose(shop), 'migration', (keypair) =>
    formsOf(Buffer.from(keypair.rawSecretKey()), keypair.secret()),
  );
  const sealedOf = async (it: MerchantPerson) =>
    (await db
      .selectFrom('merchant_settlement_keys')
      .select('encrypted_seed')
      .where('account_id', '=', it.id)
      .executeTakeFirstOrThrow())!.encrypted_seed;
  const sealed = (await sealedOf(shop))!;
  const sealedOfOther = (await sealedOf(stays))!;
  expect(found(formsOfShop, await filesOnDisk())).toEqual([]);
  expect((await filesOnDisk()).includes(sealed)).toBe(true);

  const answers: unknown[] = [await upgraded(shop)];
  const { shown, json } = await gateBody(shop);
  answers.push(shown, await shop.call(`${MIGRATION}/confirm`, json), await finished(shop), await shop.me());
  await expect.poll(async () => (await filesOnDisk()).includes(sealed)).toBe(false);
  expect(found(formsOfShop, await filesOnDisk())).toEqual([]);
  // Raw bytes of the ciphertext, should it ever be stored as such.
  expect((await filesOnDisk()).includes(Buffer.from(sealed, 'base64').subarray(12, 44))).toBe(false);
  expect((await filesOnDisk()).includes(sealedOfOther)).toBe(true);
  const told = Buffer.from(JSON.stringify(answers) + world.logLines.join('\n'));
  expect(found({ ...formsOfShop, ciphertext: sealed }, told)).toEqual([]);
  await expect(seeds.openManagedSeed(db, whose(shop), 'migration', () => {})).rejects.toThrow(
    expect.objectContaining({ code: 'SEED_GONE' } satisfies Partial<LatchkeyError>),
  );
});
