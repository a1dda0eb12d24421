// Input that no client of ours would send: each gets problem details with a code and the field, and stores nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, transferOptions } from './api.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let wallet: string;
let shop: string;

beforeAll(async () => {
  world = await createWorld();
  const ana = world.person('ana@example.org');
  wallet = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  shop = await world.account();
});
afterAll(() => world?.close());

async function rows(): Promise<number> {
  const { db } = world.server.services;
  let sum = 0;
  for (const table of [
    'accounts',
    'credentials',
    'challenges',
    'submissions',
    'transfers',
    'wallets',
  ] as const) {
    const { count } = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    sum += Number(count);
  }
  return sum;
}

async function refused(
  answer: Promise<Awaited<ReturnType<typeof call>>>,
  status: number,
  code: string,
  field?: string,
) {
  const before = await rows();
  const { status: got, body } = await answer;
  expect({ got, code: body.code, field: body.field }).toEqual({ got: status, code, field });
  expect(body).toMatchObject({
    type: `urn:latchkey:error:${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(await rows()).toBe(before);
}

describe('an e-mail address', () => {
  it.each([
    'ana',
    'ana@',
    '@example.org',
    'ana@localhost',
    'a b@example.org',
    'ana@exa mple.org',
    `${'a'.repeat(250)}@example.org`,
  ])('like "%s" is refused', (email) =>
    refused(
      call(world, `/api/create-wallet-options/${encodeURIComponent(email)}`),
      422,
      'INVALID_EMAIL',
      'email',
    ),
  );

  it('is one account in any spelling', async () => {
    const answer = await call(world, `/api/create-wallet-options/${encodeURIComponent(' ANA@Example.ORG ')}`);
    expect(answer.body.code).toBe('EMAIL_TAKEN');
  });
});

describe('a transfer', () => {
  const ask = (change: object) =>
    transferOptions(world, { fromWalletAddress: wallet, toWalletAddress: shop, amount: '1', ...change });

  it.each([
    ['0', 'INVALID_AMOUNT'],
    ['-1', 'INVALID_AMOUNT'],
    ['1.00000001', 'INVALID_AMOUNT'],
    ['1e9', 'INVALID_AMOUNT'],
    ['', 'INVALID_AMOUNT'],
    ['NaN', 'INVALID_AMOUNT'],
    ['9'.repeat(40), 'INVALID_AMOUNT'],
    ['9'.repeat(41), 'INVALID_AMOUNT'],
    ['10000.0000001', 'INSUFFICIENT_BALANCE'],
  ])('of "%s" is refused', (amount, code) => refused(ask({ amount }), 422, code, 'amount'));

  it.each(['', 'G', 'nobody', '0x0000000000000000000000000000000000000000', 'S'.repeat(56)])(
    'to "%s" is refused',
    (to) => refused(ask({ toWalletAddress: to }), 422, 'INVALID_ADDRESS', 'toWalletAddress'),
  );

  it('to a mistyped address is refused for its checksum', async () => {
    const mistyped = shop.slice(0, -2) + (shop.endsWith('AA') ? 'BB' : 'AA');
    await refused(ask({ toWalletAddress: mistyped }), 422, 'INVALID_ADDRESS', 'toWalletAddress');
  });

  it('to itself is refused', () =>
    refused(ask({ toWalletAddress: wallet }), 422, 'INVALID_ADDRESS', 'toWalletAddress'));

  it('that an account cannot come to life with is refused before anybody signs', async () => {
    const { Keypair } = await import('@stellar/stellar-sdk/base');
    const change = { toWalletAddress: Keypair.random().publicKey(), amount: '0.9999999' };
    await refused(ask(change), 422, 'DESTINATION_CANNOT_RECEIVE', 'toWalletAddress');
  });

  it('from a wallet this service does not know is refused', () =>
    refused(
      ask({ fromWalletAddress: world.server.services.config.factoryId }),
      404,
      'WALLET_NOT_FOUND',
      'fromWalletAddress',
    ));

  it('of something that is no token is refused', async () => {
    await refused(ask({ token: 'USDC' }), 422, 'INVALID_ADDRESS', 'token');
    await refused(ask({ token: world.server.services.config.factoryId }), 422, 'UNKNOWN_TOKEN', 'token');
  });
});

describe('a body', () => {
  const post = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    call(world, '/api/transfer', { method: 'POST', body, headers });

  it('over 64 KiB is refused', () => refused(post(`{"a":"${'x'.repeat(65_536)}"}`), 413, 'BODY_TOO_LARGE'));
  it('that is not JSON is refused', () => refused(post('{"a":'), 400, 'INVALID_REQUEST', 'body'));
  it('of another type is refused', () =>
    refused(post('{}', { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE'));
  it('with a missing field is refused, naming it', () =>
    refused(post('{}'), 422, 'INVALID_ADDRESS', 'fromWalletAddress'));

  it('with malformed client data is refused', () => {
    const response = { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' };
    const assertion = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {}, response };
    const json = {
      fromWalletAddress: wallet,
      toWalletAddress: shop,
      amount: '1',
      authenticationResponseJSON: assertion,
    };
    return refused(call(world, '/api/transfer', { json }), 400, 'INVALID_REQUEST', 'clientDataJSON');
  });

  it('without a length is refused', () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{}'));
        controller.close();
      },
    });
    const init = {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };
    return refused(call(world, '/api/transfer', init as RequestInit), 411, 'LENGTH_REQUIRED');
  });
});

describe('a wallet', () => {
  it('whose deployment costs more than the service pays says so, and its e-mail stays free', async () => {
    const stingy = await createWorld({ env: { STELLAR_MAX_FEE: '1000', STELLAR_RPC_URL: world.rpc.url } });
    try {
      const zoe = stingy.person('zoe@example.org');
      const code = 'FEE_ABOVE_LIMIT';
      await expect(zoe.latchkey.createWallet({ email: zoe.email })).rejects.toThrow(
        expect.objectContaining({ code }),
      );
      expect((await call(stingy, `/api/create-wallet-options/${zoe.email}`)).status).toBe(200);
    } finally {
      await stingy.close();
    }
  });
});

describe('a request', () => {
  it('for an unknown path is refused', () => refused(call(world, '/api/nothing'), 404, 'NOT_FOUND'));
  it('with the wrong method is refused', async () => {
    await refused(call(world, '/api/transfer'), 405, 'METHOD_NOT_ALLOWED');
    await refused(call(world, '/api/sign-in-options/x', { json: {} }), 405, 'METHOD_NOT_ALLOWED');
  });
  it('without a session is refused where one is needed', async () => {
    await refused(call(world, '/api/wallet'), 401, 'SESSION_REQUIRED');
    const headers = { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' };
    await refused(call(world, '/api/wallet', { headers }), 401, 'SESSION_REQUIRED');
  });
  it('is described by OpenAPI 3.1', async () => {
    const { body } = await call(world, '/api/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(body.paths as object)).toContain('/api/transfer');
  });
  it('above the limit is refused with the time to wait', async () => {
    const limited = await createWorld({ env: { REQUESTS_PER_MINUTE: '3', STELLAR_RPC_URL: world.rpc.url } });
    try {
      const answers = [];
      for (let i = 0; i < 4; i++) answers.push(await fetch(`${limited.server.url}/api/health`));
      expect(answers.map((it) => it.status)).toEqual([200, 200, 200, 429]);
      expect(Number(answers[3]!.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await limited.close();
    }
  });
});
