// Rotating the keys that seal seeds, by the command, with the process killed in the middle; and what a server starts with
// before, while and after.
import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../server/src/config.ts';
import { openDatabase } from '../server/src/db/database.ts';
import { insertMerchant } from '../server/src/db/merchants.ts';
import { insertSettlementKey, seedsByKekVersion, settlementKeyOf } from '../server/src/db/settlementKeys.ts';
import { createLocalKeyEncryption, WrongSettlementKek } from '../server/src/settlement/localKek.ts';
import { createManagedSeeds } from '../server/src/settlement/managedSeed.ts';
import { spawn } from '../server/src/spawn.ts';
import { createSettlementWorld, type SettlementWorld } from './settlementWorld.ts';
import { keptLog } from './world.ts';

const MORE_SEEDS = 1_500;
const root = fileURLToPath(new URL('../', import.meta.url));
const newKey = () => randomBytes(32).toString('base64');

let world: SettlementWorld;
let shop: { id: string; address: string };
beforeAll(async () => {
  world = await createSettlementWorld();
  const person = await world.merchant('shop@example.org');
  shop = { id: person.id, address: (await person.me()).settlementAddress! };
  await world.server.close();
  const { settlement } = readConfig(world.env);
  const seeds = createManagedSeeds(createLocalKeyEncryption(settlement!.kekByVersion));
  const db = await openDatabase(world.env.DATABASE_URL!);
  await db.transaction().execute(async (trx) => {
    for (let i = 0; i < MORE_SEEDS; i++) {
      const account_id = randomUUID();
      const { address, sealed } = await seeds.create(account_id);
      const who = { account_id, network: 'testnet' } as const;
      await insertMerchant(trx, { ...who, email: `${i}@example.org`, name: 'Shop', created_at: Date.now() });
      await insertSettlementKey(trx, { ...who, address }, sealed, Date.now());
    }
    // They are for rotating, not for the network.
    await trx.updateTable('merchant_settlement_keys').set({ status: 'managed' }).execute();
  });
  await db.destroy();
});
afterAll(() => world?.close().catch(() => {}));

function command(args: string[], keks: string): ChildProcess {
  return spawnProcess(process.execPath, ['scripts/settlement.ts', ...args], {
    cwd: root,
    env: { ...process.env, ...world.env, SETTLEMENT_KEY_KEK: keks },
  });
}

async function run(args: string[], keks: string): Promise<{ code: number; out: string }> {
  const child = command(args, keks);
  let out = '';
  child.stdout!.on('data', (data) => (out += data));
  child.stderr!.on('data', (data) => (out += data));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

const start = (keks: string) =>
  spawn(readConfig({ ...world.env, SETTLEMENT_KEY_KEK: keks }), { log: keptLog([]) });

it('kill -9 in the middle leaves every seed under a key that is there, and the next run finishes', async () => {
  const first = world.env.SETTLEMENT_KEY_KEK!;
  const second = `2:${newKey()}`;
  const both = `${first},${second}`;
  expect((await run(['kek', 'status'], both)).out).toContain(`version 1: ${MORE_SEEDS + 1} seeds`);

  const killed = command(['kek', 'rotate'], both);
  await once(killed.stderr!, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const db = await openDatabase(world.env.DATABASE_URL!);
  const between = await seedsByKekVersion(db);
  expect(between.reduce((sum, it) => sum + it.count, 0)).toBe(MORE_SEEDS + 1);
  expect(between).toContainEqual({ version: 2, count: expect.any(Number) });
  await db.destroy();
  for (const alone of between.length === 2 ? [first, second] : [first]) {
    await expect(start(alone)).rejects.toThrow(WrongSettlementKek);
    expect(await run(['kek', 'rotate'], alone)).toMatchObject({
      code: 1,
      out: expect.stringContaining('lacks'),
    });
  }

  expect(await run(['kek', 'rotate'], both)).toMatchObject({ code: 0, out: expect.stringContaining('Done') });
  expect((await run(['kek', 'status'], second)).out).toBe(
    `version 2: ${MORE_SEEDS + 1} seeds\nnewest of SETTLEMENT_KEY_KEK: version 2\n`,
  );
  const server = await start(second);
  try {
    const { settlement } = readConfig({ ...world.env, SETTLEMENT_KEY_KEK: second });
    const seeds = createManagedSeeds(createLocalKeyEncryption(settlement!.kekByVersion));
    const whose = { accountId: shop.id, network: 'testnet' } as const;
    const opened = await seeds.openManagedSeed(server.services.db, whose, 'withdrawal', (it) =>
      it.publicKey(),
    );
    expect(opened).toBe(shop.address);
    expect((await settlementKeyOf(server.services.db, shop.id, 'testnet'))?.kek_version).toBe(2);
  } finally {
    await server.close();
  }
}, 60_000);

it('a wrong key stops the start with one line and changes nothing', async () => {
  await expect(start(`2:${newKey()}`)).rejects.toThrow('another key for version 2');
  expect(await run(['kek', 'rotate'], `2:${newKey()}`)).toEqual({
    code: 1,
    out: 'SETTLEMENT_KEY_KEK has another key for version 2 than this database was used with.\n',
  });
  expect((await run(['kek', 'nonsense'], world.env.SETTLEMENT_KEY_KEK!)).code).toBe(2);
});
