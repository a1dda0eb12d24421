// Merchants are moved to the real network one by one: each has its money where it is, and nothing gets mixed up.
import { createDevnet, serveDevnet } from '@latchkey/devnet';
import type { settlementSchema } from '@latchkey/sdk/api';
import { Keypair } from '@stellar/stellar-sdk/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../server/src/config.ts';
import { merchantById } from '../server/src/db/merchants.ts';
import { usdcBalance } from '../server/src/settlement/balance.ts';
import { spawn } from '../server/src/spawn.ts';
import { call } from './api.ts';
import { openSecondNetwork, type SecondNetwork } from './secondNetwork.ts';
import { finished, gateBody, MIGRATION, SETTLEMENT, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';
import { keptLog } from './world.ts';

const adminToken = 'whoever runs the service, and nobody else';
const REAL = 'The real one ; November 2026';

let world: SettlementWorld;
let second: SecondNetwork;
beforeAll(async () => {
  second = await openSecondNetwork(REAL);
  world = await createSettlementWorld({ env: { ...second.env, ADMIN_TOKEN: adminToken } });
});
afterAll(async () => {
  await world?.close();
  await second?.close();
});

const move = (shop: MerchantPerson, more = {}, token = adminToken) =>
  call<settlementSchema.MerchantNetworkBody>(world, `/v1/admin/merchants/${shop.id}/network`, {
    json: { network: 'mainnet', ...more },
    headers: { authorization: `Bearer ${token}` },
  });

async function signInAgain(shop: MerchantPerson): Promise<void> {
  const json = { email: shop.email, code: await world.emailCode(shop.email), totp: shop.totp() };
  const answer = await call<settlementSchema.MerchantSessionBody>(world, '/v1/merchants/sign-in', { json });
  expect(answer.status).toBe(200);
  shop.token = answer.body.token;
}

async function provisioned(shop: MerchantPerson): Promise<string> {
  await expect.poll(async () => (await shop.me()).settlementAddress, { timeout: 15_000 }).not.toBeNull();
  return (await shop.me()).settlementAddress!;
}

async function moved(shop: MerchantPerson, more = {}): Promise<string> {
  expect((await move(shop, more)).status).toBe(200);
  await signInAgain(shop);
  return provisioned(shop);
}

const amounts = async (shop: MerchantPerson) =>
  (await shop.call<settlementSchema.PaymentsBody>(`${SETTLEMENT}/payments`)).body.payments.map(
    ({ amount }) => amount,
  );
const heldThere = (address: string) => usdcBalance({ rpc: second.rpc, usdc: second.usdc }, address);

describe('a merchant who is moved', () => {
  it('is asked to by whoever has the admin token only', async () => {
    const shop = await world.merchant('unmoved@example.org');
    expect((await move(shop, {}, 'another token')).status).toBe(401);
    expect((await move(shop, {}, shop.token)).status).toBe(401);
    expect((await shop.me()).network).toBe('testnet');
  });

  it('gets an account on the real network, and is paid there, while others stay where they are', async () => {
    const [shop, stayer] = [
      await world.merchant('mover@example.org'),
      await world.merchant('stayer@example.org'),
    ];
    const before = (await shop.me()).settlementAddress!;
    const answer = await move(shop);
    expect(answer).toMatchObject({ status: 200, body: { id: shop.id, network: 'mainnet' } });
    expect((await shop.call('/v1/merchants/me')).body.code).toBe('SESSION_EXPIRED');
    await signInAgain(shop);
    const address = await provisioned(shop);
    expect(address).not.toBe(before);
    expect(await shop.me()).toMatchObject({
      network: 'mainnet',
      networkPassphrase: REAL,
      usdc: { contractId: second.usdc.contractId },
      settlement: { status: 'managed', balance: '0' },
    });
    await second.pay(world, address, 77n);
    await world.pay((await stayer.me()).settlementAddress!, 5n);
    await expect.poll(() => amounts(shop), { timeout: 8_000 }).toEqual(['77']);
    await expect.poll(() => amounts(stayer), { timeout: 8_000 }).toEqual(['5']);
    expect((await shop.me()).settlement.balance).toBe('77');
    expect(await stayer.me()).toMatchObject({ network: 'testnet', settlement: { balance: '5' } });
    // Asked twice it stays as it is, and there is no way back.
    expect((await move(shop)).body.settlementAddress).toBe(address);
    expect((await move(shop, { network: 'testnet' })).body.code).toBe('NETWORK_NOT_OFFERED');
  });

  it('withdraws there', async () => {
    const shop = await world.merchant('payer@example.org');
    const address = await moved(shop);
    await second.pay(world, address, 50_0000000n);
    const destination = second.net.accounts[0]!.publicKey;
    const held = await heldThere(destination);
    const paid = await shop.call<settlementSchema.WithdrawalBody>(
      `${SETTLEMENT}/withdraw`,
      { amount: '20', destination, totp: shop.totp() },
      { 'idempotency-key': 'withdrawn-once' },
    );
    expect(paid.body).toMatchObject({ kind: 'managed', amount: '200000000' });
    await expect.poll(() => heldThere(destination), { timeout: 8_000 }).toBe(held + 20_0000000n);
    expect(await heldThere(address)).toBe(30_0000000n);
    await expect
      .poll(async () => (await shop.call<settlementSchema.PaymentsBody>(`${SETTLEMENT}/payments`)).body, {
        timeout: 8_000,
      })
      .toMatchObject({
        payments: [
          { direction: 'out', kind: 'withdrawal' },
          { direction: 'in', kind: 'payment' },
        ],
      });
  });

  it('leaves no money behind, unless that is said, and then its keys are kept', async () => {
    const shop = await world.merchant('rich@example.org');
    const before = (await shop.me()).settlementAddress!;
    await world.pay(before, 9n);
    expect(await move(shop)).toMatchObject({ status: 409, body: { code: 'FUNDS_LEFT_BEHIND' } });
    expect((await shop.me()).network).toBe('testnet');
    const address = await moved(shop, { leaveFunds: true });
    expect(await world.usdcBalance(before)).toBe(9n);
    const rows = await world.server.services.db
      .selectFrom('merchant_settlement_keys')
      .select(['network', 'address', 'managed', 'encrypted_seed'])
      .where('account_id', '=', shop.id)
      .orderBy('network')
      .execute();
    expect(rows.map((it) => [it.network, it.address, it.managed, it.encrypted_seed !== null])).toEqual([
      ['mainnet', address, 1, true],
      ['testnet', before, 1, true],
    ]);
  });

  it('is one merchant with one new account, however often it is asked for at once', async () => {
    const shop = await world.merchant('doubled@example.org');
    const answers = await Promise.all([move(shop), move(shop), move(shop)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await signInAgain(shop);
    await provisioned(shop);
    const { db } = world.server.services;
    const rows = await db
      .selectFrom('submissions')
      .select(['network', 'kind', 'state'])
      .where('account_id', '=', shop.id)
      .orderBy('network')
      .execute();
    expect(rows).toEqual([
      { network: '', kind: 'provision-settlement', state: 'confirmed' },
      { network: 'mainnet', kind: 'provision-settlement', state: 'confirmed' },
    ]);
  });

  it('does not move in the middle of its upgrade; after it, it upgrades anew on the real network', async () => {
    const shop = await world.merchant('owner@example.org');
    const first = await upgraded(shop);
    expect(first.body.status).toBe('confirmed');
    expect((await move(shop)).body.code).toBe('MIGRATION_IN_PROGRESS');
    await shop.call(`${MIGRATION}/confirm`, (await gateBody(shop)).json);
    await finished(shop);
    expect((await shop.me()).settlement.status).toBe('self-custody');

    const address = await moved(shop);
    expect(await shop.me()).toMatchObject({
      network: 'mainnet',
      hasPasskey: false,
      migration: null,
      settlement: { status: 'managed', managed: true, deviceCount: 0 },
    });
    await second.pay(world, address, 1_000n);
    const again = await upgraded(shop);
    expect(again.body.status).toBe('confirmed');
    expect(again.body.smartWalletAddress).not.toBe(first.body.smartWalletAddress);
    await shop.call(`${MIGRATION}/confirm`, (await gateBody(shop)).json);
    expect(await finished(shop)).toMatchObject({ movedAmount: '1000', fromAddress: address });
    expect(await heldThere(again.body.smartWalletAddress)).toBe(1_000n);
    expect(await shop.me()).toMatchObject({
      settlementAddress: again.body.smartWalletAddress,
      settlement: { status: 'self-custody', balance: '1000', deviceCount: 1 },
    });
  });
});

describe('the two networks', () => {
  it('have channel accounts of their own', async () => {
    const rows = await world.server.services.db
      .selectFrom('channels')
      .select(['network', 'address'])
      .orderBy('key_index')
      .execute();
    const own = rows.filter(({ network }) => network === '').map(({ address }) => address);
    const other = rows.filter(({ network }) => network === 'mainnet').map(({ address }) => address);
    expect(own.length).toBe(other.length);
    expect(own.filter((it) => other.includes(it))).toEqual([]);
    for (const address of other) expect(() => Keypair.fromPublicKey(address)).not.toThrow();
  });
});

describe('a test network that was reset', () => {
  it('keeps nobody on the real network waiting, and lets merchants move there', async () => {
    const [shop, stayer] = [
      await world.merchant('real@example.org'),
      await world.merchant('lost@example.org'),
    ];
    const address = await moved(shop);
    await world.server.close();
    const fresh = await createDevnet({ passphrase: world.net!.passphrase, usdc: true, accounts: 1 });
    const served = await serveDevnet(fresh, { port: 0 });
    const lines: string[] = [];
    const server = await spawn(readConfig({ ...world.env, STELLAR_RPC_URL: served.rpcUrl }), {
      log: keptLog(lines),
    });
    try {
      expect(lines.join('')).toContain("Nothing is sent to this server's own network");
      const ask = (path: string) =>
        call<settlementSchema.PaymentsBody>({ server }, path, {
          headers: { authorization: `Bearer ${shop.token}` },
        });
      await second.pay(world, address, 3n);
      await expect
        .poll(async () => (await ask(`${SETTLEMENT}/payments`)).body.payments, { timeout: 8_000 })
        .toMatchObject([{ amount: '3' }]);
      const answer = await call({ server }, `/v1/admin/merchants/${stayer.id}/network`, {
        json: { network: 'mainnet', leaveFunds: true },
        headers: { authorization: `Bearer ${adminToken}` },
      });
      expect(answer.status).toBe(200);
      const addressOf = async () => (await merchantById(server.services.db, stayer.id))?.settlement_address;
      await expect.poll(addressOf, { timeout: 8_000 }).toMatch(/^G/);
      await second.pay(world, (await addressOf())!, 4n);
      expect(await heldThere((await addressOf())!)).toBe(4n);
    } finally {
      await server.close();
      await served.close();
      await fresh.close();
    }
  });
});
