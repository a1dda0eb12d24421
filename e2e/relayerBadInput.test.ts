// Input that the relayer cannot use, by both paths: each kind gets a code of the 4xx kind and leaves nothing in the queue,
// and no text of ours or of the network's becomes an internal error.
import { createHash } from 'node:crypto';
import { tokenCalls } from '@latchkey/sdk/chain';
import { Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import {
  MuxedAccount,
  ScVal,
  SorobanAuthorizationEntry,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './api.ts';
import {
  classicTransaction,
  countSubmissions,
  fundedKeypair,
  newApiKey,
  type OwnTransaction,
  ownTransaction,
  postRelay,
  postSubmission,
  signedEnvelope,
} from './apiKeyHolder.ts';
import { type KeyWallet, keyWallet, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let token: string;
let networkPassphrase: string;
let shop: string;
let wallet: KeyWallet;
let secret: string;
let keypair: Keypair;

type Expected = { status: number; code: string; field?: string; rule?: string };

async function refused(body: unknown, { status, code, ...more }: Expected): Promise<void> {
  const before = await countSubmissions(world);
  expect(await postSubmission(world, secret, body)).toMatchObject({ status, body: { code, ...more } });
  const relayed = await postRelay(world, secret, body);
  const { rule } = more;
  expect(relayed).toMatchObject({
    status,
    body: { success: false, data: { reason: code, ...(rule ? { rule } : {}) }, error: expect.any(String) },
  });
  expect(await countSubmissions(world)).toBe(before);
}

async function transfer(change: { expiresAtLedger?: number; networkPassphrase?: string } = {}) {
  const expiresAtLedger = (await world.rpc.call('getLatestLedger')).sequence + 100;
  const on = { networkPassphrase, expiresAtLedger, ...change };
  return signedTransfer(wallet, { token, to: shop, amount: 1n }, on);
}

const own = (change: Partial<OwnTransaction> = {}) =>
  ownTransaction(world, {
    keypair,
    hostFunction: tokenCalls.transfer(token, keypair.publicKey(), shop, 1n),
    ...change,
  });

beforeAll(async () => {
  world = await createWorld();
  const { nativeTokenId, factoryId } = world.server.services.config;
  ({ networkPassphrase } = world.server.services.config);
  token = nativeTokenId;
  shop = await world.account();
  secret = (await newApiKey(world)).secret;
  wallet = await keyWallet(world.rpc, factoryId);
  expect((await postSubmission(world, secret, unsignedCall(wallet.deploy))).body.status).toBe('confirmed');
  await world.net!.fund(wallet.address);
  keypair = await fundedKeypair(world);
});
afterAll(() => world?.close());

describe('a body', () => {
  const malformed = { status: 400, code: 'INVALID_REQUEST' };

  it.each<[string, unknown]>([
    ['with xdr that is none', { xdr: 'AAAA' }],
    ['with text for xdr', { xdr: 'not base64 at all' }],
    ['with a number for xdr', { xdr: 7 }],
    ['with a function that is none', { func: '!!', auth: [] }],
    ['with entries that are none', { func: 'AAAA', auth: ['AAAA'] }],
    ['with both forms', { xdr: 'AAAA', func: 'AAAA', auth: [] }],
    ['with neither form', {}],
    ['with a function and no entries', { func: 'AAAA' }],
    ['with entries and no function', { auth: [] }],
    ['with a list of a hundred entries', { func: 'AAAA', auth: Array(100).fill('AAAA') }],
    ['with a negative ceiling', { xdr: 'AAAA', maxFeeStroops: '-1' }],
    ['with a ceiling of 11 digits', { xdr: 'AAAA', maxFeeStroops: '99999999999' }],
    ['that is a list', []],
    ['that is null', null],
    ['whose params are none', { params: 'AAAA' }],
  ])('%s is refused', (_, body) => refused(body, malformed));

  it('with bytes after the XDR is refused', async () => {
    const { xdr } = await own();
    const longer = Buffer.concat([Buffer.from(xdr, 'base64'), Buffer.alloc(4)]).toString('base64');
    await refused({ xdr: longer }, malformed);
    const { func, auth } = await transfer();
    const entry = Buffer.concat([Buffer.from(auth[0]!, 'base64'), Buffer.alloc(4)]).toString('base64');
    await refused({ func, auth: [entry] }, malformed);
  });

  it('with values nested a thousand deep is refused', async () => {
    const vecOfOne = Buffer.from('000000100000000100000001', 'hex');
    const voidValue = Buffer.from('00000001', 'hex');
    const deep = Buffer.concat([...Array<Buffer>(1_000).fill(vecOfOne), voidValue]);
    const { func, auth } = await transfer();
    const entry = SorobanAuthorizationEntry.fromXdr(auth[0]!, 'base64');
    if (entry.credentials.type !== 'sorobanCredentialsAddressV2') throw new Error('an address');
    const bytes = Buffer.from(entry.toXdr());
    const signature = Buffer.from(entry.credentials.value.signature.toXdr());
    const at = bytes.indexOf(signature);
    const parts = [bytes.subarray(0, at), deep, bytes.subarray(at + signature.length)];
    await refused({ func, auth: [Buffer.concat(parts).toString('base64')] }, malformed);
  });

  it('with one byte changed anywhere is refused, and never as an error of ours', async () => {
    const { func, auth } = await transfer();
    const { xdr } = await own();
    const bytesOf = (seed: string) => createHash('sha256').update(seed).digest();
    const before = await countSubmissions(world);
    for (let round = 0; round < 60; round++) {
      const random = bytesOf(`round ${round}`);
      const damaged = (text: string) => {
        const bytes = Buffer.from(text, 'base64');
        const at = random.readUInt32BE(0) % bytes.length;
        bytes[at] = bytes[at]! ^ (random[4]! || 1);
        return bytes.toString('base64');
      };
      const bodies = [
        { xdr: damaged(xdr) },
        { func: damaged(func), auth },
        { func, auth: [damaged(auth[0]!)] },
      ];
      for (const body of bodies) {
        const { status, body: said } = await postSubmission(world, secret, body, { waitSeconds: 0 });
        expect({ status, said }).toMatchObject({ said: { code: expect.any(String) } });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }
    }
    expect(await countSubmissions(world)).toBe(before);
  });
});

describe('a call with signed entries', () => {
  it('signed for another network is refused', async () =>
    refused(await transfer({ networkPassphrase: 'Another Network ; May 2026' }), {
      status: 422,
      code: 'SIMULATION_FAILED',
    }));

  it('whose signature has expired is refused', async () =>
    refused(await transfer({ expiresAtLedger: 1 }), { status: 422, code: 'SIMULATION_FAILED' }));

  it('that nobody signed is refused', async () => {
    const { func, auth } = await transfer();
    const entry = SorobanAuthorizationEntry.fromXdr(auth[0]!, 'base64');
    if (entry.credentials.type !== 'sorobanCredentialsAddressV2') throw new Error('an address');
    Object.assign(entry.credentials.value, { signature: ScVal.scvVoid() });
    const rule = { status: 403, code: 'NOT_SPONSORED', rule: 'signed' };
    await refused({ func, auth: [entry.toXdr('base64')] }, rule);
    await refused({ func, auth: [] }, rule);
  });

  it('that was carried out already is refused', async () => {
    const body = await transfer();
    expect((await postSubmission(world, secret, body)).body.status).toBe('confirmed');
    await refused(body, { status: 422, code: 'SIMULATION_FAILED' });
  });
});

describe('a signed transaction', () => {
  const notSponsored = { status: 403, code: 'NOT_SPONSORED' };

  it('for another network is refused', async () =>
    refused({ xdr: (await own({ passphrase: 'another' })).xdr }, { status: 403, code: 'SIGNATURE_INVALID' }));

  it.each<[string, Partial<OwnTransaction>]>([
    ['whose time has passed', { validForSeconds: -5n }],
    ['without an end', { validForSeconds: 10_000_000n }],
  ])('%s is refused', async (_, change) => refused({ xdr: (await own(change)).xdr }, notSponsored));

  it.each([1n, 5n, -1n])('whose sequence number is off by %s is refused', async (sequenceGap) =>
    refused({ xdr: (await own({ sequenceGap })).xdr }, { ...notSponsored, rule: 'sequence-number' }),
  );

  it('that the ledger would refuse is refused, because that would cost as well', async () => {
    const { xdr, tx } = await own();
    const body = tx.operations[0]!.body;
    if (body.type !== 'invokeHostFunction') throw new Error('a call');
    const tooMuch = tokenCalls.transfer(token, keypair.publicKey(), shop, 10n ** 15n);
    const operation = Operation.invokeHostFunction({ func: tooMuch, auth: body.value.auth });
    await refused(
      { xdr: await classicTransaction(world, keypair, [operation]) },
      {
        status: 422,
        code: 'SIMULATION_FAILED',
      },
    );
    expect((await postSubmission(world, secret, { xdr })).body.status).toBe('confirmed');
  });

  it('without a signature, or in a fee bump of its own, is refused', async () => {
    const { xdr } = await own();
    const envelope = TransactionEnvelope.fromXdr(xdr, 'base64');
    if (envelope.type !== 'envelopeTypeTx') throw new Error('version 1');
    const unsigned = TransactionEnvelope.envelopeTypeTx(Object.assign(envelope.value, { signatures: [] }));
    await refused({ xdr: unsigned.toXdr('base64') }, notSponsored);
    const inner = TransactionBuilder.fromXDR(xdr, networkPassphrase);
    const bump = TransactionBuilder.buildFeeBumpTransaction(
      keypair,
      '10000000',
      inner as never,
      networkPassphrase,
    );
    bump.sign(keypair);
    await refused({ xdr: bump.toXDR() }, { status: 400, code: 'INVALID_REQUEST' });
  });

  it('of an account that does not exist is refused', async () => {
    const nobody = Keypair.random();
    const { tx } = await own();
    const renamed = Object.assign(tx, { sourceAccount: MuxedAccount.fromJson(nobody.publicKey()) });
    const { xdr } = await signedEnvelope(renamed, nobody, networkPassphrase);
    await refused({ xdr }, { ...notSponsored, rule: 'sequence-number' });
  });
});

describe('a header', () => {
  it.each([
    ['a key that is none', { authorization: 'Bearer lk_nothing' }, 401, 'API_KEY_REQUIRED'],
    [
      'a key of 10,000 characters',
      { authorization: `Bearer ${'k'.repeat(10_000)}` },
      401,
      'API_KEY_REQUIRED',
    ],
    ['another scheme', { authorization: `Basic ${'k'.repeat(20)}` }, 401, 'API_KEY_REQUIRED'],
  ])('with %s is refused', async (_, headers, status, code) => {
    const before = await countSubmissions(world);
    const answer = await call(world, '/v1/submissions', { json: await transfer(), headers });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await countSubmissions(world)).toBe(before);
  });

  it('with an Idempotency-Key of seven characters is refused', async () => {
    const before = await countSubmissions(world);
    const headers = { authorization: `Bearer ${secret}`, 'idempotency-key': '1234567' };
    const answer = await call(world, '/v1/submissions', { json: await transfer(), headers });
    expect(answer).toMatchObject({ status: 400, body: { field: 'Idempotency-Key' } });
    expect(await countSubmissions(world)).toBe(before);
  });
});
