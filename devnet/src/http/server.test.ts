import { request } from 'node:http';
import { Keypair } from '@stellar/stellar-sdk/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevnet, type Devnet, type DevnetServer, serveDevnet } from '../index.ts';

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

  it('answers batches with a list, whatever is in them', async () => {
    const replies = await call<Reply[]>([
      health(1),
      { jsonrpc: '2.0', method: 'getHealth' },
      5,
      health('two'),
    ]);
    expect(replies.map((reply) => [reply.id, reply.error?.code])).toEqual([
      [1, undefined],
      [null, -32700],
      ['two', undefined],
    ]);
    expect(await call<Reply[]>([health(1)])).toHaveLength(1);
    expect((await call([])).error.code).toBe(-32600);
    expect(await call<Reply[]>(Array(1_000).fill(health(1)))).toHaveLength(1_000);
    expect((await call(Array(1_001).fill(health(1)))).error.message).toBe('batch of more than 1000 calls');
  });

  it('answers nothing to notifications', async () => {
    const notification = { jsonrpc: '2.0', method: 'getHealth' };
    for (const body of [notification, { ...notification, id: null }, [notification, notification]]) {
      expect((await post(JSON.stringify(body))).status).toBe(204);
    }
  });

  it.each<[unknown, unknown, number, string]>([
    [{ jsonrpc: '2.0', id: true, method: 'getHealth' }, null, -32600, 'invalid request ID'],
    [{ jsonrpc: '2.0', id: [1], method: 'getHealth' }, null, -32600, 'invalid request ID'],
    [{ jsonrpc: '1.0', id: 1, method: 'getHealth' }, 1, -32600, 'invalid version marker'],
    [{ id: 1, method: 'getHealth' }, 1, -32600, 'invalid version marker'],
    [{ jsonrpc: '2.0', id: 'a', method: 7 }, 'a', -32700, 'invalid method name'],
    [{ jsonrpc: '2.0', id: 'a' }, 'a', -32600, 'empty method name'],
    [
      { jsonrpc: '2.0', id: 1, method: 'getHealth', params: 'x' },
      1,
      -32600,
      'parameters must be array or object',
    ],
    [{ jsonrpc: '2.0', id: 1, method: 'getHealth', extra: 0 }, 1, -32600, 'extra fields in request'],
    [{ jsonrpc: '2.0', id: 1, method: 'rpc.serverInfo' }, 1, -32601, 'method not found'],
    [{ jsonrpc: '2.0', id: 1, method: 'toString' }, 1, -32601, 'method not found'],
    ['getHealth', null, -32700, 'request is not a JSON object'],
    [null, null, -32700, 'request is not a JSON object'],
  ])('answers %j with an error', async (request, id, code, message) => {
    expect(await call(request)).toMatchObject({ jsonrpc: '2.0', id, error: { code, message } });
  });

  it('takes the parameters of getTransactions as a list too', async () => {
    const { oldestLedger } = (await net.rpc('getHealth')) as { oldestLedger: number };
    const reply = await call({
      jsonrpc: '2.0',
      id: 1,
      method: 'getTransactions',
      params: [oldestLedger, { limit: 1 }],
    });
    expect(reply.result).toHaveProperty('transactions');
  });

  it('takes absent, null and empty parameters alike', async () => {
    for (const params of [{}, { params: null }, { params: {} }, { params: { unknown: 1 } }]) {
      expect(await call({ ...health(1), ...params })).toMatchObject({ result: { status: 'healthy' } });
    }
  });

  it('keeps odd names out of prototypes', async () => {
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"getTransaction","params":{"__proto__":{"hash":"00"},"constructor":{"prototype":{"hash":"00"}}}}';
    expect(await json<Reply>(await post(body))).toMatchObject({ error: { code: -32602 } });
    expect(({} as { hash?: string }).hash).toBeUndefined();
  });

  it('takes the last of repeated keys', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"id":2,"method":"x","method":"getHealth"}';
    expect(await json<Reply>(await post(body))).toMatchObject({ id: 2, result: { status: 'healthy' } });
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
    const refused = await post(huge);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ id: null, error: { code: -32600 } });
  });

  it('allows every origin', async () => {
    const preflight = await fetch(served.rpcUrl, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    expect((await post(JSON.stringify(health(1)))).headers.get('access-control-allow-origin')).toBe('*');
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

describe('a slow request', () => {
  it('is cut off when its body does not come to its end in time', async () => {
    const impatient = await serveDevnet(net, { port: 0, requestTimeoutMs: 200 });
    const startedAt = performance.now();
    const status = await new Promise((resolve) => {
      const headers = { ...JSON_TYPE, 'content-length': '1000' };
      const slow = request(impatient.rpcUrl, { method: 'POST', headers }, (reply) =>
        resolve(reply.statusCode),
      );
      slow.on('error', () => resolve('closed'));
      slow.write('{');
    });
    expect([408, 'closed']).toContain(status);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await impatient.close();
  });
});

describe('the request log', () => {
  it('names the methods that were called', async () => {
    const lines: string[] = [];
    const logged = await serveDevnet(net, { port: 0, onRequest: (line) => lines.push(line) });
    const send = (body: unknown) =>
      fetch(logged.rpcUrl, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
    await send(health(1));
    await send([health(1), health(2), health(3)]);
    await fetch(`${logged.url}/friendbot?addr=x`);
    await logged.close();
    expect(lines.map((line) => line.replace(/[\d.]+ ms$/, 'ms'))).toEqual([
      'POST /rpc getHealth 200 ms',
      'POST /rpc getHealth and 2 more 200 ms',
      'GET /friendbot?addr=x 400 ms',
    ]);
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
