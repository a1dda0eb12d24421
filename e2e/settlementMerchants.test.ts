// Merchants: a managed account that the service sponsors, signing in again, API keys, and what neither opens.
import type { settlementSchema } from '@latchkey/sdk/api';
import { Keypair } from '@stellar/stellar-sdk/base';
import { LedgerEntryData } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountKey } from '../server/src/relayer/sponsor.ts';
import { call } from './api.ts';
import { createSettlementWorld, type SettlementWorld } from './settlementWorld.ts';
import { createWorld } from './world.ts';

let world: SettlementWorld;
beforeAll(async () => {
  world = await createSettlementWorld();
});
afterAll(() => world?.close());

type Session = settlementSchema.MerchantSessionBody;
type CreatedKey = settlementSchema.MerchantKeyBody & { secret: string };
const refusal = (status: number, code: string) => ({ status, body: expect.objectContaining({ code }) });
const signUp = (email: string, code: string) =>
  call<Session>(world, '/v1/merchants', { json: { email, code, name: 'Shop' } });
const signIn = (email: string, code: string, totp?: string) =>
  call<Session>(world, '/v1/merchants/sign-in', { json: { email, code, ...(totp ? { totp } : {}) } });
const other = (code: string) => (code === '00000000' ? '00000001' : '00000000');

describe('signing up', () => {
  it('gives an account with a trust line whose reserves the service stands for', async () => {
    const shop = await world.merchant('shop@example.org');
    const me = await shop.me();
    expect(me).toMatchObject({
      email: 'shop@example.org',
      network: 'testnet',
      totpConfirmed: true,
      hasPasskey: false,
      migration: null,
      settlement: { status: 'managed', managed: true, smartWalletAddress: null, balance: '0' },
    });
    expect(me.settlementAddress).toBe(me.settlement.managedAddress);
    const key = accountKey(Keypair.fromPublicKey(me.settlementAddress!)).toXdr('base64');
    const { entries } = await world.rpc.call('getLedgerEntries', { keys: [key] });
    const data = LedgerEntryData.fromXdr(entries[0]!.xdr, 'base64');
    if (data.type !== 'account') throw new Error('no account');
    expect(data.value.balance).toBe(0n);
    await world.pay(me.settlementAddress!, 12_5000000n);
    expect((await shop.me()).settlement.balance).toBe('125000000');
  });

  it('asks for the code that was mailed, and takes it once', async () => {
    const email = 'once@example.org';
    expect(await signUp(email, '12345678')).toEqual(refusal(410, 'EMAIL_CODE_EXPIRED'));
    const code = await world.emailCode(email);
    expect(await signUp(email, other(code))).toEqual(refusal(403, 'EMAIL_CODE_INVALID'));
    expect((await signUp(email, code)).status).toBe(201);
    expect(await signIn(email, code)).toEqual(refusal(410, 'EMAIL_CODE_EXPIRED'));
  });

  it('happens once; the code of a second try signs in', async () => {
    const { email, id } = await world.merchant('twice@example.org', { totp: false });
    const code = await world.emailCode(email);
    expect(await signUp(email, code)).toEqual(refusal(409, 'MERCHANT_EXISTS'));
    expect((await signIn(email, code)).body.merchant.id).toBe(id);
  });

  it('is apart from a wallet of the same e-mail address', async () => {
    const ana = world.person('both@example.org');
    await ana.latchkey.createWallet({ email: ana.email });
    const merchant = await world.merchant('both@example.org');
    expect((await ana.latchkey.signIn({ email: ana.email })).email).toBe(ana.email);
    expect((await merchant.me()).settlement.status).toBe('managed');
  });
});

describe('signing in', () => {
  it('with a code asks for the authenticator app too, once there is one', async () => {
    const shop = await world.merchant('app@example.org', { isProvisioned: false });
    const code = await world.emailCode(shop.email);
    expect(await signIn(shop.email, code)).toEqual(refusal(403, 'TOTP_REQUIRED'));
    expect((await signIn(shop.email, code, shop.totp())).status).toBe(200);
  });

  it('takes a code of the app once, and ends with three tries of the mailed one', async () => {
    const shop = await world.merchant('replay@example.org', { isProvisioned: false });
    const used = shop.totp();
    expect((await signIn(shop.email, await world.emailCode(shop.email), used)).status).toBe(200);
    const code = await world.emailCode(shop.email);
    for (let i = 0; i < 3; i++)
      expect(await signIn(shop.email, code, used)).toEqual(refusal(403, 'TOTP_INVALID'));
    expect(await signIn(shop.email, code, shop.totp())).toEqual(refusal(410, 'EMAIL_CODE_EXPIRED'));
  });

  it('tells only who holds the mailbox that there is no merchant', async () => {
    const email = 'nobody@example.org';
    expect(await signIn(email, '12345678')).toEqual(refusal(410, 'EMAIL_CODE_EXPIRED'));
    expect(await signIn(email, await world.emailCode(email))).toEqual(refusal(404, 'MERCHANT_NOT_FOUND'));
  });

  it('sends three codes in three minutes at most', async () => {
    const email = 'many@example.org';
    for (let i = 0; i < 3; i++) await world.emailCode(email);
    await expect(world.emailCode(email)).rejects.toThrow('RATE_LIMITED');
  });

  it('with a passkey is not for merchants without one', async () => {
    const { email } = await world.merchant('no-passkey@example.org', { totp: false, isProvisioned: false });
    for (const asked of [email, 'nobody@example.org'])
      expect(await call(world, '/v1/merchants/sign-in/passkey-options', { json: { email: asked } })).toEqual(
        refusal(404, 'MERCHANT_NOT_FOUND'),
      );
  });
});

describe('a session', () => {
  it("of a merchant opens no wallet, and a wallet's no merchant", async () => {
    const ana = world.person('ana@example.org');
    const { session } = await createdWallet(ana.email);
    const shop = await world.merchant('session@example.org', { totp: false, isProvisioned: false });
    expect(await shop.call('/api/wallet')).toEqual(refusal(401, 'SESSION_REQUIRED'));
    const headers = { authorization: `Bearer ${session.token}` };
    expect(await call(world, '/v1/merchants/me', { headers })).toEqual(refusal(401, 'SESSION_REQUIRED'));
    expect(await call(world, '/v1/merchants/me')).toEqual(refusal(401, 'SESSION_REQUIRED'));
  });

  async function createdWallet(email: string) {
    const { authenticator } = world.person(email);
    const options = await call<{ options_json: never }>(world, `/api/create-wallet-options/${email}`);
    const registrationResponseJSON = await authenticator.register(options.body.options_json);
    return (
      await call<{ session: { token: string } }>(world, '/api/create-wallet', {
        json: { email, registrationResponseJSON },
      })
    ).body;
  }
});

describe('an authenticator app', () => {
  it('counts once a code of it was seen, and is replaced only by who has it', async () => {
    const shop = await world.merchant('totp@example.org', { totp: false, isProvisioned: false });
    await shop.call('/v1/merchants/me/totp', {});
    expect((await shop.me()).totpConfirmed).toBe(false);
    await shop.setUpTotp();
    expect((await shop.me()).totpConfirmed).toBe(true);
    expect(await shop.call('/v1/merchants/me/totp', {})).toEqual(refusal(403, 'STEP_UP_REQUIRED'));
    expect((await shop.call('/v1/merchants/me/totp', { totp: shop.totp() })).status).toBe(200);
  });
});

describe('the second factor', () => {
  it('stays the old app until a code of the new one was seen, which ends all sessions before', async () => {
    const shop = await world.merchant('swap@example.org', { isProvisioned: false });
    const { token } = shop;
    const begun = await shop.call('/v1/merchants/me/totp', { totp: shop.totp() });
    expect(begun.status).toBe(200);
    const code = await world.emailCode(shop.email);
    expect(await signIn(shop.email, code)).toEqual(refusal(403, 'TOTP_REQUIRED'));
    expect((await signIn(shop.email, code, shop.totp())).status, 'the old app').toBe(200);
    expect(await shop.call('/v1/merchants/me/totp', {})).toEqual(refusal(403, 'STEP_UP_REQUIRED'));
    expect((await shop.me()).totpConfirmed).toBe(true);
    expect(shop.token).toBe(token);

    const other = await world.merchant('ends@example.org', { totp: false, isProvisioned: false });
    const before = other.token;
    await other.setUpTotp();
    expect(other.token).not.toBe(before);
    const headers = { authorization: `Bearer ${before}` };
    expect(await call(world, '/v1/merchants/me', { headers })).toEqual(refusal(401, 'SESSION_EXPIRED'));
    expect((await other.me()).totpConfirmed).toBe(true);
  });

  it('is not set up with a session that is no longer fresh', async () => {
    const shop = await world.merchant('stale@example.org', { totp: false, isProvisioned: false });
    world.passMs(11 * 60_000);
    expect(await shop.call('/v1/merchants/me/totp', {})).toEqual(refusal(403, 'STEP_UP_REQUIRED'));
  });

  it('is noted in the audit log, with every sign-in and what was refused', async () => {
    const shop = await world.merchant('audit@example.org', { isProvisioned: false });
    await signIn(shop.email, await world.emailCode(shop.email));
    const rows = await world.server.services.db
      .selectFrom('settlement_audit')
      .select(['action', 'detail'])
      .where('account_id', '=', shop.id)
      .execute();
    expect(rows.map((it) => it.action)).toEqual(
      expect.arrayContaining(['merchant.signed-up', 'totp.set-up', 'totp.confirmed']),
    );
    expect(rows.find((it) => it.action === 'merchant.sign-in')?.detail).toContain('TOTP_REQUIRED');
  });
});

describe('signing out everywhere', () => {
  it('ends every session', async () => {
    const shop = await world.merchant('out@example.org', { totp: false, isProvisioned: false });
    expect((await shop.call('/v1/merchants/me/sign-out-everywhere', {})).status).toBe(200);
    expect(await shop.call('/v1/merchants/me')).toEqual(refusal(401, 'SESSION_EXPIRED'));
  });
});

describe('an API key', () => {
  it('is made with a step-up, opens what its scopes name, and ends when it is rotated or revoked', async () => {
    const shop = await world.merchant('keys@example.org', { isProvisioned: false });
    const ask = { name: 'till', scopes: ['withdraw'] };
    const path = '/v1/merchants/me/api-keys';
    expect(await shop.call(path, ask)).toEqual(refusal(403, 'STEP_UP_REQUIRED'));
    const made = (await shop.call<CreatedKey>(path, { ...ask, totp: shop.totp() })).body;
    const withKey = (secret: string) =>
      call(world, '/v1/merchants/me', { headers: { authorization: `Bearer ${secret}` } });
    expect(await withKey(made.secret)).toEqual(refusal(403, 'SCOPE_MISSING'));
    const reading = { name: 'books', scopes: ['read'] };
    const read = (await shop.call<CreatedKey>(path, { ...reading, totp: shop.totp() })).body;
    expect(await withKey(read.secret)).toMatchObject({ status: 200, body: { id: shop.id } });
    expect(
      await call(world, path, { headers: { authorization: `Bearer ${read.secret}` } }),
      'keys are managed with a session only',
    ).toEqual(refusal(403, 'SCOPE_MISSING'));

    const rotated = (await shop.call<CreatedKey>(`${path}/${read.id}/rotate`, { totp: shop.totp() })).body;
    expect(rotated.id).toBe(read.id);
    expect(await withKey(read.secret)).toEqual(refusal(401, 'API_KEY_REQUIRED'));
    expect((await withKey(rotated.secret)).status).toBe(200);
    expect((await shop.call(`${path}/${read.id}/revoke`, {})).status).toBe(200);
    expect(await withKey(rotated.secret)).toEqual(refusal(401, 'API_KEY_REQUIRED'));
    expect(await shop.call(`${path}/${read.id}/revoke`, {})).toEqual(refusal(404, 'NOT_FOUND'));
    expect((await shop.call(path)).body).toMatchObject({ apiKeys: [{ name: 'till' }] });
  });

  it("of another merchant is not to be had, and its secret stands nowhere in the database's rows", async () => {
    const [shop, stranger] = [
      await world.merchant('mine@example.org', { isProvisioned: false }),
      await world.merchant('stranger@example.org', { isProvisioned: false }),
    ];
    const path = '/v1/merchants/me/api-keys';
    const { id, secret } = (
      await shop.call<CreatedKey>(path, { name: 'a', scopes: ['read'], totp: shop.totp() })
    ).body;
    expect(await stranger.call(`${path}/${id}/revoke`, {})).toEqual(refusal(404, 'NOT_FOUND'));
    expect(await stranger.call(`${path}/${id}/rotate`, { totp: stranger.totp() })).toEqual(
      refusal(404, 'NOT_FOUND'),
    );
    const rows = await world.server.services.db.selectFrom('merchant_api_keys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(4));
  });
});

describe('a day', () => {
  it('has room for as many sign-ups as the settings say', async () => {
    const small = await createSettlementWorld({ env: { SETTLEMENT_SIGN_UPS_PER_DAY: '2' } });
    try {
      await small.merchant('one@example.org', { totp: false });
      await small.merchant('two@example.org', { totp: false });
      await expect(small.merchant('three@example.org')).rejects.toThrow('RATE_LIMITED');
      small.passMs(24 * 3_600_000);
      await small.merchant('three@example.org', { totp: false });
    } finally {
      await small.close();
    }
  });
});

describe('a server without a key for seeds', () => {
  it('has no merchants', async () => {
    const plain = await createWorld();
    try {
      expect(plain.server.services.settlement).toBeNull();
      expect(await call(plain, '/v1/merchants/me')).toEqual(refusal(404, 'NOT_FOUND'));
      expect(await call(plain, '/v1/merchants/email-codes', { json: { email: 'ana@example.org' } })).toEqual(
        refusal(404, 'NOT_FOUND'),
      );
    } finally {
      await plain.close();
    }
  });
});

it('no log line holds an e-mail address, a code, a token or a secret of a merchant', async () => {
  const code = await world.emailCode('log@example.org');
  const { body } = await signUp('log@example.org', code);
  await signIn('log@example.org', other(code));
  const lines = world.logLines.join('\n');
  expect(lines).toContain('request');
  for (const secret of ['example.org', body.token, 'lkm_', 'otpauth']) expect(lines).not.toContain(secret);
  expect(lines).not.toMatch(new RegExp(`\\b${code}\\b`));
});
