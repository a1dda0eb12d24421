// A signed entry is public once it was sent: somebody else's transaction may be the one that uses it. Then what was asked
// for has happened, and nobody is told to ask again.
import type { SubmissionBody } from '@latchkey/sdk/api';
import { buildTransaction, invokeHostFunction, simulate } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { HostFunction, SorobanAuthorizationEntry, SorobanTransactionData } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../server/src/db/apiKeys.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { call } from './api.ts';
import { type KeyWallet, keyWallet, type Relayed, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

const HIGH_RATE_STROOPS = 100_000n;

let world: World;
let wallet: KeyWallet;
let shop: string;
let secret: string;

/** The step before which the relayer waits. */
let held: { point: string; pass(): Promise<void> } | undefined;

function holdAt(point: string) {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  held = {
    point,
    pass() {
      reached.resolve();
      return released.promise;
    },
  };
  const release = () => {
    held = undefined;
    released.resolve();
  };
  return { reached: reached.promise, release };
}

function post(body: Relayed, wait: number) {
  const headers = { authorization: `Bearer ${secret}` };
  return call<SubmissionBody>(world, `/v1/submissions?wait=${wait}`, { json: body, headers });
}

async function transfer(amount: bigint): Promise<Relayed> {
  const { networkPassphrase, nativeTokenId: token } = world.server.services.config;
  const expiresAtLedger = (await world.rpc.call('getLatestLedger')).sequence + 100;
  return signedTransfer(wallet, { token, to: shop, amount }, { networkPassphrase, expiresAtLedger });
}

/** Sends the same call with the same entries, in a transaction of an account that nobody here knows. */
async function replay({ func, auth }: Relayed): Promise<void> {
  const { networkPassphrase } = world.server.services.config;
  const stranger = createSponsor(world.rpc, Keypair.random().secret(), networkPassphrase);
  await world.net!.fund(stranger.address);
  const hostFunction = HostFunction.fromXdr(func, 'base64');
  const entries = auth.map((it) => SorobanAuthorizationEntry.fromXdr(it, 'base64'));
  const source = stranger.address;
  const simulation = await simulate(world.rpc, { hostFunction, auth: entries, source });
  const resourceFee = simulation.minResourceFeeStroops * 2n;
  const transaction = buildTransaction({
    source,
    sequenceNumber: (await stranger.account()).sequenceNumber + 1n,
    feeStroops: Number(resourceFee + HIGH_RATE_STROOPS),
    validUntilSeconds: 0n,
    body: invokeHostFunction(hostFunction, entries),
    sorobanData: new SorobanTransactionData({ ...simulation.sorobanData, resourceFee }),
  });
  const { envelopeXdr } = await stranger.sign(transaction);
  const sent = await world.rpc.call('sendTransaction', { transaction: envelopeXdr });
  expect(sent.status).toBe('PENDING');
}

beforeAll(async () => {
  world = await createWorld({ observe: (point) => (point === held?.point ? held.pass() : undefined) });
  const { nativeTokenId, factoryId } = world.server.services.config;
  shop = await world.account();
  const terms = {
    name: 'replays',
    allowed: [
      { contract: nativeTokenId, functions: ['transfer'] },
      { contract: factoryId, functions: ['deploy'] },
    ],
    maxFeeStroops: 10_000_000n,
    submissionsPerDay: 1000,
    stroopsPerDay: 10n ** 12n,
    walletSubmissionsPerDay: 1000,
    mayRestore: false,
    isPublic: false,
  };
  ({ secret } = await createApiKey(world.server.services.db, terms, Date.now()));
  wallet = await keyWallet(world.rpc, factoryId);
  expect((await post(unsignedCall(wallet.deploy), 20)).body.status).toBe('confirmed');
  await world.net!.fund(wallet.address);
});
afterAll(() => world?.close());

describe('an entry that somebody else includes', () => {
  it('while ours is on its way, is a confirmed submission of which no transaction is named', async () => {
    const had = await world.balanceStroops(shop);
    const body = await transfer(7n);
    const stored = holdAt('stored');
    const { id } = (await post(body, 0)).body;
    await stored.reached;
    await replay(body);
    await expect.poll(() => world.balanceStroops(shop)).toBe(had + 7n);
    stored.release();
    const { db } = world.server.services;
    const row = () => db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await expect.poll(async () => (await row()).state, { timeout: 20_000 }).toBe('confirmed');
    expect(await row()).toMatchObject({ hash: null, ledger: null, error_code: null });
    // Ours came into a ledger and failed there, which the sponsor paid for.
    expect(BigInt((await row()).fee_charged_stroops!)).toBeGreaterThan(0n);
    expect(await world.balanceStroops(shop)).toBe(had + 7n);
  });

  it('before ours was made, is one too', async () => {
    const had = await world.balanceStroops(shop);
    const body = await transfer(9n);
    const { db } = world.server.services;
    // All channel accounts are lent, so that it waits.
    await db.updateTable('channels').set({ state: 'retiring' }).execute();
    const { id } = (await post(body, 0)).body;
    await replay(body);
    await expect.poll(() => world.balanceStroops(shop)).toBe(had + 9n);
    // Until what was known of it when it was judged is forgotten.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    await db.updateTable('channels').set({ state: 'active' }).execute();
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await call<SubmissionBody>(world, `/v1/submissions/${id}?wait=20`, { headers });
    expect(answer.body).toMatchObject({ status: 'confirmed', hash: null });
    expect(await world.balanceStroops(shop)).toBe(had + 9n);
  });
});
