// The devnet in Chromium: the same ledgers as in Node, and the same network from a worker.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Asset, Keypair, Operation, TransactionBuilder, type xdr } from '@stellar/stellar-sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallContract } from '../../devnet/src/testing/smallContract.ts';
import { openTestNetwork, START_SECONDS } from '../../devnet/src/testing/testNetwork.ts';
import { launchChromium } from '../chromium.ts';
import { type Recording, record, replay } from '../replay.ts';
import { buildPage, type StaticSite, serveFolder } from '../staticSite.ts';
import type { InPage } from './devnetPage/main.ts';

/** What the page's script has put into its global scope. */
declare const inPage: InPage;

const HALF_A_YEAR_SECONDS = 182 * 86_400;
const [alice, bob, carol] = [1, 2, 3].map((seed) => Keypair.fromRawEd25519Seed(Buffer.alloc(32, seed))) as [
  Keypair,
  Keypair,
  Keypair,
];

let browser: Browser;
let folder: string;
let site: StaticSite;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-devnet-'));
  const root = fileURLToPath(new URL('./devnetPage', import.meta.url));
  [browser] = await Promise.all([launchChromium(), buildPage({ root }, folder)]);
  site = await serveFolder(folder);
  page = await browser.newPage();
  await page.goto(site.url);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Payments, signers, trust lines, a contract, refusals, failures, and time in which the contract is archived. */
async function story(): Promise<Recording> {
  const network = await openTestNetwork();
  const recording = record(network.net, START_SECONDS);
  const send = async (source: Keypair, operations: xdr.Operation[], signers = [source]) => {
    const transaction = await network.build(source, operations, { fee: '1000' });
    transaction.sign(...signers);
    const { hash, status } = await network.submit(transaction);
    return status === 'PENDING' ? (await network.transaction(hash)).status : status;
  };
  for (const account of [alice, bob, carol]) await network.net.fund(account.publicKey());
  await network.net.fund(network.net.nativeTokenContractId);
  const usd = new Asset('USD', alice.publicKey());
  const pay = (asset: Asset, to: Keypair, amount = '5') =>
    Operation.payment({ destination: to.publicKey(), asset, amount });
  const cosigned = {
    signer: { ed25519PublicKey: carol.publicKey(), weight: 1 },
    lowThreshold: 2,
    medThreshold: 2,
    highThreshold: 2,
  };
  expect([
    await send(alice, [pay(Asset.native(), bob), Operation.manageData({ name: 'a', value: 'b' })]),
    await send(bob, [Operation.changeTrust({ asset: usd, limit: '100' })]),
    await send(alice, [pay(usd, bob)]),
    await send(alice, [pay(usd, bob, '1000')]),
    await send(bob, [Operation.setOptions(cosigned)]),
    await send(bob, [pay(Asset.native(), alice)], [bob]),
    await send(bob, [pay(Asset.native(), alice)], [bob, carol]),
    await send(alice, [pay(Asset.native(), bob)], [carol]),
  ]).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'FAILED', 'SUCCESS', 'ERROR', 'SUCCESS', 'ERROR']);

  const inner = await network.build(alice, [pay(Asset.native(), carol)]);
  inner.sign(alice);
  const bump = TransactionBuilder.buildFeeBumpTransaction(carol, '400', inner, network.net.passphrase);
  bump.sign(carol);
  expect((await network.submit(bump)).status).toBe('PENDING');

  const contract = await network.deploy(alice, smallContract());
  const call = (name: string) => Operation.invokeContractFunction({ contract, function: name, args: [] });
  expect((await network.invoke(alice, call('keep'))).result.status).toBe('SUCCESS');
  expect((await network.invoke(alice, call('temp'))).result.status).toBe('SUCCESS');
  network.net.warp({ seconds: HALF_A_YEAR_SECONDS });
  expect((await network.invoke(alice, call('keep'))).result.status).toBe('SUCCESS');
  return recording;
}

describe('the devnet in a page', () => {
  it('closes the same ledgers as in Node', async () => {
    const recording = await story();
    const inNode = await replay(recording);
    expect(new Set(inNode).size).toBeGreaterThan(15);
    expect(await replay(recording)).toEqual(inNode);
    const inChromium = await page.evaluate((it) => inPage.replay(it), recording);
    expect(inChromium).toEqual(inNode);
  });

  it('says what a browser cannot do', async () => {
    const refusals = await page.evaluate(async () => {
      const { createDevnet, serveDevnet } = inPage;
      const messageOf = (promise: Promise<unknown>) => promise.then(String, (error) => error.message);
      return [
        await messageOf(createDevnet({ statePath: 'here' })),
        await messageOf(createDevnet().then((net) => serveDevnet(net))),
      ];
    });
    expect(refusals).toEqual([
      'statePath names a file, and a browser has none',
      'a browser cannot listen on a port: call the network by its value',
    ]);
  });
});

describe('the devnet in a worker', () => {
  it('is the network with every method answering later', async () => {
    const seen = await page.evaluate(async (address) => {
      const net = await inPage.openDevnetWorker({ passphrase: 'In a worker', closeIntervalSeconds: 0 });
      const id = await net.snapshot();
      const { hash } = await net.fund(address);
      const { status } = (await net.rpc('getTransaction', { hash })) as { status: string };
      const { sequence } = await net.latestLedger();
      await net.revert(id);
      const reverted = await net.latestLedger();
      await net.close();
      return { passphrase: net.passphrase, token: net.nativeTokenContractId, status, sequence, reverted };
    }, alice.publicKey());
    expect(seen).toMatchObject({ passphrase: 'In a worker', status: 'SUCCESS', sequence: 2 });
    expect(seen.reverted.sequence).toBe(1);
    expect(seen.token).toBe(Asset.native().contractId('In a worker'));
  });

  it('throws what the network throws, with name, code and data', async () => {
    const errors = await page.evaluate(async (address) => {
      const net = await inPage.openDevnetWorker();
      const errorOf = (promise: Promise<unknown>) =>
        promise.then(
          () => null,
          ({ name, message, code }) => ({ name, message, code }),
        );
      const found = [
        await errorOf(net.rpc('getNothing')),
        await errorOf(net.fund(address)),
        await errorOf(net.revert(7)),
      ];
      await net.close();
      return [...found, await errorOf(net.rpc('getHealth'))];
    }, 'no address');
    expect(errors).toMatchObject([
      { name: 'RpcError', code: -32601 },
      { name: 'FriendbotError', code: 'INVALID_ADDRESS' },
      { name: 'RangeError', message: 'no snapshot 7' },
      { message: 'the network is closed' },
    ]);
  });

  it('rejects when the worker cannot be loaded', async () => {
    const message = await page.evaluate(() =>
      inPage
        .openDevnetWorker({}, new Worker('/nowhere.js', { type: 'module' }))
        .then(String, (error) => error.message),
    );
    expect(message).toMatch(/^the devnet's worker failed/);
  });
});
