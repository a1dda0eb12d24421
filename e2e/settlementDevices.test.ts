// A merchant's wallet gets a second device, loses the first, and is never left without one that can sign.
import type { DeviceBody, DeviceChangeBody, PreparedBody, WithdrawalBody } from '@latchkey/sdk/api';
import { readSigners, simulate, walletCalls } from '@latchkey/sdk/chain';
import { createMerchantClient } from '@latchkey/sdk/merchant';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@latchkey/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { givePasskeyWallet, signedBy } from './passkeyWallet.ts';
import {
  createSettlementWorld,
  dashboardOrigin,
  type MerchantPerson,
  type SettlementWorld,
} from './settlementWorld.ts';

const settlement = '/v1/merchants/me/settlement';
const path = `${settlement}/passkey`;

let world: SettlementWorld;
beforeAll(async () => {
  world = await createSettlementWorld();
});
afterAll(() => world?.close());

const device = () => createSoftwareAuthenticator({ origin: dashboardOrigin, rpId: 'localhost' });

let merchants = 0;
async function owner(): Promise<MerchantPerson & { wallet: string }> {
  const shop = await world.merchant(`devices${merchants++}@example.org`);
  return Object.assign(shop, { wallet: await givePasskeyWallet(world, shop) });
}

async function ok<T>(answer: Promise<{ status: number; body: T }>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
}

async function preparedAddition(shop: MerchantPerson, authenticator: SoftwareAuthenticator, name = 'Phone') {
  const { options_json } = await ok(
    shop.call<{ options_json: { challenge: string } }>(`${path}/add-device/options`, {}),
  );
  const registrationResponseJSON = await authenticator.register(options_json);
  return ok(shop.call<PreparedBody>(`${path}/add-device`, { registrationResponseJSON, name }));
}

async function added(shop: MerchantPerson, name = 'Phone'): Promise<SoftwareAuthenticator> {
  const authenticator = device();
  const prepared = await preparedAddition(shop, authenticator, name);
  const answer = await ok(
    shop.call<DeviceChangeBody>(`${path}/add-device/finish`, await signedBy(shop, prepared)),
  );
  expect(answer).toMatchObject({ status: 'confirmed', error: null });
  return authenticator;
}

const devicesOf = async (shop: MerchantPerson) =>
  (await ok(shop.call<{ devices: DeviceBody[] }>(`${path}/devices`))).devices;

async function signersOnChain(wallet: string): Promise<number[]> {
  const { returnValue } = await simulate(world.rpc, { hostFunction: walletCalls.signers(wallet, 0) });
  return readSigners(returnValue).map((it) => it.id);
}

async function withdraw(shop: MerchantPerson, authenticator: SoftwareAuthenticator) {
  const body = { amount: '1', destination: world.net!.accounts[0]!.publicKey };
  const prepared = await ok(shop.call<PreparedBody>(`${settlement}/withdraw/prepare`, body));
  const signed = await signedBy({ authenticator }, prepared);
  return shop.call<WithdrawalBody>(`${settlement}/withdraw/submit`, signed);
}

describe('a second device', () => {
  it('is approved by the first, becomes a signer on chain, and signs by itself', async () => {
    const shop = await owner();
    await world.pay(shop.wallet, 10_0000000n);
    const phone = await added(shop, 'Phone');
    expect(await devicesOf(shop)).toMatchObject([
      { name: 'First device', signerId: 0, state: 'active' },
      { name: 'Phone', signerId: 1, state: 'active', credentialId: phone.credentials[0]!.id },
    ]);
    expect(await signersOnChain(shop.wallet)).toEqual([0, 1]);
    expect((await withdraw(shop, phone)).body.status).toBe('confirmed');
    await expect
      .poll(() => world.mailTo(shop.email).subject, { timeout: 20_000 })
      .toContain('Another device signs');
  });

  it('signs nothing before the first has approved it', async () => {
    const shop = await owner();
    await world.pay(shop.wallet, 10_0000000n);
    const phone = device();
    const prepared = await preparedAddition(shop, phone);
    expect(prepared.signers).toHaveLength(1);
    expect((await devicesOf(shop))[1]).toMatchObject({ state: 'adding', signerId: null });
    const id = phone.credentials[0]!.id;
    const bySelf = await signedBy(
      { authenticator: phone },
      {
        ...prepared,
        options_json: { ...prepared.options_json, allowCredentials: [{ id }] } as never,
        signers: [{ ...prepared.signers[0]!, credentialId: id }],
      },
    );
    const answer = await shop.call(`${path}/add-device/finish`, bySelf);
    expect(answer.body.code).toBe('SIGNATURE_INVALID');
    expect(await signersOnChain(shop.wallet)).toEqual([0]);
  });

  it('is added once, however often it is finished, and prepared again when it took too long', async () => {
    const shop = await owner();
    const phone = device();
    const late = await preparedAddition(shop, phone);
    const signedLate = await signedBy(shop, late);
    world.passMs(6 * 60_000);
    const refused = await shop.call(`${path}/add-device/finish`, signedLate);
    expect(refused.body.code).toBe('PREPARED_EXPIRED');
    const credentialId = phone.credentials[0]!.id;
    const again = await ok(shop.call<PreparedBody>(`${path}/add-device/prepare`, { credentialId }));
    const twice = await ok(shop.call<PreparedBody>(`${path}/add-device/prepare`, { credentialId }));
    const [first, second] = [await signedBy(shop, again), await signedBy(shop, twice)];
    const answers = await Promise.all(
      [first, first, first].map((it) => shop.call<DeviceChangeBody>(`${path}/add-device/finish`, it)),
    );
    expect(new Set(answers.map((it) => it.body.transactionHash)).size).toBe(1);
    const other = await shop.call(`${path}/add-device/finish`, second);
    expect(['CREDENTIAL_ALREADY_REGISTERED', 'SIMULATION_FAILED']).toContain(other.body.code);
    expect(await signersOnChain(shop.wallet)).toEqual([0, 1]);
    const unknown = await shop.call(`${path}/add-device/prepare`, { credentialId });
    expect(unknown.body.code).toBe('NOT_FOUND');
  });

  it("is no other merchant's to finish", async () => {
    const [shop, other] = [await owner(), await owner()];
    const signed = await signedBy(shop, await preparedAddition(shop, device()));
    expect((await other.call(`${path}/add-device/finish`, signed)).body.code).toBe('NOT_FOUND');
    expect((await other.call(`${path}/remove-device/finish`, signed)).body.code).toBe('NOT_FOUND');
  });

  it('is added and removed by the client as the dashboard does it', async () => {
    const shop = await owner();
    const first = shop.authenticator;
    const phone = device();
    const client = createMerchantClient({
      baseUrl: world.server.url,
      storage: null,
      apiKey: shop.token,
      passkeys: { register: phone.register, authenticate: first.authenticate },
    });
    const merchant = await client.me();
    const added = await (await client.prepareDevice(merchant, 'Phone')).approve();
    expect(added).toMatchObject({ status: 'confirmed', devices: [{ signerId: 0 }, { signerId: 1 }] });
    const removed = await (await client.prepareRemoval(merchant, 1)).approve();
    expect(removed).toMatchObject({ status: 'confirmed', devices: [{ signerId: 0 }] });
  });
});

describe('removing a device', () => {
  it('takes the signature of one that stays, and ends what the removed one may do', async () => {
    const shop = await owner();
    await world.pay(shop.wallet, 10_0000000n);
    const phone = await added(shop);
    const prepared = await ok(shop.call<PreparedBody>(`${path}/remove-device`, { signerId: 0 }));
    expect(prepared.signers.map((it) => it.signerId)).toEqual([1]);
    const all = await ok(shop.call<PreparedBody>(`${path}/remove-device`, { signerId: 1 }));
    const bySelf = await signedBy(shop, {
      ...prepared,
      options_json: {
        ...prepared.options_json,
        ...all.options_json,
        challenge: prepared.options_json.challenge,
      },
      signers: all.signers,
    });
    const refused = await shop.call(`${path}/remove-device/finish`, bySelf);
    expect(refused.body).toMatchObject({
      code: 'SIGNATURE_INVALID',
      detail: expect.stringContaining('stays'),
    });
    const signed = await signedBy({ authenticator: phone }, prepared);
    const answer = await ok(shop.call<DeviceChangeBody>(`${path}/remove-device/finish`, signed));
    expect(answer).toMatchObject({ status: 'confirmed', devices: [{ signerId: 1, state: 'active' }] });
    expect((await shop.call('/v1/merchants/me')).body.code).toBe('SESSION_EXPIRED');
    shop.token = answer.session!.token;
    expect(await signersOnChain(shop.wallet)).toEqual([1]);
    await expect(withdraw(shop, shop.authenticator)).rejects.toThrow();
    expect((await withdraw(shop, phone)).body.status).toBe('confirmed');
  });

  it('is refused for the last one', async () => {
    const shop = await owner();
    expect((await shop.call(`${path}/remove-device`, { signerId: 0 })).body.code).toBe('LAST_DEVICE');
  });

  it('names what it does not know', async () => {
    const shop = await owner();
    expect((await shop.call(`${path}/remove-device`, { signerId: 9 })).body).toMatchObject({
      code: 'NOT_FOUND',
      field: 'signerId',
    });
  });
});

describe('a change of devices of which the network did not say what came', () => {
  it('is settled by asking the wallet itself', async () => {
    const shop = await owner();
    const phone = await added(shop);
    const { db } = world.server.services;
    const { submission_id } = await db
      .selectFrom('submissions')
      .select('id as submission_id')
      .where('account_id', '=', shop.id)
      .where('kind', '=', 'add-settlement-device')
      .executeTakeFirstOrThrow();
    await db
      .updateTable('merchant_passkeys')
      .set({ state: 'adding', signer_id: null, submission_id })
      .where('id', '=', phone.credentials[0]!.id)
      .execute();
    await expect
      .poll(() => devicesOf(shop), { timeout: 10_000 })
      .toMatchObject([{ signerId: 0 }, { signerId: 1, state: 'active' }]);
  });
});
