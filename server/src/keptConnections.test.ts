import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createRpc } from '@latchkey/sdk/chain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptConnections } from './keptConnections.ts';

let node: Server;
let url: string;
let connections: number;
let answer: (
  body: string,
  path: string,
) => { status?: number; headers?: Record<string, string>; body: string | Buffer };

const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 1, result: value });

beforeEach(async () => {
  connections = 0;
  answer = () => ({ body: result({ sequence: 7 }) });
  node = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { status = 200, headers = {}, body: text } = answer(body, request.url ?? '');
      response.writeHead(status, headers).end(text);
    });
  });
  node.on('connection', () => connections++);
  await new Promise<void>((resolve) => node.listen(0, resolve));
  url = `http://localhost:${(node.address() as AddressInfo).port}`;
});
afterEach(() => {
  node.closeAllConnections();
  node.close();
});

const rpc = (timeoutMs = 5_000) => createRpc(url, { fetch: createKeptConnections(), timeoutMs });

it('asks again and again over one connection', async () => {
  const asking = rpc();
  let asked = '';
  answer = (body) => {
    asked = body;
    return { body: result({ sequence: 8 }) };
  };
  for (let i = 0; i < 5; i++) expect((await asking.call('getLatestLedger')).sequence).toBe(8);
  expect(JSON.parse(asked)).toMatchObject({ method: 'getLatestLedger' });
  expect(connections).toBe(1);
});

it('reads packed answers', async () => {
  answer = () => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(result({ sequence: 9 })) });
  expect((await rpc().call('getLatestLedger')).sequence).toBe(9);
});

it('follows a redirection', async () => {
  answer = (_, path) =>
    path === '/there'
      ? { body: result({ sequence: 4 }) }
      : { status: 307, headers: { location: '/there' }, body: '' };
  expect((await rpc().call('getLatestLedger')).sequence).toBe(4);
});

it.each([
  ['an error', () => ({ status: 500, body: 'no' })],
  ['half of an answer', () => ({ headers: { 'content-length': '1000' }, body: '{' })],
  ['what is no JSON', () => ({ body: '<html>' })],
  ['what is not packed as it says', () => ({ headers: { 'content-encoding': 'gzip' }, body: '{}' })],
])('takes %s for a node that is away', async (_, badly) => {
  answer = badly;
  await expect(rpc(300).call('getLatestLedger')).rejects.toThrow(
    expect.objectContaining({ code: 'NETWORK_UNAVAILABLE' }),
  );
});

it('asks anew when a kept connection was closed just then, but sends a transaction no second time', async () => {
  const asking = rpc();
  await asking.call('getLatestLedger');
  let isFirst = true;
  node.on('request', (request) => {
    if (isFirst) request.socket.destroy();
    isFirst = false;
  });
  expect((await asking.call('getLatestLedger')).sequence).toBe(7);
  isFirst = true;
  await expect(asking.call('sendTransaction', { transaction: '' })).rejects.toThrow(
    expect.objectContaining({ code: 'NETWORK_UNAVAILABLE' }),
  );
});

it('waits no longer than it may', async () => {
  node.removeAllListeners('request');
  await expect(rpc(50).call('getLatestLedger')).rejects.toThrow(
    expect.objectContaining({ code: 'NETWORK_UNAVAILABLE' }),
  );
});
