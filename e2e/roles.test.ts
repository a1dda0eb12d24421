// A server of one role beside one that does everything, on the same database: what each serves, and that the work of the
// one is done by the other.
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRelayerConfig } from '../server/src/config.ts';
import { type Server, spawnRelayer } from '../server/src/spawn.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import { newApiKey, postSubmission } from './apiKeyHolder.ts';
import { keyWallet, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

const METRICS_TOKEN = 'a-token-for-figures-of-32-characters';
const log = pino({ level: 'silent' });

describe('figures with a token configured', () => {
  it('are for whoever shows it', async () => {
    const world = await createWorld({ env: { METRICS_TOKEN } });
    try {
      const get = (headers: Record<string, string>) => fetch(`${world.server.url}/metrics`, { headers });
      expect((await get({})).status).toBe(401);
      expect((await get({ authorization: 'Bearer wrong' })).status).toBe(401);
      const answer = await get({ authorization: `Bearer ${METRICS_TOKEN}` });
      expect(await answer.text()).toContain('latchkey_channels');
      expect((await fetch(`${world.server.url}/health`)).status).toBe(200);
    } finally {
      await world.close();
    }
  });
});

describeWith(missingPostgres)('a server that only submits', () => {
  let postgres: PostgresServer;
  let world: World;
  let relayer: Pick<Server, 'url' | 'close'>;

  beforeAll(async () => {
    postgres = await startPostgres();
    world = await createWorld({ env: { DATABASE_URL: await postgres.createDatabase() } });
    const { WEBAUTHN_RP_ORIGIN: _, RECOVERY_WALLET_SECRET_KEY: __, JWT_SECRET: ___, ...env } = world.env;
    relayer = await spawnRelayer(readRelayerConfig(env), { log });
  });
  afterAll(async () => {
    await relayer?.close();
    await world?.close();
    await postgres?.stop();
  });

  it('serves submissions by API key, and no wallets or look-ups', async () => {
    const { secret } = await newApiKey(world);
    const wallet = await keyWallet(world.rpc, world.server.services.config.factoryId);
    const there = { ...world, server: { ...world.server, url: relayer.url } };
    const made = await postSubmission(there, secret, unsignedCall(wallet.deploy));
    expect(made.body.status).toBe('confirmed');
    expect((await fetch(`${relayer.url}/ready`)).status).toBe(200);
    for (const path of ['/api/wallet', '/api/create-wallet-options/ana@example.org', '/api/stats'])
      expect((await fetch(relayer.url + path)).status).toBe(404);
  });

  it('sees the submissions of the wallets through, when it is the only one left', async () => {
    await world.server.services.relayer.stop();
    const ana = world.person('ana@example.org');
    const { walletAddress } = await ana.latchkey.createWallet({ email: ana.email });
    const row = await world.server.services.db
      .selectFrom('wallets')
      .select('state')
      .where('address', '=', walletAddress)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('active');
  });
});
