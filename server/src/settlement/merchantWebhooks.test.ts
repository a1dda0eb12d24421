import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { merchantById } from '../db/merchants.ts';
import { announceSettlement } from '../db/settlementMessages.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { createFetchTransport } from '../webhooks/delivery.ts';
import { createMerchantDeliveries } from './merchantDeliveries.ts';
import { createMerchantWebhooks } from './merchantWebhooks.ts';
import { insertMerchantRow } from './testing/merchantRows.ts';

const DAY_MS = 86_400_000;
const keyEncryptionKey = randomBytes(32);

type Received = { path: string; headers: Record<string, string>; body: string };

onEveryDatabase((open) => {
  let db: Database;
  let receiver: Server;
  let received: Received[];
  let answer: (path: string) => number | null;
  let nowMs: number;
  let confirmed: unknown[];

  beforeEach(async () => {
    db = await open();
    nowMs = 1_795_000_000_000;
    received = [];
    confirmed = [];
    answer = () => 204;
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        received.push({ path: request.url!, headers, body: Buffer.concat(chunks).toString() });
        const status = answer(request.url!);
        if (status !== null) response.writeHead(status).end();
      });
    });
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    await insertMerchantRow(db, 'shop');
    await insertMerchantRow(db, 'other');
  });
  afterEach(async () => {
    receiver.closeAllConnections();
    await new Promise((done) => receiver.close(done));
    await db.destroy();
  });

  const webhooks = (mayBePrivate = true) =>
    createMerchantWebhooks({
      db,
      stepUp: {
        async requireStepUp(_, { account_id }, action, details) {
          confirmed.push([account_id, action, details]);
        },
      },
      keyEncryptionKey,
      mayBePrivate,
      wake: () => {},
      nowMs: () => nowMs,
    });
  const merchant = async (id: string) => (await merchantById(db, id))!;
  const deliveries = () =>
    createMerchantDeliveries({
      db,
      keyEncryptionKey,
      post: createFetchTransport(),
      log: pino({ level: 'silent' }),
      nowMs: () => nowMs,
    });
  async function deliver() {
    const sender = deliveries();
    await sender.deliver();
    await sender.idle();
  }
  const add = async (path = '/', accountId = 'shop') => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`;
    return webhooks().create(await merchant(accountId), { url, scheme: 'hmac' });
  };
  const announce = (accountId = 'shop', data: Record<string, unknown> = { amount: '5' }) =>
    db.transaction().execute((trx) => announceSettlement(trx, accountId, 'settlement.received', data, nowMs));

  describe('an endpoint', () => {
    it('on this machine or in a private network is refused but in development', async () => {
      for (const url of ['http://shop.example/', 'https://localhost/', 'https://10.0.0.1/'])
        await expect(
          webhooks(false).create(await merchant('shop'), { url, scheme: 'hmac' }),
        ).rejects.toMatchObject({
          code: 'INVALID_REQUEST',
          details: { field: 'url' },
        });
      const request = { url: 'https://shop.example/', scheme: 'ed25519' as const };
      await webhooks(false).create(await merchant('shop'), request);
      expect(confirmed).toEqual([['shop', 'set-webhook', request]]);
      expect(await webhooks().list('shop')).toMatchObject([
        { url: 'https://shop.example/', failing: false, verificationKey: expect.stringMatching(/^whpk_/) },
      ]);
    });

    it('has a secret of its own that is told once, and that the database has only sealed', async () => {
      const [one, two] = [await add(), await add()];
      expect(one.verificationKey).toMatch(/^whsec_/);
      expect(one.verificationKey).not.toBe(two.verificationKey);
      expect((await webhooks().list('shop')).map((it) => it.verificationKey)).toEqual([null, null]);
      const rows = JSON.stringify(await db.selectFrom('settlement_webhooks').selectAll().execute());
      expect(rows).not.toContain(one.verificationKey.slice(6));
    });

    it('of another merchant cannot be seen, removed or replayed', async () => {
      const { id } = await add();
      for (const attempt of [
        () => webhooks().remove('other', id),
        () => webhooks().messages('other', id),
        () => webhooks().replay('other', id, 0),
      ])
        await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await webhooks().list('other')).toEqual([]);
    });

    it('beyond the tenth is refused, also when two come at once', async () => {
      for (let i = 0; i < 9; i++) await add();
      const two = await Promise.allSettled([add(), add()]);
      expect(two.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await webhooks().list('shop')).toHaveLength(10);
    });

    it('that is removed takes its messages along', async () => {
      const { id } = await add();
      await announce();
      await webhooks().remove('shop', id);
      await deliver();
      expect(received).toEqual([]);
      expect(await db.selectFrom('settlement_messages').selectAll().execute()).toEqual([]);
    });
  });

  describe('a message', () => {
    it('is signed as Standard Webhooks says, and delivered once', async () => {
      const { verificationKey } = await add();
      await announce();
      await deliver();
      await deliver();
      expect(received).toHaveLength(1);
      const { headers, body } = received[0]!;
      expect(JSON.parse(body)).toMatchObject({ type: 'settlement.received', data: { amount: '5' } });
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const secret = Buffer.from(verificationKey.slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', secret).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    });

    it('goes to the endpoints of its merchant only', async () => {
      await add('/shop');
      await add('/other', 'other');
      await announce('other');
      await deliver();
      expect(received.map(({ path }) => path)).toEqual(['/other']);
    });

    it('of a transaction that was undone is never sent', async () => {
      await add();
      const undone = db.transaction().execute(async (trx) => {
        await announceSettlement(trx, 'shop', 'settlement.received', {}, nowMs);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      await deliver();
      expect(received).toEqual([]);
    });

    it('that is not taken comes again later under the same id, and in the end is given up', async () => {
      answer = () => 500;
      const { id } = await add();
      await announce();
      for (let tries = 0; tries < 12; tries++) {
        await deliver();
        await deliver();
        nowMs += DAY_MS;
      }
      expect(received).toHaveLength(10);
      expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(await webhooks().messages('shop', id)).toMatchObject([
        { state: 'given-up', tries: 10, lastAnswer: 'HTTP 500', nextTryAt: null },
      ]);
      expect(await webhooks().list('shop')).toMatchObject([{ failing: true, disabledAt: null }]);
    });

    it('is delivered when the receiver is back', async () => {
      answer = () => 503;
      const { id } = await add();
      await announce();
      await deliver();
      expect(await webhooks().messages('shop', id)).toMatchObject([{ state: 'waiting', tries: 1 }]);
      answer = () => 200;
      nowMs += 6_000;
      await deliver();
      expect(await webhooks().messages('shop', id)).toMatchObject([{ state: 'delivered', tries: 2 }]);
    });

    it('answered by 410 disables the endpoint until a replay', async () => {
      answer = () => 410;
      const { id } = await add();
      await announce();
      await announce();
      await deliver();
      expect(await webhooks().list('shop')).toMatchObject([{ failing: true, disabledAt: nowMs }]);
      await announce();
      expect((await webhooks().messages('shop', id)).map(({ state }) => state)).toEqual([
        'given-up',
        'given-up',
      ]);
      answer = () => 204;
      received = [];
      expect(await webhooks().replay('shop', id, 0)).toBe(2);
      await deliver();
      expect(received).toHaveLength(2);
      expect(await webhooks().list('shop')).toMatchObject([{ failing: false, disabledAt: null }]);
    });

    it('redirects lead nowhere', async () => {
      answer = () => 302;
      const { id } = await add();
      await announce();
      await deliver();
      expect(received).toHaveLength(1);
      expect(await webhooks().messages('shop', id)).toMatchObject([
        { state: 'waiting', lastAnswer: 'HTTP 302' },
      ]);
    });

    it('is not held up by another endpoint that never answers', async () => {
      answer = (path) => (path === '/silent' ? null : 204);
      await add('/silent');
      await add('/other', 'other');
      for (let i = 0; i < 50; i++) await announce();
      await announce('other');
      const sender = deliveries();
      await sender.deliver();
      await expect.poll(() => received.filter(({ path }) => path === '/other').length).toBe(1);
      expect(received.filter(({ path }) => path === '/silent')).toHaveLength(2);
      const stopped = sender.stop();
      receiver.closeAllConnections();
      await stopped;
    });

    it('is sent by one of two servers', async () => {
      await add();
      for (let i = 0; i < 40; i++) await announce();
      const two = [deliveries(), deliveries()];
      await Promise.all(two.map((it) => it.deliver()));
      await Promise.all(two.map((it) => it.idle()));
      expect(received).toHaveLength(40);
      expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(40);
    });
  });
});
