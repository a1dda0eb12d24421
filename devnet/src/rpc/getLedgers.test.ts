import { Asset, type Keypair, Operation } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestNetwork, START_SECONDS, type TestNetwork } from '../testing/testNetwork.ts';

type Page = {
  ledgers: {
    hash: string;
    sequence: number;
    ledgerCloseTime: string;
    headerXdr: string;
    metadataXdr: string;
    headerJson?: { header: { ledger_seq: number } };
    metadataJson?: { v2: unknown };
  }[];
  latestLedger: number;
  oldestLedger: number;
  cursor: string;
};

let network: TestNetwork;
let alice: Keypair;
const page = async (params: object) => (await network.net.rpc('getLedgers', params)) as Page;
const latest = async () =>
  (await network.net.rpc('getLatestLedger')) as { id: string; sequence: number; metadataXdr: string };
const pay = async () => {
  const payment = Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '1' });
  const transaction = await network.build(alice, [payment]);
  transaction.sign(alice);
  await network.submit(transaction);
};

beforeAll(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  network.net.warp({ ledgers: 3, seconds: 15 });
  await pay();
  network.net.warp({ ledgers: 4, seconds: 20 });
  network.net.warp({ ledgers: 2, seconds: 30 });
});

describe('getLedgers', () => {
  it('has no gaps, not even where ledgers closed empty', async () => {
    const { ledgers, oldestLedger, latestLedger } = await page({ startLedger: 1 });
    expect(ledgers.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: latestLedger - oldestLedger + 1 }, (_, index) => oldestLedger + index),
    );
  });

  it('spreads the close times of empty ledgers over the time that passed', async () => {
    const { ledgers } = await page({ startLedger: 2 });
    const seconds = ledgers.map(({ ledgerCloseTime }) => Number(ledgerCloseTime) - START_SECONDS);
    expect(seconds).toEqual([0, 5, 10, 15, 15, 20, 25, 30, 35, 50, 65]);
  });

  it('gives every ledger a header that hashes to its hash and names a kept ledger before it', async () => {
    const { ledgers } = await page({ startLedger: 1 });
    const entries = ledgers.map(({ headerXdr }) => xdr.LedgerHeaderHistoryEntry.fromXdr(headerXdr, 'base64'));
    const hashes = new Set(ledgers.map(({ hash }) => hash));
    const { sha256 } = await import('../sha256.ts');
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    for (const [index, { header, hash }] of entries.entries()) {
      expect(hex(hash.toBytes())).toBe(ledgers[index]!.hash);
      expect(hex(sha256(header.toXdr()))).toBe(ledgers[index]!.hash);
      expect(header.ledgerSeq).toBe(ledgers[index]!.sequence);
      if (index > 0) expect(hashes).toContain(hex(header.previousLedgerHash.toBytes()));
    }
  });

  it('says the same of an empty ledger while it is the latest and afterwards', async () => {
    network.net.warp({ ledgers: 1 });
    const before = await latest();
    const asLatest = (await page({ startLedger: before.sequence })).ledgers[0]!;
    expect(asLatest.hash).toBe(before.id);
    expect(asLatest.metadataXdr).toBe(before.metadataXdr);
    network.net.warp({ ledgers: 5 });
    expect((await page({ startLedger: before.sequence })).ledgers[0]).toEqual(asLatest);
    await pay();
    expect((await page({ startLedger: before.sequence })).ledgers[0]).toEqual(asLatest);
  });

  it('has metadata that a typed decoder writes again byte for byte', async () => {
    const { ledgers } = await page({ startLedger: 1, pagination: { limit: 200 } });
    for (const { metadataXdr } of ledgers) {
      expect(xdr.LedgerCloseMeta.fromXdr(metadataXdr, 'base64').toXdr('base64')).toBe(metadataXdr);
    }
  });

  it('leaves the XDR fields empty in JSON', async () => {
    const [ledger] = (await page({ startLedger: 3, xdrFormat: 'json' })).ledgers;
    expect(ledger).toMatchObject({
      headerXdr: '',
      metadataXdr: '',
      headerJson: { header: { ledger_seq: 3 } },
    });
    expect(ledger!.metadataJson).toHaveProperty('v2.tx_processing');
  });

  it('goes on after its cursor, and gives an empty page at the latest ledger', async () => {
    const first = await page({ startLedger: 2, pagination: { limit: 3 } });
    expect([first.ledgers.length, first.cursor]).toEqual([3, '4']);
    const second = await page({ pagination: { cursor: first.cursor, limit: 1 } });
    expect(second.ledgers[0]!.sequence).toBe(5);
    const { sequence } = await latest();
    const last = await page({ pagination: { cursor: String(sequence) } });
    expect([last.ledgers, last.cursor]).toEqual([[], String(sequence)]);
  });

  it('gives 50 ledgers when no limit or 0 is asked for, and at most 200', async () => {
    network.net.warp({ ledgers: 300 });
    for (const [pagination, count] of [
      [undefined, 50],
      [{ limit: 0 }, 50],
      [{ limit: 200 }, 200],
    ] as const) {
      expect((await page({ startLedger: 1, pagination })).ledgers).toHaveLength(count);
    }
  });

  it('refuses wrong ranges, cursors, limits and formats', async () => {
    const { sequence } = await latest();
    const range = `the oldest ledger: 1 and the latest ledger: ${sequence}`;
    const errorOf = (params: object) => page(params).catch(({ code, message }) => [code, message]);
    expect(await errorOf({ startLedger: sequence + 1 })).toEqual([
      -32600,
      `start ledger (${sequence + 1}) must be between ${range} for this rpc instance`,
    ]);
    expect(await errorOf({ startLedger: 1, pagination: { cursor: '2' } })).toEqual([
      -32600,
      'startLedger (1) and cursor (2) cannot both be set',
    ]);
    expect(await errorOf({ startLedger: 1, pagination: { limit: 201 }, xdrFormat: 'yaml' })).toEqual([
      -32600,
      "got 'yaml': expected base64, json for optional 'xdrFormat'\nlimit must not exceed 200",
    ]);
    for (const cursor of [String(sequence + 1), 'x', '-1', '1.5']) {
      expect(await errorOf({ pagination: { cursor } })).toEqual([
        -32602,
        `cursor ('${cursor}') must be between ${range} for this rpc instance`,
      ]);
    }
  });
});
