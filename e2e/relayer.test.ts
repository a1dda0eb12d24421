import { factoryCalls, invokeContract, simulate, tokenCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { HostFunction, TransactionEnvelope } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiKeyTerms, endApiKey } from '../server/src/db/apiKeys.ts';
import { allChannels } from '../server/src/db/channels.ts';
import { readAccount } from '../server/src/relayer/sponsor.ts';
import { call } from './api.ts';
import {
  countSubmissions,
  newApiKey,
  type OwnTransaction,
  ownTransaction,
  postRelay,
  postSubmission,
} from './apiKeyHolder.ts';
import {
  entryOf,
  type KeyWallet,
  keyWallet,
  type Relayed,
  signedTransfer,
  unsignedCall,
} from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let token: string;
let factory: string;
let networkPassphrase: string;
let shop: string;
let wallet: KeyWallet;
let secret: string;

const newKey = (change: Partial<ApiKeyTerms> = {}) => newApiKey(world, change);

type Sent = { as?: string | null; idempotencyKey?: string; wait?: number };

function post(body: unknown, { as = secret, idempotencyKey, wait = 20 }: Sent = {}) {
  return postSubmission(world, as, body, {
    waitSeconds: wait,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  });
}

const expiresAtLedger = async () => (await world.rpc.call('getLatestLedger')).sequence + 100;
const on = async () => ({ networkPassphrase, expiresAtLedger: await expiresAtLedger() });
const transfer = async (amount = 1n) => signedTransfer(wallet, { token, to: shop, amount }, await on());

const rows = () => countSubmissions(world);

function ownTransfer(change: Partial<OwnTransaction> = {}) {
  const keypair = change.keypair ?? Keypair.random();
  return ownTransaction(world, {
    keypair,
    hostFunction: tokenCalls.transfer(token, keypair.publicKey(), shop, 5n),
    ...change,
  });
}

beforeAll(async () => {
  world = await createWorld();
  ({ nativeTokenId: token, factoryId: factory, networkPassphrase } = world.server.services.config);
  shop = await world.account();
  secret = (await newKey()).secret;
  wallet = await keyWallet(world.rpc, factory);
  const made = await post(unsignedCall(wallet.deploy));
  expect(made.body).toMatchObject({ status: 'confirmed' });
  await world.net!.fund(wallet.address);
});
afterAll(() => world?.close());

describe('a submission by API key', () => {
  it('is confirmed, and found by its hash on the network', async () => {
    const had = await world.balanceStroops(shop);
    const { status, body } = await post(await transfer(7n));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'confirmed', ledger: expect.any(Number) },
    });
    expect((await world.rpc.call('getTransaction', { hash: body.hash! })).status).toBe('SUCCESS');
    expect(await world.balanceStroops(shop)).toBe(had + 7n);
  });

  it('costs the sponsor exactly what it says, and the channel accounts nothing', async () => {
    const { sponsor, db } = world.server.services;
    const before = await sponsor.account();
    const { body } = await post(await transfer());
    const after = await sponsor.account();
    expect(before.balanceStroops - after.balanceStroops).toBe(BigInt(body.feeChargedStroops!));
    for (const { address } of await allChannels(db))
      expect((await readAccount(world.rpc, address)).balanceStroops).toBe(0n);
  });

  it('is answered at once when nobody wants to wait, and later asked for', async () => {
    const { status, body } = await post(await transfer(), { wait: 0 });
    expect(status).toBe(202);
    const headers = { authorization: `Bearer ${secret}` };
    const later = await call(world, `/v1/submissions/${body.id}?wait=20`, { headers });
    expect(later.body).toMatchObject({ id: body.id, status: 'confirmed' });
  });

  it('is told about as it goes on', async () => {
    const { body } = await post(await transfer(), { wait: 0 });
    const headers = { authorization: `Bearer ${secret}` };
    const stream = await fetch(`${world.server.url}/v1/submissions/${body.id}/events`, { headers });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const text = await stream.text();
    expect(text.trim().split('\n').at(-1)).toContain('"status":"confirmed"');
  });

  it('is made once for one Idempotency-Key, and no other request may use that', async () => {
    const had = await world.balanceStroops(shop);
    const body = await transfer(3n);
    const idempotencyKey = crypto.randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => post(body, { idempotencyKey })));
    expect(new Set(answers.map((it) => it.body.id)).size).toBe(1);
    expect((await post(body, { idempotencyKey })).body).toEqual(answers[0]!.body);
    expect(await world.balanceStroops(shop)).toBe(had + 3n);
    expect((await post(await transfer(), { idempotencyKey })).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('goes through several channel accounts at once', async () => {
    const bodies = await Promise.all(Array.from({ length: 12 }, () => transfer()));
    const answers = await Promise.all(bodies.map((it) => post(it)));
    expect(answers.map((it) => it.body.status)).toEqual(Array(12).fill('confirmed'));
    const envelopes = await Promise.all(
      answers.map((it) => world.rpc.call('getTransaction', { hash: it.body.hash! })),
    );
    const sources = envelopes.map(({ envelopeXdr }) => {
      const envelope = TransactionEnvelope.fromXdr(envelopeXdr!, 'base64');
      if (envelope.type !== 'envelopeTypeTxFeeBump') throw new Error('the sponsor pays by fee bumps');
      return envelope.value.tx.innerTx.value.tx.sourceAccount.toJson();
    });
    expect(new Set(sources).size).toBeGreaterThan(1);
  });

  it('fails in words when the chain refuses it, and is not queued', async () => {
    const before = await rows();
    const answer = await post(await transfer(10n ** 15n));
    expect(answer).toMatchObject({ status: 422, body: { code: 'SIMULATION_FAILED' } });
    expect(await rows()).toBe(before);
  });
});

describe('a transaction with a source of its own', () => {
  it('is paid for by the sponsor', async () => {
    const { xdr } = await ownTransfer();
    expect((await post({ xdr })).body).toMatchObject({ status: 'confirmed' });
  });

  it.each([
    ['that has ended', { validForSeconds: -5n }, 'time-bounds'],
    ['without an end', { validForSeconds: 10_000_000n }, 'time-bounds'],
  ])('%s is refused', async (_, change, rule) => {
    const before = await rows();
    expect(await post(await ownTransfer(change))).toMatchObject({ status: 403, body: { rule } });
    expect(await rows()).toBe(before);
  });

  it('signed for another network is refused', async () => {
    const answer = await post({ xdr: (await ownTransfer({ passphrase: 'another' })).xdr });
    expect(answer).toMatchObject({ status: 403, body: { code: 'SIGNATURE_INVALID' } });
  });
});

describe('the sponsor does not pay for', () => {
  const refusedBy = async (rule: string, body: unknown) => {
    const { sponsor } = world.server.services;
    const before = [await rows(), (await sponsor.account()).balanceStroops];
    expect(await post(body)).toMatchObject({ status: 403, body: { code: 'NOT_SPONSORED', rule } });
    expect([await rows(), (await sponsor.account()).balanceStroops]).toEqual(before);
  };

  it('a call whose authorization would be its own signature', async () => {
    const { sponsor } = world.server.services;
    const hostFunction = tokenCalls.transfer(token, sponsor.address, shop, 5n);
    const { auth } = await simulate(world.rpc, { hostFunction, source: sponsor.address });
    await refusedBy('no-own-signature', {
      func: hostFunction.toXdr('base64'),
      auth: auth.map((it) => it.toXdr('base64')),
    });
  });

  it.each(['sponsor', 'channel'])('an entry that names the %s account', async (whose) => {
    const { sponsor, db } = world.server.services;
    const address = whose === 'sponsor' ? sponsor.address : (await allChannels(db))[0]!.address;
    const hostFunction = tokenCalls.transfer(token, address, shop, 5n);
    const entry = await entryOf({ ...wallet, address }, hostFunction, await on());
    await refusedBy('no-own-address', { func: hostFunction.toXdr('base64'), auth: [entry.toXdr('base64')] });
  });

  it('another contract or function', async () => {
    await refusedBy('allowed-call', unsignedCall(factoryCalls.walletWasmHash(factory)));
    await refusedBy('allowed-call', unsignedCall(invokeContract(wallet.address, 'transfer', [])));
  });

  it('uploads and new contracts', async () => {
    const upload = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    await refusedBy('contract-call', unsignedCall(upload));
  });

  it('entries without a signature', async () => {
    const hostFunction = tokenCalls.transfer(token, wallet.address, shop, 5n);
    const { auth } = await simulate(world.rpc, { hostFunction });
    await refusedBy('signed', {
      func: hostFunction.toXdr('base64'),
      auth: auth.map((it) => it.toXdr('base64')),
    });
  });

  it('anybody who is no known wallet', async () => {
    const keypair = Keypair.random();
    const hostFunction = tokenCalls.transfer(token, keypair.publicKey(), shop, 5n);
    const stranger = { keypair, address: keypair.publicKey() };
    const entry = await entryOf(stranger, hostFunction, await on());
    await refusedBy('known-wallet', { func: hostFunction.toXdr('base64'), auth: [entry.toXdr('base64')] });
  });

  it('more than the request or the key allows', async () => {
    await refusedBy('fee-ceiling', { ...(await transfer()), maxFeeStroops: '1000' });
  });
});

describe('a quota', () => {
  it.each([
    ['submissions-per-day', { submissionsPerDay: 1 }],
    ['stroops-per-day', { stroopsPerDay: 10_000_000n }],
    ['wallet-submissions-per-day', { walletSubmissionsPerDay: 1 }],
  ])('of %s is kept, and another key is not touched by it', async (rule, terms) => {
    const { secret: as } = await newKey(terms);
    expect((await post(await transfer(), { as })).body.status).toBe('confirmed');
    expect(await post(await transfer(), { as })).toMatchObject({ status: 429, body: { rule } });
    expect((await post(await transfer())).body.status).toBe('confirmed');
  });
});

describe('an API key', () => {
  it('is needed, and has to be a live one', async () => {
    const { id, secret: as } = await newKey();
    await endApiKey(world.server.services.db, id, Date.now() - 1);
    for (const given of [null, 'lk_made_up', as])
      expect(await post(await transfer(), { as: given })).toMatchObject({
        status: 401,
        body: { code: 'API_KEY_REQUIRED' },
      });
  });

  it('shows nothing of what another one submitted', async () => {
    const { secret: as } = await newKey();
    const { body } = await post(await transfer());
    const headers = { authorization: `Bearer ${as}` };
    for (const path of [`/v1/submissions/${body.id}`, `/v1/submissions/${body.id}/events`])
      expect((await call(world, path, { headers })).status).toBe(404);
  });

  it('is not found in the database', async () => {
    const keys = await world.server.services.db.selectFrom('api_keys').selectAll().execute();
    expect(JSON.stringify(keys)).not.toContain(secret.slice(3));
  });
});

describe('bad input', () => {
  it.each([
    ['xdr that is none', { xdr: 'AAAA' }],
    ['a function that is none', { func: '!!', auth: [] }],
    ['entries that are none', { func: 'AAAA', auth: ['AAAA'] }],
    ['both forms', { xdr: 'AAAA', func: 'AAAA', auth: [] }],
    ['neither form', {}],
    ['a function without entries', { func: 'AAAA' }],
    ['a ceiling that is no number', { xdr: 'AAAA', maxFeeStroops: '-1' }],
  ])('of %s is refused and leaves nothing', async (_, body) => {
    const before = await rows();
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await rows()).toBe(before);
  });

  it('an expired or foreign signature is refused and leaves nothing', async () => {
    const before = await rows();
    const body = (change: object) => async () =>
      signedTransfer(wallet, { token, to: shop, amount: 1n }, { ...(await on()), ...change });
    for (const make of [body({ expiresAtLedger: 1 }), body({ networkPassphrase: 'another' })])
      expect((await post(await make())).status).toBe(422);
    expect(await rows()).toBe(before);
  });
});

describe("the kits' form", () => {
  const relay = (body: Relayed | { xdr: string }, as: string | null) => postRelay(world, as, body);

  it('answers with the confirmed hash', async () => {
    expect(await relay(await transfer(), secret)).toMatchObject({
      status: 200,
      body: {
        success: true,
        error: null,
        data: { status: 'confirmed', hash: expect.any(String), transactionId: expect.any(String) },
      },
    });
  });

  it('says what went wrong', async () => {
    const { body } = await relay(unsignedCall(factoryCalls.walletWasmHash(factory)), secret);
    expect(body).toMatchObject({ success: false, data: { rule: 'allowed-call' }, error: expect.any(String) });
  });

  it('works without a key once there is a public one', async () => {
    expect((await relay(await transfer(), null)).status).toBe(401);
    await newKey({ isPublic: true });
    expect((await relay(await transfer(), null)).body.success).toBe(true);
  });
});

describe('whoever runs it', () => {
  it('sees that it is ready, and its figures', async () => {
    expect((await call(world, '/health')).status).toBe(200);
    expect(await call(world, '/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', missing: [] },
    });
    const text = await (await fetch(`${world.server.url}/metrics`)).text();
    expect(text).toMatch(/latchkey_submissions_settled_total\{code="CONFIRMED"\} \d+/);
    expect(text).toContain('latchkey_channels{state="free"} 5');
    expect(text).toMatch(/latchkey_sponsor_balance_stroops \d+/);
  });
});
