// The merchant's client against a server that lies, falls silent or has ended the session.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSoftwareAuthenticator } from '../testing/softwareAuthenticator.ts';
import { createMerchantClient } from './merchantClient.ts';
import type { Merchant } from './merchantTypes.ts';

const managedAddress = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const shop = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const body = {
  email: 'shop@example.org',
  networkPassphrase: 'Standalone Network ; February 2017',
  settlement: { managed: true, managedAddress, smartWalletAddress: null, balance: '5' },
  usdc: { code: 'USDC', contractId: 'C', issuer: 'G', decimals: 7 },
  migration: null,
};
const session = { token: 'jwt', expiresAt: Date.now() + 60_000, merchant: body };
const withdrawal = { id: 'w', kind: 'managed', status: 'confirmed', amount: '10000000' };

type Sent = { path: string; key: string | null; authorization: string | null; json: Record<string, unknown> };
type Answer = { status: number; json: unknown } | 'silence' | (() => Promise<Answer>);

async function clientOf(answers: Record<string, Answer | Answer[]>) {
  const sent: Sent[] = [];
  const authenticator = createSoftwareAuthenticator({ origin: 'http://localhost', rpId: 'localhost' });
  await authenticator.register({ challenge: 'AA', rp: { id: 'localhost' }, user: { id: 'AA' } });
  let taps = 0;
  const doFetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const { pathname } = new URL(String(url));
    const headers = new Headers(init.headers);
    sent.push({
      path: pathname,
      key: headers.get('idempotency-key'),
      authorization: headers.get('authorization'),
      json: JSON.parse(String(init.body ?? '{}')),
    });
    const prepared = answers[pathname];
    const listed = Array.isArray(prepared) ? prepared.shift() : prepared;
    const answer = typeof listed === 'function' ? await listed() : listed;
    if (answer === undefined) throw new Error(`nobody asks for ${pathname}`);
    if (typeof answer !== 'object') throw new TypeError('the connection broke');
    return Response.json(answer.json, { status: answer.status });
  };
  const client = createMerchantClient({
    baseUrl: 'http://service',
    fetch: doFetch as typeof fetch,
    passkeys: {
      register: authenticator.register,
      authenticate: (options) => {
        taps++;
        return authenticator.authenticate(options);
      },
    },
    storage: null,
  });
  return { client, sent, taps: () => taps };
}

const ok = (json: unknown): Answer => ({ status: 200, json });
const problem = (status: number, code: string): Answer => ({ status, json: { code, detail: 'no' } });
const SIGN_UP = { '/v1/merchants': ok(session) };
const WITHDRAW = '/v1/merchants/me/settlement/withdraw';
const STEP_UP = '/v1/merchants/me/step-up/options';

async function signedUp(answers: Record<string, Answer | Answer[]>) {
  const made = await clientOf({ ...SIGN_UP, ...answers });
  const merchant = await made.client.signUp({ email: body.email, code: '12345678', name: 'Shop' });
  return { ...made, merchant };
}

const ask = { amount: '1', destination: shop };

function optionsFor(text: Record<string, string>) {
  const signedText = JSON.stringify(text);
  const challenge = createHash('sha256').update(signedText).digest('base64url');
  return ok({ signedText, options_json: { challenge, rpId: 'localhost' } });
}

describe("a merchant's client", () => {
  it('gives amounts as integers, and sends the session along', async () => {
    const { client, sent, merchant } = await signedUp({ '/v1/merchants/me': ok(body) });
    expect(merchant.settlement.balance).toBe(5n);
    await client.me();
    expect(sent.at(-1)!.authorization).toBe('Bearer jwt');
    expect(client.session()).toEqual({ email: body.email, expiresAt: session.expiresAt });
  });

  it('forgets a session that the service has ended', async () => {
    const { client } = await signedUp({ '/v1/merchants/me': problem(401, 'SESSION_EXPIRED') });
    await expect(client.me()).rejects.toThrow(expect.objectContaining({ code: 'SESSION_EXPIRED' }));
    expect(client.session()).toBeNull();
  });

  it('keeps a session that replaced another one while that was being refused', async () => {
    let replace: () => Promise<unknown> = async () => {};
    const refused: Answer = async () => {
      await replace();
      return problem(401, 'SESSION_EXPIRED');
    };
    const { client, sent } = await signedUp({
      '/v1/merchants/me': [refused, ok(body)],
      '/v1/merchants/sign-in': ok({ ...session, token: 'next' }),
    });
    replace = () => client.signInByCode({ email: body.email, code: '12345678' });
    expect((await client.me()).email).toBe(body.email);
    expect(sent.at(-1)!.authorization).toBe('Bearer next');
    expect(client.session()).not.toBeNull();
  });

  it('keeps a session that is about to be replaced when what ends the former one has not been answered yet', async () => {
    const { promise: isRefused, resolve: refuse } = Promise.withResolvers<void>();
    const { client, sent } = await signedUp({
      '/v1/merchants/me': [problem(401, 'SESSION_EXPIRED'), ok(body)],
      '/v1/merchants/me/totp/confirm': async () => {
        await isRefused;
        return ok({ ...session, token: 'next' });
      },
    });
    const confirmed = client.confirmAuthenticator('123456');
    const asked = client.me();
    setTimeout(refuse, 20);
    await confirmed;
    expect((await asked).email).toBe(body.email);
    expect(sent.at(-1)!.authorization).toBe('Bearer next');
    expect(client.session()).not.toBeNull();
  });

  it('after a lost answer sends the same withdrawal under the same key, until there is an answer', async () => {
    const silences: Answer[] = ['silence', 'silence', 'silence'];
    const { client, sent, merchant } = await signedUp({ [WITHDRAW]: [...silences, ok(withdrawal)] });
    const prepared = await client.prepareWithdrawal(merchant, ask);
    await expect(prepared.approve({ totp: '111111' })).rejects.toThrow(
      expect.objectContaining({ code: 'NETWORK_UNREACHABLE' }),
    );
    // What was sent stays what is sent, whatever is typed in the meantime.
    expect(await prepared.approve({ totp: '222222' })).toMatchObject({ amount: 10_000_000n });
    const tries = sent.filter(({ path }) => path === WITHDRAW);
    expect(new Set(tries.map(({ key }) => key)).size).toBe(1);
    expect(tries.map(({ json }) => json.totp)).toEqual(Array(4).fill('111111'));
  });

  it('after a refusal asks anew', async () => {
    const refused = problem(403, 'TOTP_INVALID');
    const { client, sent, merchant } = await signedUp({ [WITHDRAW]: [refused, ok(withdrawal)] });
    const prepared = await client.prepareWithdrawal(merchant, ask);
    await expect(prepared.approve({ totp: '111111' })).rejects.toThrow();
    await prepared.approve({ totp: '222222' });
    const [first, second] = sent.filter(({ path }) => path === WITHDRAW);
    expect(second!.json.totp).toBe('222222');
    expect(second!.key).not.toBe(first!.key);
  });

  it.each([
    ['amount', { ...ask, amount: '1,5' }],
    ['destination', { ...ask, destination: 'GABC' }],
  ])('names the field %s that is wrong before anything is sent', async (field, wrong) => {
    const { client, sent, merchant } = await signedUp({});
    await expect(client.prepareWithdrawal(merchant, wrong)).rejects.toThrow(
      expect.objectContaining({ details: { field } }),
    );
    expect(sent).toHaveLength(1);
  });

  it('withdraws from no managed account without a step-up', async () => {
    const { client, merchant } = await signedUp({});
    const prepared = await client.prepareWithdrawal(merchant as Merchant, ask);
    await expect(prepared.approve()).rejects.toThrow(expect.objectContaining({ code: 'STEP_UP_REQUIRED' }));
  });
});

describe('a tap that moves nothing', () => {
  it('is not asked for when the challenge could be a payment', async () => {
    const blind = ok({ signedText: '', options_json: { challenge: 'A'.repeat(43), rpId: 'localhost' } });
    const signIn = await clientOf({ '/v1/merchants/sign-in/passkey-options': blind });
    await expect(signIn.client.signInByPasskey(body.email)).rejects.toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' }),
    );
    expect(signIn.taps()).toBe(0);
    const { client, merchant, taps } = await signedUp({ [STEP_UP]: blind });
    const prepared = await client.prepareWithdrawal(merchant, ask);
    await expect(prepared.approve('passkey')).rejects.toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' }),
    );
    expect(taps()).toBe(0);
  });

  it('is not asked for when the text names another request than this one', async () => {
    const other = optionsFor({ type: 'latchkey step-up', action: 'withdraw', detailsHash: 'of another' });
    const { client, merchant, taps } = await signedUp({ [STEP_UP]: other });
    const prepared = await client.prepareWithdrawal(merchant, ask);
    await expect(prepared.approve('passkey')).rejects.toThrow(
      expect.objectContaining({ details: { what: 'detailsHash' } }),
    );
    expect(taps()).toBe(0);
  });

  it('signs in when the text says so', async () => {
    const { client, taps } = await clientOf({
      '/v1/merchants/sign-in/passkey-options': optionsFor({ type: 'latchkey merchant sign-in', nonce: 'x' }),
      '/v1/merchants/sign-in/passkey': ok(session),
    });
    expect((await client.signInByPasskey(body.email)).email).toBe(body.email);
    expect(taps()).toBe(1);
  });
});
