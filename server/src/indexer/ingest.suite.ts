// Reading from the cursor on, whichever database it is in: gaps, other networks, nodes that are behind, and two readers.
import type { Rpc, RpcMethod, RpcMethods } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { clearIndex, indexerCursor, indexerGaps } from '../db/indexerCursor.ts';
import { createIngest } from './ingest.ts';
import { createLookups } from './lookups.ts';
import { contractId, events } from './testing/events.ts';

const [factory, wallet, native] = [1, 2, 6].map(contractId) as [string, string, string];

/** A node whose ledgers are what a test says. */
type Node = { oldest: number; latest: number; name: string };

let node: Node;
let db: Database;
const chain = [events.deployed(150, factory, wallet), events.deployed(250, factory, contractId(3))];

const rpc = {
  url: 'http://node',
  async call(method: RpcMethod, params: unknown) {
    const { oldest: oldestLedger, latest: latestLedger } = node;
    if (method === 'getHealth') return { status: 'healthy', latestLedger, oldestLedger };
    if (method === 'getLedgers') {
      const sequence = (params as RpcMethods['getLedgers']['params']).startLedger;
      return { ledgers: [{ sequence, hash: `${node.name} ${sequence}` }], latestLedger, oldestLedger };
    }
    const { startLedger, endLedger } = params as { startLedger: number; endLedger: number };
    if (startLedger < oldestLedger || startLedger > latestLedger) throw new Error('outside of the node');
    const found = chain.filter(({ ledger }) => ledger >= startLedger && ledger < endLedger);
    return { events: found, cursor: '', latestLedger, oldestLedger };
  },
} as Rpc;

function ingest(startLedger: number | null = null) {
  return createIngest({
    db,
    rpc,
    log: pino({ level: 'silent' }),
    nowMs: () => 42,
    startLedger,
    rules: {
      factoryIds: new Set([factory]),
      knownWasmHashes: new Set(),
      nativeTokenId: native,
      assetContract: () => null,
    },
  });
}

const wallets = async () =>
  (await db.selectFrom('indexed_wallets').select('address').orderBy('deployed_at_ledger').execute()).map(
    (it) => it.address,
  );

export function ingestSuite(openNew: () => Promise<Database>): void {
  beforeEach(async () => {
    db = await openNew();
    node = { oldest: 100, latest: 200, name: 'this network' };
    await ingest().catchUp();
    expect(await wallets()).toEqual([wallet]);
  });
  afterEach(() => db.destroy());

  describe('ledgers that the node does not have any more', () => {
    beforeEach(() => {
      node = { ...node, oldest: 230, latest: 300 };
    });

    it('stop the reading, and are named with what to do', async () => {
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 201, status: 'gap' });
      const text = (await indexerCursor(db))!.status_text;
      expect(text).toContain('Ledgers 201 to 229');
      expect(text).toContain('INDEXER_START_LEDGER');
      expect(await wallets()).toEqual([wallet]);
    });

    it('are no gap once a node has them', async () => {
      await ingest().catchUp();
      node = { ...node, oldest: 100 };
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({
        next_ledger: 301,
        status: 'following',
        status_text: null,
      });
      expect(await indexerGaps(db)).toEqual([]);
      expect(await wallets()).toHaveLength(2);
    });

    it('are left out, and remembered as a gap, where the settings say so', async () => {
      await ingest(240).catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 301, status: 'following' });
      expect(await indexerGaps(db)).toEqual([{ from_ledger: 201, to_ledger: 239, found_at: 42 }]);
      const lookups = createLookups({ db, nowMs: () => 0 });
      expect(await lookups.wallet(wallet)).toMatchObject({ isComplete: false });
      expect(await lookups.wallet(contractId(3))).toMatchObject({ isComplete: true });
      expect(await wallets()).toHaveLength(2);
    });

    it('stop a start from a ledger before them', async () => {
      await clearIndex(db);
      await ingest(120).catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 120, status: 'gap' });
    });
  });

  describe('another network under the same numbers', () => {
    it('stops the reading until what was read is forgotten', async () => {
      node = { oldest: 100, latest: 300, name: 'another network' };
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 201, status: 'network-reset' });
      expect(await wallets()).toHaveLength(1);
      await db.transaction().execute(clearIndex);
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 301, status: 'following' });
      expect(await wallets()).toHaveLength(2);
    });

    it('is noticed while running, once it has come as far', async () => {
      const running = ingest();
      await running.catchUp();
      node = { oldest: 1, latest: 50, name: 'another network' };
      await running.catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 201, status: 'behind' });
      node = { ...node, latest: 260 };
      await running.catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 201, status: 'network-reset' });
    });
  });

  describe('a node that is behind', () => {
    it('is waited for', async () => {
      node = { ...node, latest: 190 };
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 201, status: 'behind' });
      node = { ...node, latest: 300 };
      await ingest().catchUp();
      expect(await indexerCursor(db)).toMatchObject({
        next_ledger: 301,
        status: 'following',
        status_text: null,
      });
    });
  });

  describe('two indexers on one database', () => {
    it('store each ledger once', async () => {
      node = { ...node, latest: 300 };
      await Promise.all([ingest().catchUp(), ingest().catchUp(), ingest().catchUp()]);
      expect(await indexerCursor(db)).toMatchObject({ next_ledger: 301, status: 'following' });
      const deployed = await db.selectFrom('wallet_events').select('id').execute();
      expect(deployed).toHaveLength(2);
    });
  });
}
