// What a merchant asks for twice or all at once happens once, within the limits, and leaves a wallet that somebody can sign
// for: on libSQL with its one writer, and on PostgreSQL, where requests are carried out side by side.
import type { DeviceChangeBody, PreparedBody, WithdrawalBody, WithdrawalRulesBody } from '@latchkey/sdk/api';
import { readSigners, simulate, walletCalls } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator } from '@latchkey/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import { givePasskeyWallet, signedBy } from './passkeyWallet.ts';
import {
  createSettlementWorld,
  dashboardOrigin,
  type MerchantPerson,
  type SettlementWorld,
} from './settlementWorld.ts';
import type { WorldOptions } from './world.ts';

const path = '/v1/merchants/me/settlement';

function stories(options: () => Promise<WorldOptions>): void {
  let world: SettlementWorld;
  let customer: string;
  beforeAll(async () => {
    world = await createSettlementWorld(await options());
    customer = world.net!.accounts[0]!.publicKey;
  });
  afterAll(() => world?.close());

  let merchants = 0;
  async function owner(): Promise<MerchantPerson & { wallet: string }> {
    const shop = await world.merchant(`own${merchants++}@example.org`);
    const wallet = await givePasskeyWallet(world, shop);
    await world.pay(wallet, 100_0000000n);
    return Object.assign(shop, { wallet });
  }

  async function prepared(shop: MerchantPerson, route: string, json: object): Promise<PreparedBody> {
    const answer = await shop.call<PreparedBody>(`${path}/${route}`, json);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  }
  const withdrawal = (shop: MerchantPerson, amount: string) =>
    prepared(shop, 'withdraw/prepare', { amount, destination: customer });

  it('pays a managed withdrawal once under one Idempotency-Key, at once and later', async () => {
    const shop = await world.merchant(`managed${merchants++}@example.org`);
    const address = (await shop.me()).settlementAddress!;
    await world.pay(address, 100_0000000n);
    const body = { amount: '3', destination: customer, totp: shop.totp() };
    const headers = { 'idempotency-key': 'one-withdrawal' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => shop.call<WithdrawalBody>(`${path}/withdraw`, body, headers)),
    );
    answers.push(await shop.call<WithdrawalBody>(`${path}/withdraw`, body, headers));
    expect(answers.map((it) => it.status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map((it) => it.body.id)).size).toBe(1);
    expect(await world.usdcBalance(address)).toBe(97_0000000n);
    const other = await shop.call(`${path}/withdraw`, { ...body, amount: '4', totp: shop.totp() }, headers);
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('takes a code for one of several managed withdrawals', async () => {
    const shop = await world.merchant(`managed${merchants++}@example.org`);
    const address = (await shop.me()).settlementAddress!;
    await world.pay(address, 100_0000000n);
    const body = { amount: '3', destination: customer, totp: shop.totp() };
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.call<WithdrawalBody>(`${path}/withdraw`, body)),
    );
    expect(answers.map((it) => it.body.code ?? it.body.status).sort()).toEqual([
      'TOTP_INVALID',
      'TOTP_INVALID',
      'confirmed',
    ]);
    expect(await world.usdcBalance(address)).toBe(97_0000000n);
  });

  it('refuses at once what withdrawals on their way leave no money for', async () => {
    const [shop, own] = [await world.merchant(`managed${merchants++}@example.org`), await owner()];
    const address = (await shop.me()).settlementAddress!;
    await world.pay(address, 100_0000000n);
    const codes = [shop.totp(), shop.totp()];
    const managed = await Promise.all(
      [customer, own.wallet].map((destination, at) =>
        shop.call<WithdrawalBody>(`${path}/withdraw`, { amount: '60', destination, totp: codes[at] }),
      ),
    );
    const outcomes = ['INSUFFICIENT_BALANCE', 'confirmed'];
    expect(managed.map((it) => it.body.code ?? it.body.status).sort()).toEqual(outcomes);
    const { settlement } = await own.me();
    const half = String(BigInt(settlement.balance!) / 2n / 10_000_000n + 1n);
    const signed = [];
    for (let i = 0; i < 2; i++) signed.push(await signedBy(own, await withdrawal(own, half)));
    const answers = await Promise.all(
      signed.map((it) => own.call<WithdrawalBody>(`${path}/withdraw/submit`, it)),
    );
    expect(answers.map((it) => it.body.code ?? it.body.status).sort()).toEqual(outcomes);
  });

  it('pays what a passkey signed once, however often it is submitted', async () => {
    const shop = await owner();
    const signed = await signedBy(shop, await withdrawal(shop, '5'));
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.call<WithdrawalBody>(`${path}/withdraw/submit`, signed)),
    );
    answers.push(await shop.call<WithdrawalBody>(`${path}/withdraw/submit`, signed));
    expect(new Set(answers.map((it) => it.body.transactionHash)).size).toBe(1);
    expect(answers.map((it) => it.body.status)).toEqual(Array(4).fill('confirmed'));
    expect(await world.usdcBalance(shop.wallet)).toBe(95_0000000n);
  });

  it('holds withdrawals at once to what is left of the daily limit', async () => {
    const shop = await owner();
    const set = await shop.call(`${path}/withdraw/rules`, { dailyLimit: '10', allowListOnly: false });
    expect(set.body).toMatchObject({ dailyLimit: '100000000', pending: null });
    const signed = [];
    for (let i = 0; i < 4; i++) signed.push(await signedBy(shop, await withdrawal(shop, '4')));
    const answers = await Promise.all(signed.map((it) => shop.call(`${path}/withdraw/submit`, it)));
    expect(answers.map((it) => it.body.code ?? it.body.status).sort()).toEqual([
      'DAILY_LIMIT_EXCEEDED',
      'DAILY_LIMIT_EXCEEDED',
      'confirmed',
      'confirmed',
    ]);
    expect(await world.usdcBalance(shop.wallet)).toBe(92_0000000n);
    const early = await shop.call(`${path}/withdraw/prepare`, { amount: '4', destination: customer });
    expect(early.body.code).toBe('DAILY_LIMIT_EXCEEDED');
    const rules = await shop.call<WithdrawalRulesBody>(`${path}/withdraw/rules`);
    expect(rules.body.withdrawnToday).toBe('80000000');
  });

  it('leaves one device when two remove each other', async () => {
    const shop = await owner();
    const phone = createSoftwareAuthenticator({ origin: dashboardOrigin, rpId: 'localhost' });
    const { options_json } = await prepared(shop, 'passkey/add-device/options', {});
    const registrationResponseJSON = await phone.register(options_json);
    const addition = await prepared(shop, 'passkey/add-device', { registrationResponseJSON, name: 'Phone' });
    await shop.call(`${path}/passkey/add-device/finish`, await signedBy(shop, addition));
    const removals = await Promise.all(
      [0, 1].map((signerId) => prepared(shop, 'passkey/remove-device', { signerId })),
    );
    const signed = [
      await signedBy({ authenticator: phone }, removals[0]!),
      await signedBy(shop, removals[1]!),
    ];
    const answers = await Promise.all(
      signed.map((it) => shop.call<DeviceChangeBody>(`${path}/passkey/remove-device/finish`, it)),
    );
    const outcomes = answers.map((it) => it.body.code ?? it.body.status).sort();
    expect(outcomes[1]).toBe('confirmed');
    expect(['LAST_DEVICE', 'SIGNATURE_INVALID', 'SESSION_EXPIRED']).toContain(outcomes[0]);
    shop.token = answers.find((it) => it.body.session)!.body.session!.token;
    const { returnValue } = await simulate(world.rpc, { hostFunction: walletCalls.signers(shop.wallet, 0) });
    const [left, ...others] = readSigners(returnValue);
    expect(others).toEqual([]);
    const { body } = await shop.call(`${path}/passkey/devices`);
    expect(body.devices).toMatchObject([{ signerId: left!.id, state: 'active' }]);
  });
}

describe('on libSQL', () => stories(async () => ({})));

describeWith(missingPostgres)('on PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  stories(async () => ({ env: { DATABASE_URL: await postgres.createDatabase() } }));
});
