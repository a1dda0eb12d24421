// Several servers on one PostgreSQL and one Redis, both real: the stories that every network carries, and what only shows
// where servers share. Without these programs on the machine they are left out, except in CI.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createLatchkey } from '@latchkey/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../server/src/config.ts';
import { type Server, spawn } from '../server/src/spawn.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import type { RunningProgram } from '../server/src/testing/program.ts';
import { missingRedis, startRedis } from '../server/src/testing/redisServer.ts';
import { type Answer, call, postTransfer, signedTransfer } from './api.ts';
import { stories } from './stories.suite.ts';
import { createWorld, keptLog, type Person, type World } from './world.ts';

const TRANSFERS = 10;
const STROOPS = 10_000_000n;
const RETRY_MS = 300;
const MAX_RETRIES = 60;

describeWith(missingPostgres ?? missingRedis)('PostgreSQL and Redis', () => {
  let postgres: PostgresServer;
  let redis: RunningProgram;
  const env = async () => ({ DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url });

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  afterAll(async () => {
    await Promise.all([postgres?.stop(), redis?.stop()]);
  });

  stories('carry the stories', async () => ({ env: await env() }));

  describe('between two servers', () => {
    let world: World;
    let second: Server;
    let ana: Person;
    let wallet: string;
    const servers = () => [world.server, second];
    const through = (i: number) => ({ ...world, server: servers()[i % 2]! });

    beforeAll(async () => {
      world = await createWorld({ env: await env() });
      second = await spawn(readConfig(world.env), { log: keptLog([]) });
      ana = world.person('ana@example.org');
      wallet = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
    });
    afterAll(async () => {
      await second?.close();
      await world?.close();
    });

    async function signedTransfers(shop: string) {
      const ask = { fromWalletAddress: wallet, toWalletAddress: shop, amount: '1' };
      const bodies = [];
      for (let i = 0; i < TRANSFERS; i++) bodies.push(await signedTransfer(through(i), ana, ask));
      return bodies;
    }

    /** Asks again, under the same key, until there is an answer to it. */
    async function persistently(
      i: number,
      body: unknown,
      key: string = crypto.randomUUID(),
    ): Promise<Answer> {
      for (let tries = 0; tries < MAX_RETRIES; tries++) {
        const answer = await postTransfer(through(i + tries), body, key).catch(() => null);
        if (answer?.status === 200 && answer.body.status !== 'pending') return answer;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      throw new Error('no answer');
    }

    it('each of ten transfers is paid exactly once', async () => {
      const shop = await world.account();
      const had = await world.balanceStroops(shop);
      const bodies = await signedTransfers(shop);
      const answers = await Promise.all(bodies.map((body, i) => postTransfer(through(i + 1), body)));
      expect(answers.map((it) => it.body.status)).toEqual(Array(TRANSFERS).fill('confirmed'));
      expect(new Set(answers.map((it) => it.body.transactionHash)).size).toBe(TRANSFERS);
      expect(await world.balanceStroops(shop)).toBe(had + BigInt(TRANSFERS) * STROOPS);
    });

    it('one transfer that both are asked for at once is paid once, and both answer the same', async () => {
      const shop = await world.account();
      const had = await world.balanceStroops(shop);
      const [body] = await signedTransfers(shop);
      const key = crypto.randomUUID();
      const answers = await Promise.all([0, 1, 2, 3].map((i) => postTransfer(through(i), body, key)));
      expect(answers.map((it) => it.status)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map((it) => JSON.stringify(it.body))).size).toBe(1);
      expect(await world.balanceStroops(shop)).toBe(had + STROOPS);
    });

    it('each of ten transfers is paid exactly once while all database connections break again and again', async () => {
      const shop = await world.account();
      const had = await world.balanceStroops(shop);
      const bodies = await signedTransfers(shop);
      let isBreaking = true;
      const breaking = (async () => {
        for (let i = 0; i < 5 && isBreaking; i++) {
          await postgres.dropConnections();
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      })();
      const answers = await Promise.all(bodies.map((body, i) => persistently(i, body)));
      isBreaking = false;
      await breaking;
      expect(answers.map((it) => it.body.status)).toEqual(Array(TRANSFERS).fill('confirmed'));
      expect(await world.balanceStroops(shop)).toBe(had + BigInt(TRANSFERS) * STROOPS);
    });

    it.each(['prepared', 'stored', 'sent', 'settled'])(
      'a transfer whose server dies at "%s" is paid exactly once by the other',
      async (point) => {
        const shop = await world.account();
        const had = await world.balanceStroops(shop);
        const [body] = await signedTransfers(shop);
        const dying = fork(new URL('./crashServer.ts', import.meta.url), {
          env: { ...process.env, ...world.env, LOG_LEVEL: 'silent', DIE_AT: point },
        });
        const [url] = (await once(dying, 'message')) as [string];
        const key = crypto.randomUUID();
        const asked = postTransfer({ server: { url } as Server }, body, key).catch(() => 'connection lost');
        // Any of the servers may get to it first; only this one dies of it.
        await Promise.race([once(dying, 'exit'), asked]);
        dying.kill('SIGKILL');
        const answer = await persistently(0, body, key);
        expect(answer.body.status).toBe('confirmed');
        expect(await persistently(1, body, key)).toEqual(answer);
        expect(await world.balanceStroops(shop)).toBe(had + STROOPS);
      },
    );

    it('one wallet is made of an e-mail that registers at both at once, and it is funded once', async () => {
      const email = 'ben@example.org';
      const wallets = await Promise.allSettled(
        servers().map((server) => {
          const { authenticator } = world.person(email);
          const client = createLatchkey({ baseUrl: server.url, passkeys: authenticator, storage: null });
          return client.createWallet({ email });
        }),
      );
      const made = wallets.filter((it) => it.status === 'fulfilled').map((it) => it.value);
      expect(made).toHaveLength(1);
      expect(wallets.find((it) => it.status === 'rejected')?.reason).toMatchObject({ code: 'EMAIL_TAKEN' });
      await expect.poll(() => world.balanceStroops(made[0]!.walletAddress)).toBe(100_000_000_000n);
    });

    it('requests for recovery codes are counted together', async () => {
      const ask = (i: number) =>
        call(through(i), '/api/recovery-codes', { json: { email: 'nobody@example.org' } });
      const statuses = [];
      for (let i = 0; i < 6; i++) statuses.push((await ask(i)).status);
      expect(statuses).toEqual([202, 202, 202, 429, 429, 429]);
    });

    it('text that PostgreSQL cannot store is refused, not a failure', async () => {
      const answer = await call(through(0), '/api/transfers/%00');
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    });
  });
});
