// The JSON-RPC client against a node that closes the connection instead of answering the first call of each method.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRpc } from './rpc.ts';

const asked: string[] = [];
const node = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { id, method } = JSON.parse(body) as { id: number; method: string };
  asked.push(method);
  if (asked.filter((it) => it === method).length === 1) return request.socket.destroy();
  response.setHeader('content-type', 'application/json');
  return response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { status: 'healthy' } }));
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => node.listen(0, resolve));
  url = `http://localhost:${(node.address() as AddressInfo).port}`;
});
afterAll(() => {
  node.closeAllConnections();
  node.close();
});

it('reads again when the connection was closed', async () => {
  expect(await createRpc(url).call('getHealth')).toEqual({ status: 'healthy' });
});

it('does not send a transaction again by itself', async () => {
  await expect(createRpc(url).call('sendTransaction', { transaction: 'AAAA' })).rejects.toMatchObject({
    code: 'NETWORK_UNAVAILABLE',
  });
  expect(asked.filter((it) => it === 'sendTransaction')).toHaveLength(1);
});
