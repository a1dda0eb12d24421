// A ledger that others have filled: the relayer bids more until it is let in, but never above a submission's ceiling;
// and sequence numbers that are not what the relayer believes.
import type { SubmissionBody } from '@latchkey/sdk/api';
import { buildTransaction, invokeHostFunction, simulate, tokenCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { SorobanTransactionData } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../server/src/db/apiKeys.ts';
import { createSponsor, readAccount } from '../server/src/relayer/sponsor.ts';
import { call } from './api.ts';
import { type KeyWallet, keyWallet, type Relayed, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

/** Three ledgers full, at mainnet's hundred contract transactions a ledger. */
const COMPETITORS = 330;
const COMPETING_RATE_STROOPS = 500n;
/** Room for the resource fee of a transfer and a first bid, but not for one of ten times as much. */
const TIGHT_ABOVE_RESOURCE_FEE_STROOPS = 1_500n;

let world: World;
let wallet: KeyWallet;
let secret: string;
let shop: string;
let token: string;

function post(body: Relayed & { maxFeeStroops?: string }, wait: number) {
  const headers = { authorization: `Bearer ${secret}` };
  return call<SubmissionBody>(world, `/v1/submissions?wait=${wait}`, { json: body, headers });
}

async function transfer(): Promise<Relayed> {
  const { networkPassphrase } = world.server.services.config;
  const expiresAtLedger = (await world.rpc.call('getLatestLedger')).sequence + 100;
  return signedTransfer(wallet, { token, to: shop, amount: 1n }, { networkPassphrase, expiresAtLedger });
}

beforeAll(async () => {
  world = await createWorld();
  const { nativeTokenId, factoryId } = world.server.services.config;
  token = nativeTokenId;
  shop = await world.account();
  ({ secret } = await createApiKey(
    world.server.services.db,
    {
      name: 'bids',
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
    },
    Date.now(),
  ));
  wallet = await keyWallet(world.rpc, factoryId);
  expect((await post(unsignedCall(wallet.deploy), 20)).body.status).toBe('confirmed');
  await world.net!.fund(wallet.address);
});
afterAll(() => world?.close());

describe('a sequence number', () => {
  it.each([
    ['behind', -3n],
    ['far behind', -1000n],
  ])('that is remembered %s of the ledger is repaired', async (_, by) => {
    const { db } = world.server.services;
    const channels = await db.selectFrom('channels').selectAll().execute();
    for (const { address } of channels) {
      const { sequenceNumber } = await readAccount(world.rpc, address);
      const sequence = String(sequenceNumber + by);
      await db.updateTable('channels').set({ sequence }).where('address', '=', address).execute();
    }
    for (let i = 0; i < 3; i++) expect((await post(await transfer(), 20)).body.status).toBe('confirmed');
  });
});

/** Transactions of accounts of their own, ready to be sent. */
async function competitors(): Promise<string[]> {
  const envelopes: string[] = [];
  const { networkPassphrase } = world.server.services.config;
  for (let i = 0; i < COMPETITORS; i++) {
    const account = createSponsor(world.rpc, Keypair.random().secret(), networkPassphrase);
    await world.net!.fund(account.address);
    const hostFunction = tokenCalls.transfer(token, account.address, shop, 1n);
    const { auth, sorobanData, minResourceFeeStroops } = await simulate(world.rpc, {
      hostFunction,
      source: account.address,
    });
    const resourceFee = minResourceFeeStroops * 2n;
    const transaction = buildTransaction({
      source: account.address,
      sequenceNumber: (await account.account()).sequenceNumber + 1n,
      feeStroops: Number(resourceFee + COMPETING_RATE_STROOPS),
      validUntilSeconds: 0n,
      body: invokeHostFunction(hostFunction, auth),
      sorobanData: new SorobanTransactionData({ ...sorobanData, resourceFee }),
    });
    envelopes.push((await account.sign(transaction)).envelopeXdr);
  }
  return envelopes;
}

describe('in full ledgers', () => {
  it('the relayer outbids others, except where the ceiling forbids it', { timeout: 90_000 }, async () => {
    const envelopes = await competitors();
    const { db } = world.server.services;
    const cheapest = await cheapestCeiling();
    world.net!.setMineMode('manual');
    for (const transaction of envelopes) await world.rpc.call('sendTransaction', { transaction });
    const free = (await post(await transfer(), 0)).body.id;
    const maxFeeStroops = String(cheapest + TIGHT_ABOVE_RESOURCE_FEE_STROOPS);
    const tight = (await post({ ...(await transfer()), maxFeeStroops }, 0)).body.id;
    const rowOf = (id: string) =>
      db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const bids = async (id: string) => (await rowOf(id)).bids;
    const state = async (id: string) => (await rowOf(id)).state;
    await expect.poll(() => bids(free), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => bids(tight), { timeout: 10_000 }).toBe(1);
    world.net!.mine();
    world.net!.mine();
    await expect.poll(() => bids(free), { timeout: 10_000 }).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    world.net!.mine();
    await expect.poll(() => state(free), { timeout: 10_000 }).toBe('confirmed');
    expect(await state(tight)).toBe('sent');
    expect(await bids(tight)).toBe(1);
    world.net!.mine();
    await expect.poll(() => state(tight), { timeout: 10_000 }).toBe('confirmed');
    const row = await rowOf(tight);
    expect(BigInt(row.fee_charged_stroops!)).toBeLessThanOrEqual(BigInt(row.max_fee_stroops));
  });
});

/** The least that the relayer takes a transfer for: its resource fee. */
async function cheapestCeiling(): Promise<bigint> {
  const refusal = await post({ ...(await transfer()), maxFeeStroops: '1' }, 0);
  const [, fee] = /resource fee of (\d+)/.exec(refusal.body.detail ?? '') ?? [];
  return BigInt(fee!);
}
