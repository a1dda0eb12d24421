// What merchants receive: seen within a ledger in lists, streams, files and webhooks.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { settlementSchema } from '@latchkey/sdk/api';
import { Keypair } from '@stellar/stellar-sdk/base';
import { Memo } from '@stellar/stellar-sdk/xdr';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordAudit } from '../server/src/db/settlementAudit.ts';
import { carryOut, payment } from './classicOperation.ts';
import { finished, gateBody, MIGRATION, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

type PaymentsBody = settlementSchema.PaymentsBody;
type Page = { entries: { action: string }[]; cursor: string | null };

const settlementPath = '/v1/merchants/me/settlement';
let world: SettlementWorld;
let emails = 0;
beforeAll(async () => {
  world = await createSettlementWorld();
});
afterAll(() => world?.close());

const merchant = () => world.merchant(`receiver${emails++}@example.org`);
const paymentsOf = async (shop: MerchantPerson, query = '') =>
  (await shop.call<PaymentsBody>(`${settlementPath}/payments${query}`)).body;

/** Reads a stream of events until it ends or is left. */
async function openEvents(shop: MerchantPerson) {
  const leave = new AbortController();
  const response = await fetch(`${world.server.url}${settlementPath}/events`, {
    headers: { authorization: `Bearer ${shop.token}` },
    signal: leave.signal,
  });
  const events: { event: string; data: Record<string, unknown> }[] = [];
  let isOver = false;
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        if (event) events.push({ event, data: JSON.parse(data!) });
        text = text.slice(end + 2);
      }
    }
  })()
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  return {
    response,
    events,
    isOver: () => isOver,
    async leave() {
      leave.abort();
      await reading;
    },
  };
}

describe('a payment', () => {
  it('is in the list within a ledger, with who paid, when and how much', async () => {
    const shop = await merchant();
    const { settlementAddress } = await shop.me();
    await world.pay(settlementAddress!, 12_3450000n);
    await expect
      .poll(() => paymentsOf(shop), { timeout: 5_000 })
      .toMatchObject({
        payments: [
          {
            direction: 'in',
            kind: 'payment',
            amount: '123450000',
            counterparty: world.net!.accounts[0]!.publicKey,
            memo: null,
          },
        ],
        cursor: null,
        missing: [],
      });
    const { payments } = await paymentsOf(shop);
    const result = await world.rpc.call('getTransaction', { hash: payments[0]!.transactionHash });
    expect(result).toMatchObject({ status: 'SUCCESS', ledger: payments[0]!.ledger });
  });

  it('of one merchant is nothing to another, nor to nobody', async () => {
    const [shop, other] = [await merchant(), await merchant()];
    await world.pay((await shop.me()).settlementAddress!, 1n);
    await expect.poll(async () => (await paymentsOf(shop)).payments.length, { timeout: 5_000 }).toBe(1);
    expect((await paymentsOf(other)).payments).toEqual([]);
    const nobody = await fetch(`${world.server.url}${settlementPath}/payments`);
    expect(nobody.status).toBe(401);
  });

  it('comes to whoever listens, with the balance after it', async () => {
    const shop = await merchant();
    const stream = await openEvents(shop);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.events).toEqual([]);
    await world.pay((await shop.me()).settlementAddress!, 7n);
    await expect.poll(() => stream.events.map(({ event }) => event), { timeout: 5_000 }).toContain('balance');
    expect(stream.events[0]).toMatchObject({ event: 'payment', data: { amount: '7', direction: 'in' } });
    await stream.leave();
  });

  it('is in a file for spreadsheets', async () => {
    const shop = await merchant();
    const { settlementAddress } = await shop.me();
    for (const amount of [1n, 2_000_0000000n]) await world.pay(settlementAddress!, amount);
    await expect.poll(async () => (await paymentsOf(shop)).payments.length, { timeout: 5_000 }).toBe(2);
    const response = await fetch(`${world.server.url}${settlementPath}/payments.csv`, {
      headers: { authorization: `Bearer ${shop.token}` },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(response.headers.get('content-disposition')).toContain('payments.csv');
    const text = Buffer.from(await response.arrayBuffer()).toString();
    const lines = text.replace('\uFEFF', '').split('\r\n');
    expect(lines[0]).toBe('at,direction,kind,amount,asset,counterparty,memo,ledger,transactionHash,id');
    expect(lines[1]).toContain(',in,payment,2000.0000000,USDC:');
    expect(lines[2]).toContain(',in,payment,0.0000001,USDC:');
    expect(lines.slice(3)).toEqual(['']);
  });

  it('by a classic transaction carries its memo, which is no formula in a spreadsheet', async () => {
    const shop = await merchant();
    const { settlementAddress } = await shop.me();
    const payer = Keypair.fromSecret(world.net!.accounts[0]!.secretKey);
    const network = { rpc: world.rpc, passphrase: world.net!.passphrase };
    const memo = Memo.memoText('=HYPERLINK("evil")');
    expect(await carryOut(network, payer, payment(settlementAddress!, 3n, world.usdc), memo)).toBe(true);
    await expect
      .poll(() => paymentsOf(shop), { timeout: 5_000 })
      .toMatchObject({ payments: [{ amount: '3', memo: '=HYPERLINK("evil")' }] });
    const response = await fetch(`${world.server.url}${settlementPath}/payments.csv`, {
      headers: { authorization: `Bearer ${shop.token}` },
    });
    expect(await response.text()).toContain(',"\'=HYPERLINK(""evil"")",');
  });

  it("between the merchant's own wallets is a migration, from both sides, and moves no balance", async () => {
    const shop = await merchant();
    await world.pay((await shop.me()).settlementAddress!, 25n);
    await upgraded(shop);
    const stream = await openEvents(shop);
    await shop.call(`${MIGRATION}/confirm`, (await gateBody(shop)).json);
    await finished(shop);
    await expect.poll(async () => (await paymentsOf(shop)).payments.length, { timeout: 5_000 }).toBe(3);
    const { payments } = await paymentsOf(shop);
    expect(payments.map(({ kind, direction, amount }) => [kind, direction, amount])).toEqual([
      ['migration', 'out', '25'],
      ['migration', 'in', '25'],
      ['payment', 'in', '25'],
    ]);
    await expect
      .poll(() => stream.events.map(({ event }) => event), { timeout: 5_000 })
      .toContain('migration');
    await stream.leave();
    const history = await shop.call<{ points: { balance: string }[] }>(
      `${settlementPath}/balance-history?days=1`,
    );
    expect(new Set(history.body.points.map(({ balance }) => balance))).toEqual(new Set(['0', '25']));
  });

  it('moves the balance over time, which ends with what the ledger says', async () => {
    const shop = await merchant();
    const { settlementAddress } = await shop.me();
    await world.pay(settlementAddress!, 5n);
    // Ledgers close at whole seconds, and what happened in one is one point.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await world.pay(settlementAddress!, 6n);
    // Asked at once: what is paid but not read yet is no part of the past.
    const { body } = await shop.call<{ points: { at: number; balance: string }[] }>(
      `${settlementPath}/balance-history?days=1`,
    );
    const balances = body.points.map(({ balance }) => balance);
    expect(balances[0]).toBe('0');
    expect(balances.at(-1)).toBe('11');
    expect(new Set(balances)).toEqual(new Set(['0', '5', '11']));
  });
});

describe('a stream of events', () => {
  it('is refused without a session, and beyond ten of one merchant', async () => {
    expect((await fetch(`${world.server.url}${settlementPath}/events`)).status).toBe(401);
    const shop = await merchant();
    const streams = await Promise.all(Array.from({ length: 10 }, () => openEvents(shop)));
    expect(streams.map(({ response }) => response.status)).toEqual(Array(10).fill(200));
    const refused = await openEvents(shop);
    expect(refused.response.status).toBe(429);
    await streams[0]!.leave();
    await expect
      .poll(async () => {
        const again = await openEvents(shop);
        await again.leave();
        return again.response.status;
      })
      .toBe(200);
    await Promise.all(streams.map((it) => it.leave()));
  });
});

describe('a server that stops', () => {
  it('ends the streams that are open, and waits for nobody who listens', async () => {
    const passing = await createSettlementWorld();
    const shop = await passing.merchant('listener@example.org');
    const response = await fetch(`${passing.server.url}${settlementPath}/events`, {
      headers: { authorization: `Bearer ${shop.token}` },
    });
    const reading = response.text().catch(() => 'broken off');
    const began = performance.now();
    await passing.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await reading).toContain(': alive');
  });
});

describe('a webhook', () => {
  let receiver: Server | null = null;
  afterEach(() => new Promise((done) => (receiver ? receiver.close(done) : done(undefined))));

  it('is set with step-up, told of a payment, and lists what it was told', async () => {
    const received: { type: string; data: Record<string, unknown> }[] = [];
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push(JSON.parse(body));
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => receiver!.listen(0, '127.0.0.1', done));
    const shop = await merchant();
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const request = { url, scheme: 'hmac' };
    const bare = await shop.call<{ code: string }>('/v1/merchants/me/webhooks', request);
    expect(bare).toMatchObject({ status: 403, body: { code: 'STEP_UP_REQUIRED' } });
    const made = await shop.call<{ id: string }>('/v1/merchants/me/webhooks', {
      ...request,
      totp: shop.totp(),
    });
    expect(made).toMatchObject({ status: 201, body: { url, failing: false, disabledAt: null } });
    const { settlementAddress } = await shop.me();
    await world.pay(settlementAddress!, 42n);
    await expect.poll(() => received, { timeout: 8_000 }).toHaveLength(1);
    expect(received[0]).toMatchObject({
      type: 'settlement.received',
      data: { network: 'testnet', address: settlementAddress, amount: '42', decimals: 7 },
    });
    const path = `/v1/merchants/me/webhooks/${made.body.id}`;
    await expect
      .poll(async () => (await shop.call(`${path}/messages`)).body)
      .toMatchObject({ messages: [{ name: 'settlement.received', state: 'delivered' }] });
    expect((await shop.call(`${path}/replay`, { since: 0 })).body).toEqual({ messages: 1 });
    await expect.poll(() => received, { timeout: 8_000 }).toHaveLength(2);
    expect((await shop.call(`${path}/remove`, {})).status).toBe(200);
    expect((await shop.call('/v1/merchants/me/webhooks')).body).toEqual({ endpoints: [] });
    const audit = await shop.call<Page>(`${settlementPath}/audit`);
    expect(audit.body.entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['webhook.added', 'webhook.replayed', 'webhook.removed']),
    );
  });
});

describe('the audit', () => {
  it('is read newest first, page by page, by its merchant only', async () => {
    const [shop, other] = [await merchant(), await merchant()];
    const { db } = world.server.services;
    for (let i = 0; i < 5; i++) await recordAudit(db, shop.id, `step-${i}`, { i }, Date.now() + i);
    const actions: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: Page = (await shop.call<Page>(`${settlementPath}/audit?limit=2${query}`)).body;
      actions.push(...page.entries.map(({ action }) => action));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(actions.filter((it) => it.startsWith('step-'))).toEqual([4, 3, 2, 1, 0].map((i) => `step-${i}`));
    const others = (await other.call<Page>(`${settlementPath}/audit`)).body.entries;
    expect(others.filter(({ action }) => action.startsWith('step-'))).toEqual([]);
    expect((await shop.call(`${settlementPath}/audit?cursor=1`)).status).toBe(400);
  });
});
