import { Address, Asset, Contract, type Keypair, nativeToScVal, Operation } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { beforeAll, describe, expect, it } from 'vitest';
import { metaOf, openTestNetwork, START_SECONDS, type TestNetwork } from '../testing/testNetwork.ts';
import { encodeToid } from './toid.ts';

type Event = {
  id: string;
  type: string;
  ledger: number;
  ledgerClosedAt: string;
  contractId: string;
  operationIndex: number;
  transactionIndex: number;
  txHash: string;
  inSuccessfulContractCall: boolean;
  topic: string[];
  value: string;
};
type Page = { events: Event[]; cursor: string; latestLedger: number; oldestLedger: number };

let network: TestNetwork;
let alice: Keypair;
let bob: Keypair;
/** The ledger with two payments of alice in one transaction, a failed one of bob, and a contract call. */
let busy: number;

const page = async (params: object) => (await network.net.rpc('getEvents', params)) as Page;
const symbol = (text: string) => xdr.ScVal.scvSymbol(text).toXdr('base64');
const nameOf = ({ topic }: Event) => (xdr.ScVal.fromXdr(topic[0]!, 'base64') as { value: unknown }).value;
const toid = (ledger: number, transaction: number, operation: number) =>
  String(encodeToid({ ledger, transaction, operation })).padStart(19, '0');
const endOf = (ledger: number) => `${toid(ledger, 0xf_ffff, 0xfff)}-4294967295`;

beforeAll(async () => {
  network = await openTestNetwork({ mineMode: 'manual' });
  alice = await network.account();
  bob = await network.account();
  const payment = (to: Keypair, amount: string) =>
    Operation.payment({ destination: to.publicKey(), asset: Asset.native(), amount });
  const paid = await network.build(alice, [payment(bob, '1'), payment(bob, '2')]);
  paid.sign(alice);
  await network.submit(paid);
  const failed = await network.build(bob, [payment(alice, '99999999')]);
  failed.sign(bob);
  await network.submit(failed);
  const carol = await network.account();
  const xlm = new Contract(network.net.nativeTokenContractId);
  const transfer = xlm.call(
    'transfer',
    Address.fromString(carol.publicKey()).toScVal(),
    Address.fromString(bob.publicKey()).toScVal(),
    nativeToScVal(3n, { type: 'i128' }),
  );
  await network.invoke(carol, transfer);
  network.net.mine();
  busy = network.net.latestLedger().sequence;
  network.net.warp({ ledgers: 2 });
});

describe('the events of a ledger', () => {
  it('come as fees, then operations, then refunds, each with its place in its id', async () => {
    const { events } = await page({ startLedger: busy });
    const hashes = [...new Set(events.map(({ txHash }) => txHash))];
    const places = events.map((event) => [
      nameOf(event)?.toString(),
      event.id,
      event.transactionIndex,
      event.operationIndex,
      hashes.indexOf(event.txHash),
    ]);
    const paidFirst = events.find(({ operationIndex }) => operationIndex === 1)!.transactionIndex;
    const id = (transaction: number, operation: number, event: number) =>
      `${toid(busy, transaction, operation)}-${String(event).padStart(10, '0')}`;
    expect(places).toEqual([
      ['fee', id(0, 0, 0), 0, 0, 0],
      ['fee', id(0, 0, 1), 0, 0, 1],
      ['fee', id(0, 0, 2), 0, 0, 2],
      ['transfer', id(paidFirst, 0, 0), paidFirst, 0, paidFirst - 1],
      ['transfer', id(paidFirst, 1, 0), paidFirst, 1, paidFirst - 1],
      ['transfer', id(3, 0, 0), 3, 0, 2],
      ['fee', id(0xf_ffff, 0, 0), 0xf_ffff, 0, 2],
    ]);
  });

  it('have the fields of stellar-rpc', async () => {
    const event = (await page({ startLedger: busy })).events.at(-2)!;
    expect(event).toMatchObject({
      type: 'contract',
      ledger: busy,
      ledgerClosedAt: new Date((START_SECONDS + 1) * 1000).toISOString().replace('.000Z', 'Z'),
      contractId: network.net.nativeTokenContractId,
      inSuccessfulContractCall: true,
    });
    expect(event.topic).toHaveLength(4);
    const { events } = (await network.net.rpc('getTransaction', { hash: event.txHash })) as {
      events: { contractEventsXdr: string[][] };
    };
    const emitted = xdr.ContractEvent.fromXdr(events.contractEventsXdr[0]![0]!, 'base64').body.v0;
    expect(emitted.topics.map((topic) => topic.toXdr('base64'))).toEqual(event.topic);
    expect(emitted.data.toXdr('base64')).toBe(event.value);
  });

  it('are the fee alone of a transaction that failed', async () => {
    const { events } = await page({ startLedger: busy });
    const failed = events.filter(({ inSuccessfulContractCall }) => !inSuccessfulContractCall);
    expect(failed.map((event) => nameOf(event)?.toString())).toEqual(['fee']);
    const reply = await network.transaction(failed[0]!.txHash);
    expect(reply.status).toBe('FAILED');
    expect(metaOf(reply).events).toHaveLength(1);
  });

  it('come as XDR-JSON when asked for', async () => {
    const { events } = (await page({ startLedger: busy, xdrFormat: 'json' })) as unknown as {
      events: Record<string, unknown>[];
    };
    expect(events.at(-2)).toMatchObject({
      topicJson: [
        { symbol: 'transfer' },
        { address: expect.any(String) },
        { address: bob.publicKey() },
        { string: 'native' },
      ],
      valueJson: { i128: '3' },
    });
    expect(events[0]).not.toHaveProperty('topic');
    expect(events[0]).not.toHaveProperty('value');
  });
});

describe('pages of events', () => {
  it('follow one another without a gap or a repetition, whatever their size', async () => {
    const all = (await page({ startLedger: 1 })).events.map(({ id }) => id);
    expect(all).toEqual([...new Set(all)].sort());
    for (const limit of [1, 2, 3, all.length]) {
      const paged: string[] = [];
      let next = await page({ startLedger: 1, pagination: { limit } });
      while (next.events.length > 0) {
        paged.push(...next.events.map(({ id }) => id));
        next = await page({ pagination: { cursor: next.cursor, limit } });
      }
      expect(paged).toEqual(all);
    }
  });

  it('end at the last event when they are full, and at the end of the range when not', async () => {
    const full = await page({ startLedger: busy, pagination: { limit: 2 } });
    expect(full.cursor).toBe(full.events[1]!.id);
    expect((await page({ startLedger: busy })).cursor).toBe(endOf(busy + 2));
    expect((await page({ startLedger: busy, endLedger: busy + 1 })).cursor).toBe(endOf(busy));
    expect((await page({ startLedger: busy, endLedger: busy + 1 })).events).toHaveLength(7);
    expect(
      (await page({ startLedger: busy - 1, endLedger: busy })).events.every(({ ledger }) => ledger < busy),
    ).toBe(true);
  });

  it('go on after the end of the latest ledger', async () => {
    const { cursor } = await page({ startLedger: busy });
    expect(await page({ pagination: { cursor } })).toMatchObject({ events: [], cursor });
  });

  it('reach over 10,000 ledgers at most', async () => {
    const far = await openTestNetwork();
    far.net.warp({ ledgers: 15_000 });
    expect(await far.net.rpc('getEvents', { startLedger: 2 })).toMatchObject({ cursor: endOf(10_001) });
  });

  it('take filters by contract and topic', async () => {
    const count = async (filter: object) =>
      (await page({ startLedger: busy, filters: [filter] })).events.length;
    const contractIds = [network.net.nativeTokenContractId];
    expect(await count({ contractIds })).toBe(7);
    expect(await count({ type: 'system' })).toBe(0);
    expect(await count({ type: 'system,contract' })).toBe(7);
    expect(await count({ topics: [[symbol('transfer'), '**']] })).toBe(3);
    expect(await count({ topics: [[symbol('fee'), '*']] })).toBe(4);
    const toBob = Address.fromString(bob.publicKey()).toScVal().toXdr('base64');
    expect(
      await count({
        topics: [
          ['*', '*', toBob, '*'],
          [symbol('fee'), toBob],
        ],
      }),
    ).toBe(4);
    expect(await count({ contractIds: [Address.contract(Buffer.alloc(32)).toString()] })).toBe(0);
  });

  it('answer an empty or missing list of filters alike', async () => {
    const { events } = await page({ startLedger: busy });
    expect((await page({ startLedger: busy, filters: [] })).events).toEqual(events);
  });
});

describe('getEvents', () => {
  it.each<[object, number, string]>([
    [{}, -32602, 'startLedger must be positive'],
    [{ startLedger: 0 }, -32602, 'startLedger must be positive'],
    [
      { startLedger: 1, pagination: { cursor: '1-1' } },
      -32602,
      'ledger ranges and cursor cannot both be set',
    ],
    [{ endLedger: 9, pagination: { cursor: '1-1' } }, -32602, 'ledger ranges and cursor cannot both be set'],
    [{ startLedger: 1, pagination: { limit: 10_001 } }, -32602, 'limit must not exceed 10000'],
    [
      { startLedger: 1, xdrFormat: 'yaml', filters: Array(6).fill({}) },
      -32602,
      "got 'yaml': expected base64, json",
    ],
    [{ startLedger: 1, filters: Array(6).fill({}) }, -32602, 'maximum 5 filters per request'],
    [{ startLedger: 1, filters: {} }, -32602, "'filters' must be a list"],
    [{ startLedger: 1, filters: [7] }, -32602, 'filter 1 invalid'],
    [{ startLedger: 1_000 }, -32600, 'startLedger must be within the ledger range: 1 - '],
    [
      { pagination: { cursor: '0000000000000000001-0000000000' } },
      -32600,
      'startLedger must be within the ledger range: 1 - ',
    ],
    [{ pagination: { cursor: 'x' } }, -32602, 'invalid event id x'],
    [{ pagination: { cursor: '9223372036854775808-0' } }, -32602, 'invalid event id'],
    [{ pagination: { cursor: '1-4294967296' } }, -32602, 'invalid event id'],
    [{ startLedger: -1 }, -32602, "'startLedger' must be a whole number"],
    [{ startLedger: 1.5 }, -32602, "'startLedger' must be a whole number"],
    [{ startLedger: '1' }, -32602, "'startLedger' must be a whole number"],
    [{ startLedger: 1, pagination: { limit: -1 } }, -32602, "'limit' must be a whole number"],
    [{ startLedger: 1, pagination: 'x' }, -32602, "'pagination' must be an object"],
  ])('refuses %j', async (params, code, message) => {
    await expect(page(params)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
