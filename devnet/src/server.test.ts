import { request } from 'node:http';
import { Keypair } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevnet, type Devnet, type DevnetServer, serveDevnet } from './index.ts';

let net: Devnet;
let served: DevnetServer;

beforeAll(async () => {
  net = await createDevnet();
  served = await serveDevnet(net, { port: 0 });
});

afterAll(() => served.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = JSON_TYPE, path = '/rpc') =>
  fetch(`${served.url}${path}`, { method: 'POST', headers, body });
type Reply = { id: unknown; result?: unknown; error: { code: number; message: string; data?: unknown } };
const json = async <T>(response: Response) => (await response.json()) as T;
const call = async <T = Reply>(body: unknown) => json<T>(await post(JSON.stringify(body)));
const health = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'getHealth' });

describe('JSON-RPC over HTTP', () => {
  it('is answered on any path and echoes the id', async () => {
    for (const path of ['/', '/rpc', '/any/path?x=1']) {
      expect(await (await post(JSON.stringify(health('me')), JSON_TYPE, path)).json()).toMatchObject({
        jsonrpc: '2.0',
        id: 'me',
        result: { status: 'healthy' },
      });
    }
  });

  it('echoes the id in errors too, with the code of the error', async () => {
    const error = async (method: string, params?: unknown) => {
      const reply = await call({ jsonrpc: '2.0', id: 7, method, params });
      expect(reply.id).toBe(7);
      return [reply.error.code, reply.error.message, reply.error.data];
    };
    expect(await error('getNothing')).toEqual([-32601, 'method not found', 'getNothing']);
    expect(await error('getHealth', [])).toEqual([-32602, 'parameters must be an object', undefined]);
    expect(await error('getTransaction', { hash: 'ab' })).toEqual([
      -32602,
      'unexpected hash length (2)',
      undefined,
    ]);
    expect((await error('getTransactions', { startLedger: 10 ** 6 }))[0]).toBe(-32600);
    expect((await error('getEvents', { startLedger: 10 ** 6 }))[0]).toBe(-32600);
    expect((await error('sendTransaction', { transaction: 'AAAA' }))[1]).toBe('invalid_xdr');
    expect((await error('getLedgerEntries', { keys: ['x'], xdrFormat: 'yaml' }))[1]).toMatch("got 'yaml'");
  });

  it('answers batches, and nothing to notifications', async () => {
    const replies = await call<Reply[]>([
      health(1),
      { jsonrpc: '2.0', method: 'getHealth' },
      5,
      health('two'),
    ]);
    expect(replies.map((reply) => [reply.id, reply.error?.code])).toEqual([
      [1, undefined],
      [null, -32600],
      ['two', undefined],
    ]);
    expect((await post(JSON.stringify({ jsonrpc: '2.0', method: 'getHealth' }))).status).toBe(204);
    expect((await call([])).error.code).toBe(-32600);
    expect((await call(Array(101).fill(health(1)))).error.code).toBe(-32600);
  });

  it('refuses other methods, other content types, broken JSON and large bodies', async () => {
    const got = await fetch(served.rpcUrl);
    expect([got.status, got.headers.get('accept-post')]).toEqual([405, 'application/json']);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('{}', { 'content-type': 'application/json; charset=latin1' })).status).toBe(415);
    expect(
      (await post(JSON.stringify(health(1)), { 'content-type': 'application/json; charset=UTF-8' })).status,
    ).toBe(200);
    expect((await post('{"jsonrpc":')).status).toBe(500);
    const huge = JSON.stringify({ ...health(1), params: { x: 'y'.repeat(600 * 1024) } });
    expect((await post(huge)).status).toBe(413);
  });

  it('allows every origin', async () => {
    const preflight = await fetch(served.rpcUrl, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    expect((await post(JSON.stringify(health(1)))).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('survives whatever is sent to it', async () => {
    const methods = fc.constantFrom(
      'getEvents',
      'getLedgerEntries',
      'getLedgers',
      'getTransaction',
      'getTransactions',
      'sendTransaction',
      'simulateTransaction',
    );
    const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data).toString('base64'));
    const value = fc.oneof(fc.jsonValue(), bytes, fc.array(bytes, { maxLength: 3 }));
    const params = fc.dictionary(
      fc.constantFrom(
        'transaction',
        'hash',
        'keys',
        'filters',
        'startLedger',
        'pagination',
        'xdrFormat',
        'authMode',
      ),
      value,
    );
    await fc.assert(
      fc.asyncProperty(methods, params, async (method, fields) => {
        const reply = await call({ jsonrpc: '2.0', id: 1, method, params: fields });
        expect(reply.id).toBe(1);
        expect(reply).not.toHaveProperty('error.code', -32603);
      }),
      { numRuns: 300 },
    );
    await post(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(await call(health(2))).toMatchObject({ result: { status: 'healthy' } });
  });

  it('survives a request that ends in the middle', async () => {
    await new Promise<void>((resolve) => {
      const broken = request(served.rpcUrl, {
        method: 'POST',
        headers: { ...JSON_TYPE, 'content-length': '1000' },
      });
      broken.on('error', () => resolve());
      broken.write('{"jsonrpc"');
      setTimeout(() => broken.destroy(new Error('gone')), 20);
    });
    expect(await call(health(3))).toMatchObject({ id: 3 });
  });
});

describe('friendbot', () => {
  const address = Keypair.random().publicKey();

  it('pays an account by GET, once, with a stored transaction', async () => {
    const funded = await fetch(`${served.friendbotUrl}?addr=${address}`);
    expect(funded.status).toBe(200);
    const { hash, successful } = await json<{ hash: string; successful: boolean }>(funded);
    expect(successful).toBe(true);
    expect(await net.rpc('getTransaction', { hash })).toMatchObject({ status: 'SUCCESS' });
    const again = await fetch(`${served.friendbotUrl}?addr=${address}`);
    expect(again.status).toBe(400);
    expect((await json<{ detail: string }>(again)).detail).toBe('account already funded to starting balance');
  });

  it('pays a contract by POST form', async () => {
    const body = new URLSearchParams({ addr: net.nativeTokenContractId });
    const funded = await fetch(served.friendbotUrl, { method: 'POST', body });
    expect(funded.status).toBe(200);
  });

  it('names the field of a bad address', async () => {
    for (const addr of [
      '',
      'nonsense',
      `${address}A`,
      'SCZANGBA5YHTNYVVV4C3U252E2B6P6F5T3U6MM63WBSBZATAQI3EBTQ4',
    ]) {
      const refused = await fetch(`${served.friendbotUrl}?addr=${addr}`);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ extras: { invalid_field: 'addr' } });
    }
  });
});
