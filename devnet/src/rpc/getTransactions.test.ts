import { Asset, type Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestNetwork, type TestNetwork } from '../testing/testNetwork.ts';
import { encodeToid } from './toid.ts';

type Record = { txHash: string; ledger: number; applicationOrder: number; createdAt: number; status: string };
type Page = { transactions: Record[]; cursor: string; latestLedger: number; oldestLedger: number };

let network: TestNetwork;
const accounts: Keypair[] = [];
const page = async (params: object) => (await network.net.rpc('getTransactions', params)) as Page;
const rpc = async <T>(method: string, params: object) => (await network.net.rpc(method, params)) as T;
const toid = (ledger: number, transaction: number) =>
  String(encodeToid({ ledger, transaction, operation: 1 }));

async function payment(from: Keypair, amount = '1') {
  const operation = Operation.payment({
    destination: accounts[0]!.publicKey(),
    asset: Asset.native(),
    amount,
  });
  const transaction = await network.build(from, [operation]);
  transaction.sign(from);
  return transaction;
}

/** Ledgers 1 (genesis), 2 to 4 (funding), then one of three transactions, then three empty ones. */
beforeAll(async () => {
  network = await openTestNetwork({ mineMode: 'manual' });
  for (let count = 0; count < 3; count++) accounts.push(await network.account());
  for (const account of accounts) await network.submit(await payment(account));
  network.net.mine();
  network.net.warp({ ledgers: 3 });
});

describe('getTransactions', () => {
  it('gives the transactions of a ledger in the order they were applied', async () => {
    const { transactions } = await page({ startLedger: 5 });
    expect(transactions.map(({ ledger, applicationOrder }) => [ledger, applicationOrder])).toEqual([
      [5, 1],
      [5, 2],
      [5, 3],
    ]);
    expect(typeof transactions[0]!.createdAt).toBe('number');
  });

  it('names the last transaction of a full page in its cursor, and goes on after it', async () => {
    const first = await page({ startLedger: 4, pagination: { limit: 2 } });
    expect(first.transactions.map(({ ledger }) => ledger)).toEqual([4, 5]);
    expect(first.cursor).toBe(toid(5, 1));
    const second = await page({ pagination: { cursor: first.cursor, limit: 2 } });
    expect(second.transactions.map(({ applicationOrder }) => applicationOrder)).toEqual([2, 3]);
    expect(second.cursor).toBe(toid(5, 3));
  });

  it('points to the end of the latest ledger once there is nothing more', async () => {
    const { cursor } = await page({ startLedger: 1 });
    expect(cursor).toBe(toid(8, 0));
    const next = await page({ pagination: { cursor } });
    expect([next.transactions, next.cursor]).toEqual([[], cursor]);
  });

  it('starts in a ledger that closed empty', async () => {
    expect((await page({ startLedger: 7 })).transactions).toEqual([]);
  });

  it('refuses what stellar-rpc refuses', async () => {
    const errorOf = (params: object) => page(params).catch(({ code, message }) => [code, message]);
    const range = 'the oldest ledger: 1 and the latest ledger: 8';
    const outOfRange = (ledger: number) =>
      `start ledger (${ledger}) must be between ${range} for this rpc instance`;
    expect(await errorOf({})).toEqual([-32600, outOfRange(0)]);
    expect(await errorOf({ startLedger: 9 })).toEqual([-32600, outOfRange(9)]);
    expect(await errorOf({ startLedger: 2, pagination: { cursor: '1', limit: 201 } })).toEqual([
      -32600,
      'startLedger (2) and cursor (1) cannot both be set\nlimit must not exceed 200',
    ]);
    expect(await errorOf({ startLedger: 1, xdrFormat: 'yaml' })).toEqual([
      -32600,
      "got 'yaml': expected base64, json for optional 'xdrFormat'",
    ]);
    for (const cursor of ['x', '-1', '9223372036854775808', '99999999999999999999']) {
      expect(await errorOf({ pagination: { cursor } })).toEqual([-32602, `invalid cursor '${cursor}'`]);
    }
    expect(await errorOf({ pagination: { cursor: toid(0, 1) } })).toEqual([
      -32602,
      'database does not contain metadata for ledger: 0',
    ]);
  });
});

describe('getTransaction', () => {
  it('finds a fee bump by its own hash and by that of the transaction inside', async () => {
    const inner = await payment(accounts[1]!);
    const bump = TransactionBuilder.buildFeeBumpTransaction(
      accounts[2]!,
      '1000',
      inner,
      network.net.passphrase,
    );
    bump.sign(accounts[2]!);
    await network.submit(bump);
    network.net.mine();
    for (const transaction of [inner, bump]) {
      const hash = Buffer.from(transaction.hash()).toString('hex');
      const found = await rpc<Record & { feeBump: boolean }>('getTransaction', { hash });
      expect(found).toMatchObject({ status: 'SUCCESS', txHash: hash, feeBump: true, applicationOrder: 1 });
      expect(typeof found.createdAt).toBe('string');
    }
  });

  it('keeps a failed transaction, with its fee event and no others', async () => {
    const transaction = await payment(accounts[1]!, '99999999');
    const { hash } = await network.submit(transaction);
    network.net.mine();
    const found = await rpc<{ status: string; events: object; diagnosticEventsXdr?: string[] }>(
      'getTransaction',
      { hash },
    );
    expect(found.status).toBe('FAILED');
    expect(Object.keys(found.events)).toEqual(['transactionEventsXdr']);
    expect(found).not.toHaveProperty('diagnosticEventsXdr');
  });

  it('gives XDR-JSON when asked to', async () => {
    const { transactions } = await page({ startLedger: 5 });
    const hash = transactions[0]!.txHash;
    expect(await rpc('getTransaction', { hash, xdrFormat: 'json' })).toMatchObject({
      envelopeJson: { tx: { tx: { fee: 100, memo: 'none', ext: 'v0' }, signatures: [{}] } },
      resultJson: { fee_charged: '100', result: { tx_success: [{ op_inner: { payment: 'success' } }] } },
      resultMetaJson: { v4: { soroban_meta: null } },
      events: {
        transactionEventsJson: [{ stage: 'before_all_txs', event: { type: 'contract' } }],
        contractEventsJson: [[{ ext: 'v0', body: { v0: { topics: [{ symbol: 'transfer' }, {}, {}, {}] } } }]],
      },
    });
  });

  it('says NOT_FOUND with the hash asked for, and refuses what is no hash', async () => {
    const hash = 'AB'.repeat(32);
    expect(await rpc('getTransaction', { hash })).toEqual({
      status: 'NOT_FOUND',
      txHash: hash.toLowerCase(),
      latestLedger: 10,
      latestLedgerCloseTime: expect.stringMatching(/^\d+$/),
      oldestLedger: 1,
      oldestLedgerCloseTime: expect.stringMatching(/^\d+$/),
      applicationOrder: 0,
      feeBump: false,
      events: {},
      ledger: 0,
      createdAt: '0',
    });
    const errorOf = (value: unknown) =>
      rpc('getTransaction', { hash: value }).catch(({ code, message }) => [code, message]);
    expect(await errorOf('ab')).toEqual([-32602, 'unexpected hash length (2)']);
    expect((await errorOf('zz'.repeat(32))) as unknown).toEqual([-32602, 'incorrect hash: not hexadecimal']);
    expect(((await errorOf(7)) as unknown[])[0]).toBe(-32602);
  });
});

describe('sendTransaction', () => {
  it('says DUPLICATE of what is queued, and TRY_AGAIN_LATER of another one of the same account', async () => {
    const transaction = await payment(accounts[0]!);
    expect(await network.submit(transaction)).toMatchObject({ status: 'PENDING' });
    expect(await network.submit(transaction)).toMatchObject({
      status: 'DUPLICATE',
      hash: Buffer.from(transaction.hash()).toString('hex'),
      latestLedger: 10,
      latestLedgerCloseTime: expect.stringMatching(/^\d+$/),
    });
    expect(await network.submit(await payment(accounts[0]!, '2'))).toMatchObject({
      status: 'TRY_AGAIN_LATER',
    });
    expect(await rpc('getTransaction', { hash: (await network.submit(transaction)).hash })).toMatchObject({
      status: 'NOT_FOUND',
    });
    network.net.mine();
    expect(await network.submit(transaction)).toMatchObject({ status: 'DUPLICATE' });
  });

  it('answers ERROR with the result, in the format asked for, and keeps no trace', async () => {
    const transaction = (await network.build(accounts[1]!, [])).toXDR();
    const refused = await rpc<{ hash: string }>('sendTransaction', { transaction, xdrFormat: 'json' });
    expect(refused).toMatchObject({
      status: 'ERROR',
      errorResultJson: { fee_charged: '100', result: 'tx_missing_operation', ext: 'v0' },
    });
    expect(await rpc('getTransaction', { hash: refused.hash })).toMatchObject({ status: 'NOT_FOUND' });
  });

  it('refuses what is no transaction', async () => {
    for (const transaction of ['', 'AAAA', 'not base64', 'A'.repeat(2_000_000)]) {
      await expect(rpc('sendTransaction', { transaction })).rejects.toMatchObject({
        code: -32602,
        message: 'invalid_xdr',
      });
    }
    await expect(rpc('sendTransaction', {})).rejects.toMatchObject({ code: -32602 });
  });
});
