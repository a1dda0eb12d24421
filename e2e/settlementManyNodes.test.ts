// Two servers on one PostgreSQL that move the same merchants' wallets at once: each step is taken by one of them.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../server/src/config.ts';
import { type Server, spawn } from '../server/src/spawn.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import { finished, gateBody, MIGRATION, SETTLEMENT, upgradeBody } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

const SHOPS = 5;

describeWith(missingPostgres)('two servers on one PostgreSQL', () => {
  let postgres: PostgresServer;
  let world: SettlementWorld;
  let other: Server;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await createSettlementWorld({ env: { DATABASE_URL: await postgres.createDatabase() } });
    other = await spawn(readConfig(world.env), { log: world.server.services.log });
  });
  afterAll(async () => {
    await other?.close();
    await world?.close();
    await postgres?.stop();
  });

  /** The next calls go to the other server. */
  const url = [''];
  function change(): void {
    url[0] ||= world.server.url;
    world.server.url = world.server.url === url[0] ? other.url : url[0];
  }

  it('bring each of several merchants to one wallet and one end', { timeout: 60_000 }, async () => {
    const shops: MerchantPerson[] = [];
    for (let i = 0; i < SHOPS; i++) shops.push(await world.merchant(`shop${i}@example.org`));
    for (const shop of shops) await world.pay((await shop.me()).settlementAddress!, 1_000n);
    await Promise.all(
      shops.map(async (shop) => {
        const body = await upgradeBody(shop);
        const ask = () => shop.call<{ smartWalletAddress: string }>(`${SETTLEMENT}/upgrade`, body);
        const first = ask();
        change();
        const answers = await Promise.all([first, ask()]);
        const made = answers.filter((it) => it.status === 201);
        expect(new Set(made.map((it) => it.body.smartWalletAddress)).size).toBe(1);
      }),
    );
    await Promise.all(
      shops.map(async (shop) => {
        const { json } = await gateBody(shop);
        const first = shop.call(`${MIGRATION}/confirm`, json);
        change();
        await Promise.all([first, shop.call(`${MIGRATION}/confirm`, json)]);
      }),
    );
    for (const shop of shops)
      expect(await finished(shop)).toMatchObject({ movedAmount: '1000', error: null });
    const rows = await world.server.services.db.selectFrom('submissions').select(['kind', 'state']).execute();
    for (const kind of ['deploy-settlement', 'migrate-settlement', 'close-settlement'])
      expect(rows.filter((it) => it.kind === kind).map((it) => it.state)).toEqual(
        Array(SHOPS).fill('confirmed'),
      );
    const keys = await world.server.services.db.selectFrom('merchant_settlement_keys').selectAll().execute();
    expect(keys.map((it) => [it.status, it.managed, it.encrypted_seed])).toEqual(
      Array(SHOPS).fill(['self-custody', 0, null]),
    );
  });
});
