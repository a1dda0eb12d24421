// One holder of an API key asks for as much as it can, in either form, while the ledger closes every second. Another
// holder and the service's own wallets are served within a few ledgers, however much is waiting.
import { tokenCalls } from '@latchkey/sdk/chain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fundedKeypair, newApiKey, ownTransaction, postSubmission } from './apiKeyHolder.ts';
import { type KeyWallet, keyWallet, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

const FLOOD = 90;
const LEDGER_SECONDS = 1;
const CHANNELS = 4;
/** One ledger for what holds the channel, one for its own, and as much again for a busy machine. */
const SERVED_WITHIN_LEDGERS = 4;

let world: World;
let token: string;
let networkPassphrase: string;
let shop: string;
let flooder: { wallet: KeyWallet; id: string; secret: string };
let other: { wallet: KeyWallet; id: string; secret: string };

async function holder() {
  const key = await newApiKey(world);
  const wallet = await keyWallet(world.rpc, world.server.services.config.factoryId);
  const made = await postSubmission(world, key.secret, unsignedCall(wallet.deploy));
  expect(made.body.status).toBe('confirmed');
  await world.net!.fund(wallet.address);
  return { wallet, ...key };
}

async function transfer(wallet: KeyWallet) {
  const expiresAtLedger = world.net!.latestLedger().sequence + 1_000;
  return signedTransfer(wallet, { token, to: shop, amount: 1n }, { networkPassphrase, expiresAtLedger });
}

async function waitingOf(apiKeyId: string): Promise<number> {
  const rows = await world.server.services.db
    .selectFrom('submissions')
    .select('id')
    .where('api_key_id', '=', apiKeyId)
    .where('state', 'in', ['queued', 'sent'])
    .execute();
  return rows.length;
}

/** In ledgers from now until it is confirmed. */
async function servedWithin(act: () => Promise<{ status: string }>): Promise<number> {
  const before = world.net!.latestLedger().sequence;
  expect((await act()).status).toBe('confirmed');
  return world.net!.latestLedger().sequence - before;
}

beforeAll(async () => {
  world = await createWorld({ env: { RELAYER_CHANNELS: String(CHANNELS) } });
  ({ nativeTokenId: token, networkPassphrase } = world.server.services.config);
  shop = await world.account();
  flooder = await holder();
  other = await holder();
});
afterAll(() => world?.close());

describe('while one key has far more waiting than there are channel accounts', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    world.net!.setMineMode('interval', LEDGER_SECONDS);
    for (let sent = 0; sent < FLOOD; sent += 10) {
      const bodies = await Promise.all(Array.from({ length: 10 }, () => transfer(flooder.wallet)));
      await Promise.all(
        bodies.map((body) => postSubmission(world, flooder.secret, body, { waitSeconds: 0 })),
      );
    }
    expect(await waitingOf(flooder.id)).toBeGreaterThan(FLOOD / 2);
  });

  it("another key's submissions are confirmed within a few ledgers", async () => {
    for (let round = 0; round < 3; round++) {
      const body = await transfer(other.wallet);
      const ledgers = await servedWithin(async () => (await postSubmission(world, other.secret, body)).body);
      expect(ledgers).toBeLessThanOrEqual(SERVED_WITHIN_LEDGERS);
    }
    expect(await waitingOf(flooder.id)).toBeGreaterThan(CHANNELS);
  });

  it('so is a transaction with a source of its own', async () => {
    const keypair = await fundedKeypair(world);
    const hostFunction = tokenCalls.transfer(token, keypair.publicKey(), shop, 1n);
    const { xdr } = await ownTransaction(world, { keypair, hostFunction });
    const ledgers = await servedWithin(async () => (await postSubmission(world, other.secret, { xdr })).body);
    expect(ledgers).toBeLessThanOrEqual(SERVED_WITHIN_LEDGERS);
    expect(await waitingOf(flooder.id)).toBeGreaterThan(CHANNELS);
  });

  it("and so is the wallet of the service's own person", async () => {
    const ana = world.person('ana@example.org');
    const ledgers = await servedWithin(async () => {
      await ana.latchkey.createWallet({ email: ana.email });
      return { status: 'confirmed' };
    });
    expect(ledgers).toBeLessThanOrEqual(SERVED_WITHIN_LEDGERS);
    expect(await waitingOf(flooder.id)).toBeGreaterThan(CHANNELS);
  });
});
