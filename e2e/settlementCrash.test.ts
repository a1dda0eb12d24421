// kill -9 between any two steps of an upgrade and its migration, in real processes: each one goes on from where the last one
// died, down to the end, with everything that was paid. Deaths between any two statements are in settlementMigrationFaults.test.ts.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { finished, gateBody, MIGRATION, reached, SETTLEMENT, upgradeBody } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

const points = ['prepared', 'stored', 'sent', 'settled'] as const;
const PAID = 5_000n;
const PAID_IN_BETWEEN = 70n;

let world: SettlementWorld;
let shops: MerchantPerson[];
let child: ChildProcess | undefined;

beforeAll(async () => {
  world = await createSettlementWorld();
  shops = [];
  for (const point of points) shops.push(await world.merchant(`${point}@example.org`));
  // From here on only processes that can die use the database.
  await world.server.close();
});
afterEach(killed);
afterAll(() => world?.close().catch(() => {}));

async function killed(): Promise<void> {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

async function start(dieAt = ''): Promise<ChildProcess> {
  child = fork(new URL('./crashServer.ts', import.meta.url), {
    env: { ...process.env, ...world.env, PORT: '0', LOG_LEVEL: 'silent', DIE_AT: dieAt },
  });
  [world.server.url] = (await once(child, 'message')) as [string];
  return child;
}

/** Until the process has died by itself. */
async function died(process: ChildProcess): Promise<void> {
  if (process.signalCode === null) await once(process, 'exit');
  expect(process.signalCode).toBe('SIGKILL');
}

describe('an upgrade', () => {
  it.each(points.map((point, index) => ({ point, index })))(
    'whose server dies at "$point" of deployment, transfer and close comes to its end',
    { timeout: 60_000 },
    async ({ point, index }) => {
      const shop = shops[index]!;
      const first = await start(`${point}:deploy-settlement`);
      const managed = (await shop.me()).settlementAddress!;
      await world.pay(managed, PAID);
      const asked = upgradeBody(shop).then((body) => shop.call(`${SETTLEMENT}/upgrade`, body));
      expect(await asked.catch(() => 'connection lost')).toBe('connection lost');
      await died(first);

      const second = await start(`${point}:migrate-settlement`);
      await reached(shop, (it) => it.state === 'ready');
      const { json } = await gateBody(shop);
      await shop.call(`${MIGRATION}/confirm`, json).catch(() => {});
      await died(second);
      await world.pay(managed, PAID_IN_BETWEEN);

      const third = await start(`${point}:close-settlement`);
      await died(third);

      await start();
      expect(await finished(shop)).toMatchObject({
        movedAmount: String(PAID + PAID_IN_BETWEEN),
        error: null,
      });
      const { settlementAddress, settlement } = await shop.me();
      expect(settlement).toMatchObject({ status: 'self-custody', balance: String(PAID + PAID_IN_BETWEEN) });
      expect(settlementAddress).toBe(settlement.smartWalletAddress);
    },
  );
});
