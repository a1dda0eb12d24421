// Look-ups, the stream and webhooks over HTTP, as kits and receivers use them: beside the wallet's API, and from a server
// that only indexes.
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLookups } from '@latchkey/sdk';
import { bytesToHex, tokenCalls } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIndexerConfig } from '../server/src/config.ts';
import { lastEvent } from '../server/src/db/lookups.ts';
import { insertEndpoint } from '../server/src/db/webhooks.ts';
import { createDeliveries } from '../server/src/indexer/deliver.ts';
import type { Server } from '../server/src/spawn.ts';
import { spawnIndexer } from '../server/src/spawnIndexer.ts';
import { byOwner } from './indexerHistory.ts';
import { createWorld, type Person, type World } from './world.ts';

const ADMIN_TOKEN = 'an-administrator-s-token-of-32-characters';
const UNTIL = { timeout: 20_000 };

type Received = { headers: IncomingHttpHeaders; body: string };

let world: World;
let ana: Person;
let anas: string;
let shop: string;
let receiver: HttpServer;
let receiverUrl: string;
const received: Received[] = [];
let answer = 200;

async function get(path: string, base = world.server.url) {
  const response = await fetch(base + path);
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

async function admin<T>(method: string, path: string, body?: unknown, token = ADMIN_TOKEN) {
  const response = await fetch(`${world.server.url}/api/webhooks${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
}

const credentialHex = (person: Person) =>
  Buffer.from(person.authenticator.credentials[0]!.id, 'base64url').toString('hex');
const pay = (amount: bigint) =>
  byOwner(world, ana, tokenCalls.transfer(world.server.services.config.nativeTokenId, anas, shop, amount));

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer).end();
    });
  }).listen(0);
  receiverUrl = `http://localhost:${(receiver.address() as AddressInfo).port}/hook`;
  world = await createWorld({ env: { ADMIN_TOKEN } });
  ana = world.person('ana@example.org');
  anas = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  shop = await world.account();
  while ((await get(`/api/wallet/${anas}`)).status !== 200) await world.server.services.indexer.catchUp();
});
afterAll(async () => {
  await world?.close();
  receiver?.close();
});

describe('a look-up', () => {
  it('finds a wallet by credential id and public key, as kits ask for it, from any page', async () => {
    const { body, headers } = await get(`/api/lookup/${credentialHex(ana)}`);
    const found = [{ contract_id: anas, generation: 'latchkey', signer_count: 1, signer_ids: [0] }];
    expect(body).toMatchObject({ wallets: found, count: 1, cursor: null });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const { publicKey } = ana.authenticator.credentials[0]!;
    const byPublicKey = (await get(`/api/lookup/public-key/${bytesToHex(publicKey)}`)).body as object;
    expect(body).toEqual({ ...byPublicKey, credentialId: credentialHex(ana) });
    expect((await get(`/api/lookup/address/${shop}`)).body).toMatchObject({ wallets: [], count: 0 });
  });

  it("is made by the SDK's client too", async () => {
    const lookups = createLookups(world.server.url);
    const found: string[] = [];
    const [passkey] = ana.authenticator.credentials;
    for await (const ref of lookups.byCredentialId(passkey!.id)) found.push(ref.contract_id);
    for await (const ref of lookups.byPublicKey(passkey!.publicKey)) found.push(ref.contract_id);
    for await (const ref of lookups.byAddress(shop)) found.push(ref.contract_id);
    expect(found).toEqual([anas, anas]);
    expect(await lookups.wallet(anas)).toMatchObject({ contractId: anas, adminThreshold: 1 });
    expect(await lookups.wallet(world.server.services.config.factoryId)).toBeNull();
    const kinds: string[] = [];
    for await (const event of lookups.history(anas)) kinds.push(event.kind);
    expect(kinds).toContain('wallet-deployed');
    expect((await lookups.stats()).wallets).toBe(1);
  });

  it('gives a wallet with its signers, and the network read so far', async () => {
    expect((await get(`/api/wallet/${anas}`)).body).toMatchObject({
      contractId: anas,
      signers: [
        { key: { type: 'secp256r1', value: credentialHex(ana) }, status: 'live', storage: 'persistent' },
      ],
    });
    expect((await get('/api/stats')).body).toMatchObject({
      status: 'following',
      wallets: 1,
      signers: 1,
      gaps: [],
    });
  });

  it.each([
    ['an unknown wallet', '/api/wallet/CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526', 404],
    ['an address of another form', '/api/wallet/GABC', 400],
    ['a credential id that is no hex', '/api/lookup/xyz', 400],
    ['an odd number of digits', '/api/lookup/abc', 400],
    ['a muxed address', '/api/lookup/address/MABC', 400],
    ['a cursor of our own making', '/api/lookup/abcd?cursor=1', 400],
  ])('of %s is refused', async (_, path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it('leaves the wallet of the signed-in account where it was', async () => {
    expect((await get('/api/wallet')).status).toBe(401);
    expect((await get('/api/wallet/activity')).status).toBe(401);
    expect((await get('/api/wallet')).headers.get('access-control-allow-origin')).not.toBe('*');
  });
});

describe('the stream of a wallet', () => {
  it('brings what happens, and after a break what was missed', async () => {
    const read = async (headers: Record<string, string>) => {
      const response = await fetch(`${world.server.url}/api/wallet/${anas}/events`, { headers });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      return {
        async next() {
          for (let text = ''; ; ) {
            const { value } = await reader.read();
            text += value;
            const [, id] = /id: (\S+)\n/.exec(text) ?? [];
            const [, data] = /data: (.+)\n/.exec(text) ?? [];
            if (id && data) return { id, event: JSON.parse(data) as { kind: string; amount: string } };
          }
        },
        close: () => reader.cancel(),
      };
    };
    const first = await read({});
    await pay(5n);
    const seen = await first.next();
    expect(seen.event).toMatchObject({ kind: 'sent', amount: '5' });
    await first.close();
    await pay(6n);
    const second = await read({ 'last-event-id': seen.id });
    expect((await second.next()).event).toMatchObject({ kind: 'sent', amount: '6' });
    await second.close();
  });
});

describe('a webhook', () => {
  type Endpoint = { id: string; verificationKey: string; position: string };
  const types = () => received.map((it) => (JSON.parse(it.body) as { type: string }).type);

  it('needs the administrator, and a receiver over https', async () => {
    expect((await admin('GET', '', undefined, 'wrong')).status).toBe(401);
    expect((await admin('POST', '', { url: 'http://receiver.example/hook' })).status).toBe(400);
    expect((await admin('POST', '', { url: 'ftp://receiver.example/hook' })).status).toBe(400);
  });

  it('is told of what happens, signed, once', async () => {
    const { status, body: endpoint } = await admin<Endpoint>('POST', '', { url: receiverUrl });
    expect(status).toBe(201);
    await pay(9n);
    await expect.poll(types, UNTIL).toEqual(['wallet.sent']);
    const [{ headers, body }] = received as [Received];
    const secret = Buffer.from(endpoint.verificationKey.slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
    );
    expect(JSON.parse(body)).toMatchObject({ data: { wallet: anas, amount: '9', counterparty: shop } });
    await world.server.services.webhooks!.deliveries.deliver();
    expect(received).toHaveLength(1);
  });

  it('is told again from a ledger on', async () => {
    const [endpoint] = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body.endpoints as [Endpoint];
    const all = (await get(`/api/wallet/${anas}/history`)).body as { items: { id: string; kind: string }[] };
    received.length = 0;
    expect((await admin('POST', `/${endpoint.id}/replay`, { fromLedger: 0 })).status).toBe(202);
    await expect.poll(() => received.length, UNTIL).toBe(all.items.length);
    expect(received.map((it) => (JSON.parse(it.body) as { data: { id: string } }).data.id)).toEqual(
      all.items.map((it) => it.id).reverse(),
    );
  });

  it('that does not answer is tried less and less often, then waits as a dead letter', async () => {
    const [endpoint] = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body.endpoints as [Endpoint];
    received.length = 0;
    answer = 500;
    await pay(11n);
    await expect.poll(() => received.length, UNTIL).toBeGreaterThan(0);
    const { db, log, webhooks } = world.server.services;
    let nowMs = Date.now();
    const later = createDeliveries({ db, log, secrets: webhooks!.secrets, nowMs: () => nowMs });
    const gaps: number[] = [];
    const letters = () =>
      admin<{ deadLetters: { tries: number; lastAnswer: string }[] }>('GET', `/${endpoint.id}/dead-letters`);
    while ((await letters()).body.deadLetters.length === 0) {
      const row = await db.selectFrom('webhook_retries').selectAll().executeTakeFirstOrThrow();
      gaps.push(row.not_before - nowMs);
      nowMs = row.not_before;
      await later.deliver();
    }
    expect(gaps.slice(1).every((gap, at) => gap >= gaps[at]!)).toBe(true);
    expect((await letters()).body.deadLetters).toMatchObject([{ tries: 10, lastAnswer: 'HTTP 500' }]);
    answer = 204;
    received.length = 0;
    expect((await admin('POST', `/${endpoint.id}/dead-letters/retry`)).body).toEqual({ revived: 1 });
    await expect.poll(types, UNTIL).toEqual(['wallet.sent']);
    await expect.poll(async () => (await letters()).body.deadLetters, UNTIL).toEqual([]);
  });

  it('that is gone is told of nothing until somebody turns it on, and then of what it missed', async () => {
    const [endpoint] = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body.endpoints as [Endpoint];
    const isOff = async () => {
      const { body } = await admin<{ endpoints: { disabledAt: number | null }[] }>('GET', '');
      return body.endpoints[0]!.disabledAt !== null;
    };
    received.length = 0;
    answer = 410;
    await pay(12n);
    await expect.poll(isOff, UNTIL).toBe(true);
    answer = 204;
    await pay(13n);
    await world.server.services.webhooks!.deliveries.deliver();
    expect(received).toHaveLength(1);
    expect((await admin('POST', `/${endpoint.id}/enable`)).status).toBe(200);
    expect(await isOff()).toBe(false);
    const amounts = () =>
      received.map((it) => (JSON.parse(it.body) as { data: { amount: string } }).data.amount);
    await expect.poll(() => new Set(amounts()), UNTIL).toEqual(new Set(['12', '13']));
  });

  it('keeps its secret from the database, and signs with the former one beside a new one', async () => {
    const [endpoint] = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body.endpoints as [Endpoint];
    const secretOf = (it: Endpoint) => Buffer.from(it.verificationKey.slice('whsec_'.length), 'base64');
    const { db } = world.server.services;
    const rows = JSON.stringify(await db.selectFrom('webhook_endpoints').selectAll().execute());
    for (const encoding of ['base64', 'hex'] as const)
      expect(rows).not.toContain(secretOf(endpoint).toString(encoding));
    const replaced = (await admin<Endpoint>('POST', `/${endpoint.id}/rotate-secret`)).body;
    expect(replaced.verificationKey).not.toBe(endpoint.verificationKey);
    received.length = 0;
    await pay(14n);
    await expect.poll(() => received.length, UNTIL).toBe(1);
    const [{ headers, body }] = received as [Received];
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = (it: Endpoint) =>
      `v1,${createHmac('sha256', secretOf(it)).update(signed).digest('base64')}`;
    expect(headers['webhook-signature']).toBe(`${signature(replaced)} ${signature(endpoint)}`);
  });

  it('of an earlier version goes on with the secret that was derived for it', async () => {
    const { db, webhooks, config } = world.server.services;
    const id = crypto.randomUUID();
    const made = { id, url: receiverUrl, scheme: 'hmac' as const, wallet: null, secret: null };
    await insertEndpoint(db, made, await lastEvent(db), Date.now());
    await webhooks!.secrets.sealDerived(db, config.jwtSecret);
    const derived = createHmac('sha256', config.jwtSecret).update(`webhook hmac ${id} 1`).digest('base64');
    const { endpoints } = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body;
    expect(endpoints.find((it) => it.id === id)?.verificationKey).toBe(`whsec_${derived}`);
    expect((await admin('DELETE', `/${id}`)).status).toBe(204);
  });

  it('is no more once it is removed', async () => {
    const [endpoint] = (await admin<{ endpoints: Endpoint[] }>('GET', '')).body.endpoints as [Endpoint];
    expect((await admin('DELETE', `/${endpoint.id}`)).status).toBe(204);
    expect((await admin('GET', `/${endpoint.id}/dead-letters`)).status).toBe(404);
  });
});

describe('a server that only indexes', () => {
  let dir: string;
  let server: Pick<Server, 'url' | 'close'>;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'latchkey-only-indexer-'));
    const {
      STELLAR_RPC_URL,
      STELLAR_NETWORK_PASSPHRASE,
      WALLET_FACTORY_CONTRACT_ID,
      NATIVE_TOKEN_CONTRACT_ID,
    } = world.env;
    const env = {
      PORT: '0',
      STELLAR_RPC_URL,
      STELLAR_NETWORK_PASSPHRASE,
      WALLET_FACTORY_CONTRACT_ID,
      NATIVE_TOKEN_CONTRACT_ID,
      DATABASE_URL: pathToFileURL(join(dir, 'index.db')).href,
    };
    server = await spawnIndexer(readIndexerConfig(env), { log: pino({ level: 'silent' }) });
  });
  afterAll(async () => {
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('needs no keys, answers look-ups, and nothing else', async () => {
    const path = `/api/lookup/${credentialHex(ana)}`;
    await expect
      .poll(async () => ((await get(path, server.url)).body as { count: number }).count, UNTIL)
      .toBe(1);
    expect((await get('/ready', server.url)).body).toEqual({ status: 'ready', missing: [] });
    expect((await get('/health', server.url)).status).toBe(200);
    expect((await get('/api/health', server.url)).status).toBe(404);
    expect((await get('/api/wallet', server.url)).status).toBe(404);
    expect((await get('/api/webhooks', server.url)).status).toBe(404);
  });
});
