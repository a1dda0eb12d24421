// kill -9 between any two steps of a transfer, a wallet's creation and a recovery: after a restart nothing is lost,
// doubled or reported wrongly, and the repeated request gets the first one's answer.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createLatchkey } from '@latchkey/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, postTransfer, signedTransfer } from './api.ts';
import { createWorld, type Person, type World } from './world.ts';

/** Steps between which the process can die. */
const points = ['prepared', 'stored', 'sent', 'settled'] as const;
const RESTART_ATTEMPTS = 3;

type Running = { child: ChildProcess; server: { url: string } };

let world: World;
let running: Running | undefined;

async function start(dieAt?: string): Promise<Running> {
  const child = fork(new URL('./crashServer.ts', import.meta.url), {
    env: {
      ...process.env,
      ...world.env,
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...(dieAt ? { DIE_AT: dieAt } : {}),
    },
  });
  const [url] = (await once(child, 'message')) as [string];
  running = { child, server: { url } };
  return running;
}

async function killed({ child }: Running): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** The world as seen through another server process on the same database. */
const through = ({ server }: Running) => ({ ...world, server: server as World['server'] });

function clientOf(person: Person, { server }: Running) {
  return createLatchkey({ baseUrl: server.url, passkeys: person.authenticator, storage: null });
}

let ana: Person;
let wallet: string;

beforeAll(async () => {
  world = await createWorld();
  ana = world.person('ana@example.org');
  wallet = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  // From here on only processes that can die use the database.
  await world.server.close();
});
afterEach(async () => {
  if (running) await killed(running);
});
afterAll(async () => {
  await world?.close().catch(() => {});
});

describe('a transfer', () => {
  it.each(points)('whose server dies at "%s" is paid exactly once', async (point) => {
    const shop = await world.account();
    const had = await world.balanceStroops(shop);
    const first = await start(point);
    const body = await signedTransfer(through(first), ana, {
      fromWalletAddress: wallet,
      toWalletAddress: shop,
      amount: '2',
    });
    const key = crypto.randomUUID();
    const lost = await postTransfer(through(first), body, key).catch(() => 'connection lost');
    expect(lost).toBe('connection lost');
    await killed(first);

    const second = await start();
    const answer = await postTransfer(through(second), body, key);
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'confirmed', transactionHash: expect.any(String) },
    });
    expect(await world.balanceStroops(shop)).toBe(had + 20_000_000n);
    expect(await postTransfer(through(second), body, key)).toEqual(answer);
    expect((await call(through(second), `/api/transfers/${answer.body.id}`)).body).toEqual(answer.body);
    const found = await world.rpc.call('getTransaction', { hash: answer.body.transactionHash! });
    expect(found.status).toBe('SUCCESS');
    expect(await world.balanceStroops(shop)).toBe(had + 20_000_000n);
  });

  it('whose server dies after the options were given goes on after the restart', async () => {
    const shop = await world.account();
    const first = await start();
    const body = await signedTransfer(through(first), ana, {
      fromWalletAddress: wallet,
      toWalletAddress: shop,
      amount: '2',
    });
    await killed(first);
    const second = await start();
    expect((await postTransfer(through(second), body)).body.status).toBe('confirmed');
  });

  it('is paid exactly once when the server dies again and again', async () => {
    const shop = await world.account();
    const had = await world.balanceStroops(shop);
    const first = await start('prepared');
    const body = await signedTransfer(through(first), ana, {
      fromWalletAddress: wallet,
      toWalletAddress: shop,
      amount: '2',
    });
    const key = crypto.randomUUID();
    await postTransfer(through(first), body, key).catch(() => {});
    for (let i = 0; i < RESTART_ATTEMPTS; i++) {
      const next = await start(points[i]);
      await postTransfer(through(next), body, key).catch(() => {});
      await killed(next);
    }
    const last = await start();
    expect((await postTransfer(through(last), body, key)).body.status).toBe('confirmed');
    expect(await world.balanceStroops(shop)).toBe(had + 20_000_000n);
  });
});

describe('two servers on one database', () => {
  it('pay each of ten transfers exactly once', async () => {
    const shop = await world.account();
    const had = await world.balanceStroops(shop);
    const first = await start();
    const second = await start();
    try {
      const ask = { fromWalletAddress: wallet, toWalletAddress: shop, amount: '1' };
      const bodies = [];
      for (let i = 0; i < 10; i++)
        bodies.push(await signedTransfer(through(i % 2 ? first : second), ana, ask));
      const answers = await Promise.all(
        bodies.map((body, i) => postTransfer(through(i % 2 ? second : first), body)),
      );
      expect(answers.map((it) => it.body.status)).toEqual(Array(10).fill('confirmed'));
      expect(new Set(answers.map((it) => it.body.transactionHash)).size).toBe(10);
      expect(await world.balanceStroops(shop)).toBe(had + 100_000_000n);
    } finally {
      await killed(first);
    }
  });
});

describe('a wallet', () => {
  it.each(points)(
    'whose server dies at "%s" while it is made is there after the restart, once',
    async (point) => {
      const email = `new-${point}@example.org`;
      const person = world.person(email);
      const first = await start(point);
      await expect(clientOf(person, first).createWallet({ email })).rejects.toThrow();
      await killed(first);

      const second = await start();
      const client = clientOf(person, second);
      await expect.poll(() => client.signIn({ email }).then(() => 'in')).toBe('in');
      await expect
        .poll(() => client.wallet().then((view) => view.balances[0]?.amount), { timeout: 10_000 })
        .toBe(100_000_000_000n);
      await expect(client.createWallet({ email })).rejects.toThrow(
        expect.objectContaining({ code: 'EMAIL_TAKEN' }),
      );
    },
  );
});

describe('a recovery', () => {
  it.each(points)('whose server dies at "%s" takes effect once after the restart', async (point) => {
    const email = `lost-${point}@example.org`;
    const owner = world.person(email);
    const before = await start();
    const { walletAddress } = await clientOf(owner, before).createWallet({ email });
    await killed(before);

    const first = await start(point);
    const heir = world.person(email);
    const client = clientOf(heir, first);
    await client.requestRecoveryCode({ email });
    const inbox = (await (await fetch(`${first.server.url}/dev/inbox.json`)).json()) as {
      to: string;
      text: string;
    }[];
    const code = /\b(\d{6})\b/.exec(inbox.find((it) => it.to === email)!.text)![1]!;
    await expect(client.recoverWallet({ email, code })).rejects.toThrow();
    await killed(first);

    const second = await start();
    const recovered = clientOf(heir, second);
    await expect
      .poll(
        () =>
          recovered.signIn({ email }).then(
            (it) => it.walletAddress,
            (error) => error.code,
          ),
        { timeout: 10_000 },
      )
      .toBe(walletAddress);
    const shop = await world.account();
    expect(
      (await (await recovered.prepareTransfer({ toWalletAddress: shop, amount: '1' })).approve()).status,
    ).toBe('confirmed');
    await expect(clientOf(owner, second).signIn({ email })).rejects.toThrow(
      expect.objectContaining({ code: 'PASSKEY_CANCELLED' }),
    );
  });
});
