// What a holder of an API key may try with it: have the sponsor or a channel account sign for something, pay more than
// was agreed, keep others waiting, or look at what others do. Each is refused before anything is queued or bounded
// afterwards, and the accounts that pay are the same as before.
import { invokeContract, simulate, tokenCalls } from '@latchkey/sdk/chain';
import {
  Account,
  Asset,
  Keypair,
  MuxedAccount,
  Operation,
  type TransactionBuilder,
} from '@stellar/stellar-sdk/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allChannels } from '../server/src/db/channels.ts';
import type { SponsorRule } from '../server/src/relayer/policy.ts';
import { readAccount } from '../server/src/relayer/sponsor.ts';
import { call } from './api.ts';
import {
  classicTransaction,
  countSubmissions,
  fundedKeypair,
  newApiKey,
  ownTransaction,
  postRelay,
  postSubmission,
} from './apiKeyHolder.ts';
import { entryOf, type KeyWallet, keyWallet, signedTransfer, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let token: string;
let factory: string;
let networkPassphrase: string;
let sponsor: string;
let channel: string;
let shop: string;
let wallet: KeyWallet;
let mallory: Keypair;
let secret: string;

const on = async () => ({
  networkPassphrase,
  expiresAtLedger: (await world.rpc.call('getLatestLedger')).sequence + 100,
});
const transfer = async (amount = 1n) => signedTransfer(wallet, { token, to: shop, amount }, await on());

/** The accounts that must not change by anything in here, as they are on the ledger. */
async function ours(): Promise<unknown> {
  const addresses = [sponsor, ...(await allChannels(world.server.services.db)).map((it) => it.address)];
  return Promise.all(
    addresses.map((it) => readAccount(world.rpc, it).then(({ asOfLedger: _, ...rest }) => rest)),
  );
}

/** Refused by both paths for this reason, with nothing queued and nothing signed. */
async function refusedBy(rule: SponsorRule, body: unknown): Promise<void> {
  const before = [await countSubmissions(world), await ours()];
  const answer = await postSubmission(world, secret, body);
  expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_SPONSORED', rule } });
  const relayed = await postRelay(world, secret, body);
  expect(relayed).toMatchObject({ status: 403, body: { success: false, data: { rule } } });
  expect([await countSubmissions(world), await ours()]).toEqual(before);
}

beforeAll(async () => {
  world = await createWorld();
  ({ nativeTokenId: token, factoryId: factory, networkPassphrase } = world.server.services.config);
  sponsor = world.server.services.sponsor.address;
  shop = await world.account();
  mallory = await fundedKeypair(world);
  secret = (await newApiKey(world)).secret;
  wallet = await keyWallet(world.rpc, factory);
  expect((await postSubmission(world, secret, unsignedCall(wallet.deploy))).body.status).toBe('confirmed');
  await world.net!.fund(wallet.address);
  channel = (await allChannels(world.server.services.db))[0]!.address;
});
afterAll(() => world?.close());

describe('neither the sponsor nor a channel account signs', () => {
  const to = () => mallory.publicKey();
  const asset = Asset.native();
  const operations: [string, (source: string) => Parameters<TransactionBuilder['addOperation']>[0]][] = [
    ['a payment', (source) => Operation.payment({ source, destination: to(), asset, amount: '100' })],
    [
      'a new account',
      (source) =>
        Operation.createAccount({ source, destination: Keypair.random().publicKey(), startingBalance: '50' }),
    ],
    [
      'options with another signer',
      (source) => Operation.setOptions({ source, signer: { ed25519PublicKey: to(), weight: 255 } }),
    ],
    ['options that take its own key away', (source) => Operation.setOptions({ source, masterWeight: 0 })],
    ['a merge', (source) => Operation.accountMerge({ source, destination: to() })],
    [
      'a bump of its sequence number',
      (source) => Operation.bumpSequence({ source, bumpTo: '9999999999999999' }),
    ],
    [
      'an end of its sponsorship',
      (source) => Operation.revokeAccountSponsorship({ source, account: channel }),
    ],
  ];
  const muxed = (address: string) => new MuxedAccount(new Account(address, '0'), '7').accountId();
  /** A transfer that the key allows, with the authorization its own source would give. */
  const allowedOperation = async (source = to()) => {
    const from = source.startsWith('M') ? sponsor : source;
    const hostFunction = tokenCalls.transfer(token, from, shop, 0n);
    const { auth } = await simulate(world.rpc, { hostFunction, source: from });
    return Operation.invokeHostFunction({ source, func: hostFunction, auth });
  };

  it.each(operations)('%s', async (_, operation) => {
    for (const source of [sponsor, channel, muxed(sponsor), to()]) {
      const xdr = await classicTransaction(world, mallory, [operation(source)]);
      await refusedBy('one-operation', { xdr });
    }
  });

  it('a payment that hides behind an allowed call', async () => {
    const call = await allowedOperation();
    const payment = Operation.payment({ source: sponsor, destination: to(), asset, amount: '100' });
    const orders = [
      [call, payment],
      [payment, call],
    ];
    for (const order of orders)
      await refusedBy('one-operation', { xdr: await classicTransaction(world, mallory, order) });
  });

  it('a transaction or an operation of theirs, by whichever name', async () => {
    for (const source of [sponsor, channel, muxed(sponsor), muxed(channel)]) {
      const xdr = await classicTransaction(world, mallory, [await allowedOperation(source)]);
      await refusedBy('own-sequence-number', { xdr });
    }
    for (const source of [{ of: sponsor }, { of: channel }, { of: sponsor, muxedId: '7' }]) {
      const xdr = await classicTransaction(world, mallory, [await allowedOperation()], source);
      await refusedBy('own-sequence-number', { xdr });
    }
  });

  it('a transfer of theirs that their signature on the transaction would authorize', async () => {
    for (const from of [sponsor, channel]) {
      const hostFunction = tokenCalls.transfer(token, from, to(), 0n);
      const { auth } = await simulate(world.rpc, { hostFunction, source: from });
      await refusedBy('no-own-signature', {
        func: hostFunction.toXdr('base64'),
        auth: auth.map((it) => it.toXdr('base64')),
      });
    }
  });

  it('a transfer of theirs that somebody else has signed for them', async () => {
    for (const address of [sponsor, channel]) {
      const hostFunction = tokenCalls.transfer(token, address, to(), 5n);
      const entry = await entryOf({ keypair: mallory, address }, hostFunction, await on());
      await refusedBy('no-own-address', {
        func: hostFunction.toXdr('base64'),
        auth: [entry.toXdr('base64')],
      });
    }
  });

  it('anything else of a token that the key may transfer', async () => {
    const calls = ['approve', 'mint', 'burn', 'clawback', 'set_admin', 'transfer_from'];
    for (const name of calls) await refusedBy('allowed-call', unsignedCall(invokeContract(token, name, [])));
  });
});

describe('a ceiling', () => {
  /** What a transfer costs at least, by the relayer's own words. */
  const leastStroops = async () => {
    const { body } = await postSubmission(world, secret, { ...(await transfer()), maxFeeStroops: '1' });
    return BigInt(/resource fee of (\d+)/.exec(body.detail ?? '')![1]!);
  };

  it('of the key is not raised by what a request says', async () => {
    const { secret: poor } = await newApiKey(world, { maxFeeStroops: (await leastStroops()) - 1n });
    const before = await countSubmissions(world);
    const answer = await postSubmission(world, poor, { ...(await transfer()), maxFeeStroops: '4294967295' });
    expect(answer).toMatchObject({ status: 403, body: { rule: 'fee-ceiling' } });
    expect(await countSubmissions(world)).toBe(before);
  });

  it('is kept by what is paid in the end', async () => {
    const ceiling = (await leastStroops()) + 5_000n;
    const { secret: poor } = await newApiKey(world, { maxFeeStroops: ceiling });
    const { balanceStroops: had } = await readAccount(world.rpc, sponsor);
    const { body } = await postSubmission(world, poor, await transfer());
    expect(body.status).toBe('confirmed');
    const paid = had - (await readAccount(world.rpc, sponsor)).balanceStroops;
    expect(paid).toBe(BigInt(body.feeChargedStroops!));
    expect(paid).toBeLessThanOrEqual(ceiling);
  });

  it('is not passed by a transaction that declares a higher fee of its own', async () => {
    const hostFunction = tokenCalls.transfer(token, mallory.publicKey(), shop, 1n);
    const declares = { resourceFeeStroops: 10_000_001n, feeStroops: 4_294_967_295 };
    const { xdr } = await ownTransaction(world, { keypair: mallory, hostFunction, ...declares });
    await refusedBy('fee-ceiling', { xdr });
  });

  it('of a day counts what is under way with its ceiling, however many come at once', async () => {
    const { secret: poor } = await newApiKey(world, { stroopsPerDay: 30_000_000n });
    const bodies = await Promise.all(Array.from({ length: 8 }, () => transfer()));
    world.net!.setMineMode('manual');
    const answers = await Promise.all(
      bodies.map((body) => postSubmission(world, poor, body, { waitSeconds: 0 })),
    ).finally(() => world.net!.setMineMode('instant'));
    expect(answers.filter((it) => it.status === 202)).toHaveLength(3);
    expect(answers.filter((it) => it.body.rule === 'stroops-per-day')).toHaveLength(5);
  });
});

describe('whoever holds another key', () => {
  let other: string;
  beforeAll(async () => {
    other = (await newApiKey(world)).secret;
  });

  it('does not learn whether a submission exists', async () => {
    const { body } = await postSubmission(world, secret, await transfer());
    const headers = { authorization: `Bearer ${other}` };
    const nobodys = crypto.randomUUID();
    for (const path of ['', '/events', '?wait=1']) {
      const [its, none] = await Promise.all(
        [body.id, nobodys].map((id) => call(world, `/v1/submissions/${id}${path}`, { headers })),
      );
      const { requestId: _, ...said } = its!.body;
      const { requestId: __, ...saidOfNone } = none!.body;
      expect(its!.status).toBe(404);
      expect(said).toEqual(saidOfNone);
    }
  });

  it('gets neither the answer to its Idempotency-Key nor a word that it was used', async () => {
    const idempotencyKey = crypto.randomUUID();
    const body = await transfer();
    const first = await postSubmission(world, secret, body, { idempotencyKey });
    expect(first.body.status).toBe('confirmed');
    const second = await postSubmission(world, other, await transfer(), { idempotencyKey });
    expect(second).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    expect(second.body.id).not.toBe(first.body.id);
    // The signed call itself is spent, which the chain says to everybody.
    const copied = await postSubmission(world, other, body, { idempotencyKey: crypto.randomUUID() });
    expect(copied).toMatchObject({ status: 422, body: { code: 'SIMULATION_FAILED' } });
    expect(JSON.stringify(copied.body)).not.toContain(first.body.id);
  });

  it('reads no ids, keys or addresses in the figures', async () => {
    const text = await (await fetch(`${world.server.url}/metrics`)).text();
    const rows = await world.server.services.db.selectFrom('submissions').selectAll().execute();
    for (const { id, hash, wallet: its, api_key_id: key } of rows)
      for (const word of [id, hash, its, key]) expect(text).not.toContain(word ?? id);
  });
});
