// Everything at once: many wallets, a relayer that is killed every few seconds, a node that cannot be trusted to
// answer; on PostgreSQL two relayers, and connections that break. Each submission ends on chain exactly once or not at all, none is lost, none is left over, and the sponsor
// paid what the ledger charged. LATCHKEY_CHAOS=5000x200 runs as many submissions of as many wallets.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubmissionBody } from '@latchkey/sdk/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../server/src/db/apiKeys.ts';
import { openDatabase } from '../server/src/db/database.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import { type FlakyRpc, startFlakyRpc } from './flakyRpc.ts';
import { type KeyWallet, keyWallet, type Relayed, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

const [SUBMISSIONS = 80, WALLETS = 8] = (process.env.LATCHKEY_CHAOS ?? '')
  .split('x')
  .filter(Boolean)
  .map(Number);
const CHANNELS = 20;
const LEDGER_SECONDS = 1;
const KILL_EVERY_MS = 4_000;
const POSTERS = 40;
/** Signatures stay valid for as long as the whole run may take. */
const SIGNATURE_LEDGERS = 10_000;
const TITLE = `brings ${SUBMISSIONS} submissions of ${WALLETS} wallets to one end each`;
const TIME_LIMIT_MS = 180_000 + SUBMISSIONS * 400;

const mischief = {
  dropRequest: 0.03,
  dropAnswer: 0.03,
  duplicate: 0.03,
  delay: 0.1,
  maxDelayMs: 1_500,
  tryAgainLater: 0.1,
};

let world: World;
let proxy: FlakyRpc;
let secret: string;
type Relayer = { child: ChildProcess; url: string };
let relayers: Relayer[];
let isOver: boolean;
let kills: number;

async function start(): Promise<Relayer> {
  const child = fork(new URL('./crashServer.ts', import.meta.url), {
    env: {
      ...process.env,
      ...world.env,
      STELLAR_RPC_URL: proxy.url,
      RELAYER_CHANNELS: String(CHANNELS),
      PORT: '0',
      LOG_LEVEL: process.env.LATCHKEY_CHAOS_LOG ?? 'silent',
    },
  });
  const [url] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [''])])) as [
    string,
  ];
  return { child, url };
}

async function kill({ child }: Relayer): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
  kills++;
}

async function request<T>(path: string, json?: unknown, idempotencyKey?: string): Promise<T | null> {
  const relayer = relayers[Math.floor(Math.random() * relayers.length)]!;
  try {
    const response = await fetch(relayer.url + path, {
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
      },
      ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(20_000),
    });
    if (response.ok) return (await response.json()) as T;
    // What a client repeats: the service is busy, away, or its node is.
    if (response.status >= 500 || response.status === 429) return null;
    throw new Error(`${response.status}: ${await response.text()}`);
  } catch (error) {
    if (error instanceof Error && /^\d{3}: /.test(error.message)) throw error;
    return null;
  }
}

/** As a client does it: posted with one key until it is taken, then asked for until it is settled. */
async function submitted(body: Relayed): Promise<SubmissionBody> {
  const key = crypto.randomUUID();
  let answer: SubmissionBody | null = null;
  while (!answer) {
    answer = await request<SubmissionBody>('/v1/submissions', body, key);
    if (!answer) await sleep(300);
  }
  const { id } = answer;
  while (answer?.status !== 'confirmed' && answer?.status !== 'failed') {
    answer = await request<SubmissionBody>(`/v1/submissions/${id}?wait=5`);
    if (!answer) await sleep(300);
  }
  return answer;
}

async function all<T, R>(items: T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const poster = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: POSTERS }, poster));
  return results;
}

async function chaos(breakConnections: () => Promise<void>): Promise<void> {
  for (let i = 0; !isOver; i++) {
    await sleep(KILL_EVERY_MS * (0.5 + Math.random()));
    if (isOver) return;
    const index = i % relayers.length;
    await kill(relayers[index]!);
    await breakConnections();
    relayers[index] = await start();
  }
}

async function begin(env: Record<string, string>): Promise<void> {
  [isOver, kills, relayers] = [false, 0, []];
  world = await createWorld({ env: { STELLAR_MAX_FEE: '20000000', ...env } });
  const { nativeTokenId, factoryId } = world.server.services.config;
  ({ secret } = await createApiKey(
    world.server.services.db,
    {
      name: 'many wallets',
      allowed: [
        { contract: nativeTokenId, functions: ['transfer'] },
        { contract: factoryId, functions: ['deploy'] },
      ],
      maxFeeStroops: 20_000_000n,
      submissionsPerDay: 1_000_000,
      stroopsPerDay: 10n ** 15n,
      walletSubmissionsPerDay: 1_000_000,
      mayRestore: false,
      isPublic: false,
    },
    Date.now(),
  ));
  // From here on only processes that can die use the database.
  await world.server.close();
  proxy = await startFlakyRpc(world.rpc.url, mischief);
}

async function end(): Promise<void> {
  isOver = true;
  for (const relayer of relayers) await kill(relayer);
  await proxy?.close();
  await world?.close().catch(() => {});
}

describe('a relayer among crashes and a bad node', () => {
  beforeAll(() => begin({}));
  afterAll(end);
  it(TITLE, () => survive(1, async () => {}), TIME_LIMIT_MS);
});

describeWith(missingPostgres)('two relayers on one PostgreSQL, among crashes and a bad node', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
    await begin({ DATABASE_URL: await postgres.createDatabase() });
  });
  afterAll(async () => {
    await end();
    await postgres?.stop();
  });
  it(TITLE, () => survive(2, () => postgres.dropConnections()), TIME_LIMIT_MS);
});

async function survive(processes: number, breakConnections: () => Promise<void>): Promise<void> {
  const { nativeTokenId, factoryId, networkPassphrase, sponsorSecretKey } = world.server.services.config;
  const shop = await world.account();
  const had = await world.balanceStroops(shop);
  const sponsor = createSponsor(world.rpc, sponsorSecretKey, networkPassphrase);
  for (let i = 0; i < processes; i++) relayers.push(await start());
  await expect
    .poll(() => fetch(`${relayers[0]!.url}/metrics`).then((it) => it.text()), { timeout: 90_000 })
    .toContain(`latchkey_channels{state="free"} ${CHANNELS}`);
  const before = (await sponsor.account()).balanceStroops;
  const wallets: KeyWallet[] = await all(Array.from({ length: WALLETS }), () =>
    keyWallet(world.rpc, factoryId),
  );
  const deployed = await all(wallets, (it) => submitted(unsignedCall(it.deploy)));
  expect(new Set(deployed.map((it) => it.status))).toEqual(new Set(['confirmed']));
  for (const { address } of wallets) await world.net!.fund(address);

  const expiresAtLedger = (await world.rpc.call('getLatestLedger')).sequence + SIGNATURE_LEDGERS;
  const bodies = await all(
    Array.from({ length: SUBMISSIONS }, (_, index) => ({ index, amount: BigInt(1 + (index % 7)) })),
    async ({ index, amount }) => ({
      amount,
      body: await signedTransfer(
        wallets[index % WALLETS]!,
        { token: nativeTokenId, to: shop, amount },
        { networkPassphrase, expiresAtLedger },
      ),
    }),
  );
  world.net!.setMineMode('interval', LEDGER_SECONDS);
  const havoc = chaos(breakConnections);
  const startedAt = performance.now();
  const answers = await all(bodies, async ({ amount, body }) => ({ amount, ...(await submitted(body)) }));
  const seconds = (performance.now() - startedAt) / 1000;
  isOver = true;
  await havoc;
  for (const relayer of relayers) await kill(relayer);
  world.net!.setMineMode('instant');

  const db = await openDatabase(world.env.DATABASE_URL!);
  const rows = await db.selectFrom('submissions').selectAll().execute();
  const leased = await db.selectFrom('channels').selectAll().where('submission_id', 'is not', null).execute();
  await db.destroy();
  const confirmed = answers.filter((it) => it.status === 'confirmed');
  const failures = answers.filter((it) => it.status === 'failed').map((it) => it.error?.code);
  console.log(
    `${confirmed.length} confirmed, ${failures.length} failed in ${seconds.toFixed(0)} s, ${kills} kills,`,
    proxy.counts,
    Object.groupBy(failures, String),
  );
  expect(kills).toBeGreaterThan(2);
  expect(rows).toHaveLength(SUBMISSIONS + WALLETS);
  expect(new Set(rows.map((it) => it.state))).toEqual(new Set(rows.map(() => 'confirmed')));
  expect(leased).toEqual([]);
  expect(new Set(confirmed.map((it) => it.hash)).size).toBe(confirmed.length);
  const moved = confirmed.reduce((sum, it) => sum + it.amount, 0n);
  expect((await world.balanceStroops(shop)) - had).toBe(moved);
  const charged = rows.reduce((sum, it) => sum + BigInt(it.fee_charged_stroops ?? '0'), 0n);
  expect(before - (await sponsor.account()).balanceStroops).toBe(charged);
}
