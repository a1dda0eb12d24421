import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Address, Asset, Keypair, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevnet, type Devnet, type DevnetServer, serveDevnet } from '../index.ts';
import { smallContract } from '../testing/smallContract.ts';
import { metaOf, openTestNetwork, type TestNetwork } from '../testing/testNetwork.ts';
import { Fork } from './fork.ts';

const PASSPHRASE = 'A network to be forked';
let origin: TestNetwork;
let served: DevnetServer;
let requests: number;
let owner: Keypair;
let contract: string;

beforeAll(async () => {
  origin = await openTestNetwork({
    passphrase: PASSPHRASE,
    limits: 'testnet',
    nowSeconds: () => 1_800_000_000,
  });
  owner = await origin.account();
  contract = await origin.deploy(owner, smallContract());
  requests = 0;
  served = await serveDevnet(origin.net, { port: 0, onRequest: () => requests++ });
});

afterAll(() => served.close());

const fork = (options = {}) => openTestNetwork({ forkUrl: served.rpcUrl, ...options });
const keep = (id = contract) =>
  Operation.invokeContractFunction({ contract: id, function: 'keep', args: [] });
const pay = (destination: string) => Operation.payment({ destination, asset: Asset.native(), amount: '1' });

async function sent(network: TestNetwork, source: Keypair, operation: xdr.Operation) {
  const transaction = await network.build(source, [operation]);
  transaction.sign(source);
  return network.submit(transaction);
}

describe('a fork', () => {
  it('is the other network, from its latest ledger on', async () => {
    const { net } = await fork();
    const before = origin.net.latestLedger();
    expect(net.passphrase).toBe(PASSPHRASE);
    expect(net.nativeTokenContractId).toBe(origin.net.nativeTokenContractId);
    expect(net.latestLedger().sequence).toBe(before.sequence + 1);
    expect(await net.rpc('getNetwork')).toMatchObject({ passphrase: PASSPHRASE, protocolVersion: 30 });
  });

  it('runs contracts of the other network on its state, and writes only here', async () => {
    const network = await fork();
    const before = origin.net.dumpState();
    const { result } = await network.invoke(owner, keep());
    expect(result.status).toBe('SUCCESS');
    const key = xdr.LedgerKey.contractData(
      new xdr.LedgerKeyContractData({
        contract: Address.fromString(contract).toScAddress(),
        key: xdr.ScVal.scvU32(1),
        durability: xdr.ContractDataDurability.persistent,
      }),
    ).toXdr('base64');
    const found = async (net: Devnet) =>
      ((await net.rpc('getLedgerEntries', { keys: [key] })) as { entries: unknown[] }).entries;
    expect(await found(network.net)).toHaveLength(1);
    expect(await found(origin.net)).toHaveLength(0);
    expect(origin.net.dumpState()).toBe(before);
  });

  it('takes settings and lifetimes from the other network', async () => {
    const { net } = await fork();
    const keys = [
      xdr.LedgerKey.configSetting(
        new xdr.LedgerKeyConfigSetting({
          configSettingId: xdr.ConfigSettingId.configSettingContractComputeV0,
        }),
      ),
      xdr.LedgerKey.contractData(
        new xdr.LedgerKeyContractData({
          contract: Address.fromString(contract).toScAddress(),
          key: xdr.ScVal.scvLedgerKeyContractInstance(),
          durability: xdr.ContractDataDurability.persistent,
        }),
      ),
    ].map((key) => key.toXdr('base64'));
    const entriesOf = async (of: Devnet) =>
      ((await of.rpc('getLedgerEntries', { keys })) as { entries: object[] }).entries;
    expect(await entriesOf(net)).toEqual(await entriesOf(origin.net));
  });

  it('goes its own way: what changes there after it was read changes nothing here', async () => {
    const network = await fork();
    const payee = (await origin.account()).publicKey();
    expect((await sent(network, owner, pay(payee))).status).toBe('PENDING');
    const here = await network.balance(payee);
    expect((await sent(origin, owner, pay(payee))).status).toBe('PENDING');
    expect((await sent(origin, owner, pay(payee))).status).toBe('PENDING');
    expect(await network.balance(payee)).toBe(here);
    expect(await origin.balance(payee)).toBe(here + 10_000_000n);
  });

  it('does not see again what was deleted here, until that is reverted', async () => {
    const network = await fork();
    const { net } = network;
    const gone = await origin.account();
    const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: gone.xdrAccountId() }));
    const snapshot = net.snapshot();
    await net.removeLedgerEntry(key.toXdr('base64'));
    await expect(network.balance(gone.publicKey())).rejects.toThrow();
    const dump = net.dumpState();
    net.revert(snapshot);
    expect(await network.balance(gone.publicKey())).toBe(100_000_000_000n);
    net.loadState(dump);
    await expect(network.balance(gone.publicKey())).rejects.toThrow();
  });

  it('has a friendbot, known accounts and test USDC of its own', async () => {
    const network = await fork({ accounts: 3, usdc: true });
    const { net } = network;
    expect(await network.balance(net.accounts[2]!.publicKey)).toBe(100_000_000_000n);
    await net.fund(Keypair.random().publicKey());
    await net.fund(contract, 'USDC');
    await expect(net.fund(owner.publicKey(), 'USDC')).rejects.toMatchObject({ code: 'NO_TRUST_LINE' });
  });

  it('reads what a transaction names in one request, and nothing twice', async () => {
    const network = await fork();
    const payee = (await origin.account()).publicKey();
    const transaction = await network.build(owner, [pay(payee)], {
      sequence: await origin.sequence(owner.publicKey()),
    });
    transaction.sign(owner);
    requests = 0;
    expect((await network.submit(transaction)).status).toBe('PENDING');
    expect(requests).toBe(1);
    await network.balance(payee);
    await network.balance(owner.publicKey());
    expect(requests).toBe(1);
  });

  it('prepares pending transactions when they come, so that mining need not wait', async () => {
    const network = await fork({ mineMode: 'manual' });
    const { status, hash } = await sent(network, owner, pay((await origin.account()).publicKey()));
    expect(status).toBe('PENDING');
    network.net.mine();
    expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS' });
  });

  it('keeps what was written here in a state file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-devnet-'));
    const statePath = join(folder, 'state');
    const first = await fork({ statePath });
    const payee = (await origin.account()).publicKey();
    const { hash } = await sent(first, owner, pay(payee));
    await first.net.close();
    const second = await fork({ statePath });
    expect(await second.transaction(hash)).toMatchObject({ status: 'SUCCESS' });
    expect(await second.balance(payee)).toBe(100_010_000_000n);
    await second.net.close();
    await expect(createDevnet({ statePath, passphrase: PASSPHRASE })).rejects.toThrow('a fork has written');
    const ownPath = join(folder, 'own');
    await (await createDevnet({ statePath: ownPath, passphrase: PASSPHRASE })).close();
    await expect(fork({ statePath: ownPath })).rejects.toThrow('no fork');
    rmSync(folder, { recursive: true });
  });

  it('has the limits of the other network, or those that are asked for', async () => {
    const sizeLimit = async (network: TestNetwork) => {
      const key = xdr.LedgerKey.configSetting(
        new xdr.LedgerKeyConfigSetting({
          configSettingId: xdr.ConfigSettingId.configSettingContractBandwidthV0,
        }),
      ).toXdr('base64');
      const { entries } = (await network.net.rpc('getLedgerEntries', { keys: [key] })) as {
        entries: { xdr: string }[];
      };
      return entries[0]?.xdr;
    };
    const unlimited = await openTestNetwork({ limits: 'unlimited' });
    expect(await sizeLimit(await fork())).toBe(await sizeLimit(origin));
    expect(await sizeLimit(await fork({ limits: 'unlimited' }))).toBe(await sizeLimit(unlimited));
    expect(await sizeLimit(origin)).not.toBe(await sizeLimit(unlimited));
  });

  it('runs the protocol of the other network', async () => {
    const older = await openTestNetwork({ protocol: 29 });
    const { rpcUrl, close } = await serveDevnet(older.net, { port: 0 });
    const account = await older.account();
    const id = await older.deploy(account, smallContract());
    const network = await openTestNetwork({ forkUrl: rpcUrl });
    expect(network.net.protocolVersion).toBe(29);
    expect((await network.invoke(account, keep(id))).result.status).toBe('SUCCESS');
    await close();
  });

  it('uploads and calls contracts of its own', async () => {
    const network = await fork();
    const account = await network.account();
    const own = await network.deploy(account, smallContract(23));
    const { result } = await network.invoke(account, keep(own));
    expect(scValToNative(metaOf(result).sorobanMeta!.returnValue!)).toBe(null);
  });
});

/** An RPC that answers as the origin does, until it is told otherwise. */
async function openProxy() {
  let behave: RequestListener | null = null;
  const server = createServer((request, response) => {
    if (behave) return behave(request, response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const reply = await fetch(served.rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.concat(chunks),
      });
      response.end(await reply.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/secret-key-of-a-provider`,
    host: `127.0.0.1:${port}`,
    behave: (listener: RequestListener | null) => {
      behave = listener;
    },
    change: (edit: (method: string, result: Record<string, unknown>) => object) => {
      behave = (request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('end', async () => {
          const { method, params } = JSON.parse(body);
          const result = (await origin.net.rpc(method, params)) as Record<string, unknown>;
          response.end(JSON.stringify({ result: edit(method, result) }));
        });
      };
    },
    answer: (text: string, status = 200) => {
      behave = (_request, response) => response.writeHead(status).end(text);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a fork whose other network', () => {
  const error = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (reason) => reason.message as string,
    );

  it('is away answers with an error that names no secret, and goes on when it is back', async () => {
    const proxy = await openProxy();
    const network = await openTestNetwork({ forkUrl: proxy.url });
    const address = owner.publicKey();
    proxy.answer('down', 503);
    const text = await error(network.balance(address));
    expect(text).toBe(
      `the forked network's RPC at ${proxy.host} answered getLedgerEntries with HTTP status 503`,
    );
    const { sequence } = network.net.latestLedger();
    proxy.behave((request) => request.socket.destroy());
    const transaction = await network.build(owner, [pay(address)], { sequence: 1n });
    transaction.sign(owner);
    expect(await error(network.submit(transaction))).toMatch('cannot be reached for getLedgerEntries');
    expect(network.net.latestLedger().sequence).toBe(sequence);
    proxy.behave(null);
    expect(await network.balance(address)).toBeGreaterThan(0n);
    await proxy.close();
  });

  it('is slow is given up', async () => {
    const proxy = await openProxy();
    proxy.behave(() => {});
    expect(await error(Fork.open(proxy.url, 100))).toBe(
      `the forked network's RPC at ${proxy.host} did not answer getNetwork within 100 ms`,
    );
    proxy.behave((_request, response) => response.write('{'));
    expect(await error(Fork.open(proxy.url, 100))).toMatch('did not answer getNetwork within 100 ms');
    await proxy.close();
  });

  it('answers nonsense is told apart from one that is away', async () => {
    const proxy = await openProxy();
    const network = await openTestNetwork({ forkUrl: proxy.url });
    const reason = () => error(network.balance(Keypair.random().publicKey()));
    const result = (value: unknown) => proxy.answer(JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }));
    proxy.answer('<html>');
    expect(await reason()).toMatch('answered getLedgerEntries with something that is not JSON');
    proxy.answer('[]');
    expect(await reason()).toMatch('answered getLedgerEntries without a result');
    proxy.answer('{"error":{"code":-1,"message":"too busy"}}');
    expect(await reason()).toMatch('refused getLedgerEntries: too busy');
    result({});
    expect(await reason()).toMatch('without entries');
    for (const entry of [null, 5, {}, { xdr: 'AAAA' }, { xdr: 5, lastModifiedLedgerSeq: 1 }]) {
      result({ entries: [entry] });
      expect(await reason()).toMatch('with an entry that cannot be read');
    }
    const { entries } = (await origin.net.rpc('getLedgerEntries', {
      keys: [
        xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: owner.xdrAccountId() })).toXdr('base64'),
      ],
    })) as { entries: unknown[] };
    result({ entries });
    expect(await reason()).toMatch('with an entry of another key');
    proxy.answer('', 404);
    expect(await reason()).toMatch('HTTP status 404');
    await proxy.close();
  });

  it('is of an older kind, which gives the header of the latest ledger elsewhere, is forked too', async () => {
    const proxy = await openProxy();
    proxy.change((method, { headerXdr, ...result }) =>
      method === 'getLatestLedger' || headerXdr === undefined ? result : { headerXdr, ...result },
    );
    const { net } = await openTestNetwork({ forkUrl: proxy.url });
    expect(net.latestLedger().sequence).toBe(origin.net.latestLedger().sequence + 1);
    await proxy.close();
  });

  it('is none, or runs a protocol without an engine, is refused at the start', async () => {
    const proxy = await openProxy();
    const start = (forkUrl: string) => error(createDevnet({ forkUrl }));
    expect(await start('file:///etc/passwd')).toMatch('http(s) address');
    expect(await start('nonsense')).toMatch('http(s) address');
    proxy.answer('{"result":{}}');
    expect(await start(proxy.url)).toMatch('did not say which network it is');
    proxy.change((method, result) => (method === 'getNetwork' ? { ...result, protocolVersion: 21 } : result));
    expect(await start(proxy.url)).toMatch('protocol 21 has no engine here, only 29 and 30');
    const network = await openTestNetwork({ forkUrl: proxy.url, protocol: 30 });
    expect((await network.invoke(owner, keep())).result.status).toBe('SUCCESS');
    await proxy.close();
  });
});
