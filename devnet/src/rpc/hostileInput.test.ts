// What a hostile client sends is answered with an error, and the network goes on.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Asset, type Keypair, Operation } from '@stellar/stellar-sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevnetServer, serveDevnet } from '../index.ts';
import { hostileTransactions } from '../testing/hostileTransactions.ts';
import { openTestNetwork, type TestNetwork } from '../testing/testNetwork.ts';

const METHODS = [
  ...[
    'getEvents',
    'getFeeStats',
    'getHealth',
    'getLatestLedger',
    'getLedgerEntries',
    'getLedgers',
    'getNetwork',
  ],
  ...['getTransaction', 'getTransactions', 'getVersionInfo', 'sendTransaction', 'simulateTransaction'],
];
const DEFECTS = [-32603, -32003];

let network: TestNetwork;
let alice: Keypair;
let served: DevnetServer;
let transactions: Map<string, string>;

beforeAll(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  served = await serveDevnet(network.net, { port: 0 });
  transactions = await hostileTransactions(network, alice);
});

afterAll(() => served.close());

/** The code of the error that a call ends with, 0 when it does not. */
async function codeOf(method: string, params: unknown): Promise<number> {
  try {
    await network.net.rpc(method, params);
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

async function post(body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(served.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

async function expectToWork(): Promise<void> {
  const payment = Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '1' });
  const transaction = await network.build(alice, [payment]);
  transaction.sign(alice);
  const { hash } = await network.submit(transaction);
  expect((await network.transaction(hash)).status).toBe('SUCCESS');
}

describe('a hostile transaction', () => {
  it('gets an answer, whether it is sent or simulated', async () => {
    for (const [name, transaction] of transactions) {
      for (const method of ['sendTransaction', 'simulateTransaction']) {
        const before = network.net.snapshot();
        for (const xdrFormat of ['base64', 'json']) {
          expect(DEFECTS, `${method} of ${name}`).not.toContain(
            await codeOf(method, { transaction, xdrFormat }),
          );
        }
        network.net.revert(before);
      }
    }
    await expectToWork();
  });

  it('is never applied when it was signed for another network or pays less than nothing', async () => {
    const refused: [string, string][] = [
      ['signed for another network', 'tx_bad_auth'],
      ['a fee bump below zero', 'tx_malformed'],
      ['no operations', 'tx_missing_operation'],
    ];
    const current = await hostileTransactions(network, alice);
    for (const [name, result] of refused) {
      const params = { transaction: current.get(name), xdrFormat: 'json' };
      const reply = await network.net.rpc('sendTransaction', params);
      expect(reply, name).toMatchObject({ status: 'ERROR', errorResultJson: { result } });
    }
  });

  it('gets an answer however its bytes are changed', async () => {
    const names = [
      'signed for another network',
      'values 100 deep',
      'a fee bump of everything',
      'the largest resources',
    ];
    const damaged = fc
      .tuple(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(2_000),
      )
      .map(([name, changes, length]) => {
        const bytes = Buffer.from(transactions.get(name)!, 'base64');
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes.subarray(0, length < 1_000 ? bytes.length : length).toString('base64');
      });
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.constantFrom('sendTransaction', 'simulateTransaction'),
        async (transaction, method) => {
          expect(DEFECTS).not.toContain(await codeOf(method, { transaction }));
        },
      ),
      { numRuns: 500 },
    );
    await expectToWork();
  });
});

describe('hostile parameters', () => {
  it('get an answer, whatever they are', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data).toString('base64'));
    const number = fc.constantFrom(-1, 0.5, 2 ** 32, 2 ** 53, 1e308, Number.NaN, Number.POSITIVE_INFINITY);
    const name = fc.constantFrom(
      '__proto__',
      'constructor',
      'cursor',
      'limit',
      'type',
      'topics',
      'contractIds',
    );
    const nested = fc.dictionary(name, fc.oneof(number, bytes, fc.jsonValue()));
    const value = fc.oneof(
      fc.jsonValue(),
      bytes,
      number,
      nested,
      fc.array(fc.oneof(bytes, nested), { maxLength: 3 }),
    );
    const fields = ['transaction', 'hash', 'keys', 'filters', 'startLedger', 'endLedger', 'pagination'];
    const params = fc.dictionary(
      fc.constantFrom(...fields, 'xdrFormat', 'authMode', 'resourceConfig', 'useUpgradedAuth', '__proto__'),
      value,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        fc.oneof(params, fc.jsonValue()),
        async (method, given) => {
          expect(DEFECTS).not.toContain(await codeOf(method, given));
        },
      ),
      { numRuns: 1_000 },
    );
    expect(({} as Record<string, unknown>).cursor).toBeUndefined();
  });

  it('are refused before anything is decoded when there are too many', async () => {
    const keys = Array(10_000).fill('AAAA');
    await expect(network.net.rpc('getLedgerEntries', { keys })).rejects.toThrow('key count (10000) exceeds');
    await expect(network.net.rpc('getLedgerEntries', { keys: ['A'.repeat(40_000)] })).rejects.toThrow(
      'the key at index 0 is longer than 16384 bytes',
    );
  });
});

describe('a hostile body', () => {
  it('gets an answer with a status that a client understands', async () => {
    const text = fc.oneof(
      fc.string().map((body) => body as string | Uint8Array<ArrayBuffer>),
      fc.json(),
      fc.uint8Array({ maxLength: 300 }).map((data) => new Uint8Array(data)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        expect([200, 204, 500]).toContain((await post(body)).status);
      }),
      { numRuns: 200 },
    );
  });

  it('may be nested as deeply as it likes', async () => {
    const [open, close] = ['['.repeat(250_000), ']'.repeat(250_000)];
    expect([200, 500]).toContain((await post(open + close)).status);
    const params = `${'{"a":'.repeat(80_000)}1${'}'.repeat(80_000)}`;
    const call = `{"jsonrpc":"2.0","id":1,"method":"getEvents","params":${params}}`;
    expect([200, 500]).toContain((await post(call)).status);
    await expectToWork();
  });

  it('with numbers that no double holds is read all the same', async () => {
    for (const number of ['1e999', '-0', '123456789012345678901234567890', '0.1e-400']) {
      const call = `{"jsonrpc":"2.0","id":${number},"method":"getEvents","params":{"startLedger":${number}}}`;
      const reply = (await (await post(call)).json()) as { error?: { code: number } };
      expect(reply.error?.code).toBe(-32602);
    }
  });
});

describe('a long attack', () => {
  it('leaves the memory as it was', async () => {
    const script = fileURLToPath(new URL('../testing/soak.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script]);
    const rounds = JSON.parse(stdout) as { heapMb: number; rssMb: number }[];
    const [settled, last] = [rounds[2]!, rounds.at(-1)!];
    expect(last.heapMb - settled.heapMb).toBeLessThan(5);
    expect(last.rssMb - settled.rssMb).toBeLessThan(150);
    expect(last.rssMb).toBeLessThan(700);
  }, 120_000);
});
