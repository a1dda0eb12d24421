import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Keypair } from '@stellar/stellar-sdk/base';
import { afterEach, describe, expect, it } from 'vitest';
import { createDevnet, type DevnetOptions, type DevnetServer, serveDevnet } from '../index.ts';

const open: DevnetServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(options: DevnetOptions = {}) {
  const net = await createDevnet(options);
  const lines: string[] = [];
  const server = await serveDevnet(net, { port: 0, onRequest: (line) => lines.push(line) });
  open.push(server);
  const post = (path: string, method: string, params?: unknown) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const call = async (method: string, params?: unknown) =>
    ((await (await post('/', method, params)).json()) as { result: Record<string, unknown> }).result;
  return { net, server, lines, post, call };
}

describe('developers’ powers over HTTP', () => {
  it('are called like any other method', async () => {
    const { call, net } = await serve();
    const { snapshotId } = await call('devnet_snapshot');
    expect(await call('devnet_warp', { ledgers: 3 })).toMatchObject({ latestLedger: 4 });
    expect(await call('devnet_revert', { snapshotId })).toMatchObject({ latestLedger: 1 });
    expect(net.latestLedger().sequence).toBe(1);
  });

  it('load a state of more than a request holds on a path of its own', async () => {
    const { net, post } = await serve();
    const state = `${net.dumpState()}${' '.repeat(600_000)}`;
    expect((await post('/', 'devnet_loadState', { state })).status).toBe(413);
    const reply = await post('/devnet', 'devnet_loadState', { state });
    expect(await reply.json()).toMatchObject({ result: { latestLedger: 2 } });
  });

  it('include a faucet of USDC at friendbot', async () => {
    const { net, server, lines } = await serve({ accounts: 1, usdc: true });
    const ask = (query: string) => fetch(`${server.friendbotUrl}?${query}`);
    const paid = await ask(`addr=${net.accounts[0]!.publicKey}&asset=USDC`);
    expect(await paid.json()).toMatchObject({ successful: true });
    const refused = await ask(`addr=${Keypair.random().publicKey()}&asset=USDC`);
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { detail: string }).detail).toMatch('has no trust line for USDC:G');
    const unknown = await ask(`addr=${net.accounts[0]!.publicKey}&asset=EURC`);
    expect(((await unknown.json()) as { detail: string }).detail).toBe('asset must be one of XLM, USDC');
    expect(lines).toHaveLength(3);
  });
});

describe('closing the server', () => {
  it('waits for a request that is being answered', async () => {
    const origin = await serve();
    const { hold, release, url } = await openGate(origin.server.url);
    const { server, call } = await serve({ forkUrl: url });
    const arrived = hold();
    const address = Keypair.random();
    const answer = call('getLedgerEntries', { keys: [accountKeyOf(address)] });
    await arrived;
    const closed = server.close();
    release();
    expect(await answer).toMatchObject({ entries: [] });
    await closed;
  });
});

/** An RPC in front of another one that can hold its answers back. */
async function openGate(target: string) {
  let gate = Promise.resolve();
  let release = () => {};
  let arrived = () => {};
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      arrived();
      await gate;
      const headers = { 'content-type': 'application/json' };
      response.end(await (await fetch(target, { method: 'POST', headers, body })).text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => {
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return new Promise<void>((resolve) => {
        arrived = resolve;
      });
    },
    release: () => release(),
  };
}

function accountKeyOf(keypair: Keypair): string {
  return Buffer.concat([Buffer.alloc(8), keypair.rawPublicKey()]).toString('base64');
}
