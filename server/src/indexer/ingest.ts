// Follows the network's events from the cursor on. What whole ledgers say and the cursor behind them are stored in one
// transaction, so a process killed anywhere goes on where the last one was. Ledgers that the node no longer has are a gap,
// and other ledgers under the same numbers are another network: both stop the reading and say what to do, because
// going on would make look-ups wrong without anybody knowing.
import { type ChainEvent, type Rpc, readEventPages } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import {
  beginCursor,
  CursorMoved,
  type IndexerCursor,
  indexerCursor,
  insertGap,
  moveCursor,
  setAnchor,
  setIndexerStatus,
} from '../db/indexerCursor.ts';
import { applyEvents, type IndexRules } from './apply.ts';
import { eventFilters } from './decode.ts';

/** About an hour: how old the hash may be that tells this network from another. */
const ANCHOR_EVERY_LEDGERS = 720;

type ReadingStatus = 'following' | 'filling';

/** What is waiting for somebody: the status that says so stays until it is mended. */
export class IndexerStopped extends Error {
  override readonly name = 'IndexerStopped';
  readonly status: 'gap' | 'network-reset';
  constructor(status: 'gap' | 'network-reset', message: string) {
    super(message);
    this.status = status;
  }
}

export type Ingest = {
  /** Reads and stores up to the node's latest ledger. @throws LatchkeyError NETWORK_UNAVAILABLE, RpcError */
  catchUp(): Promise<void>;
  /** @throws IndexerStopped when this node has another ledger where one is remembered, so is of another network */
  confirmNode(): Promise<void>;
  /**
   * Reads and stores from where a gap is being filled up to a ledger, while all others leave the index alone.
   * @throws IndexerStopped when the node does not have the ledgers
   */
  fill(lastLedger: number): Promise<void>;
};

export function createIngest(deps: {
  db: Database;
  rpc: Rpc;
  log: Logger;
  rules: IndexRules;
  nowMs: () => number;
  /** read from here on; null for the oldest ledger that the node has */
  startLedger: number | null;
  eventsPerPage?: number;
  /** called inside and after each transaction; tests stop the process there */
  inTransaction?: () => void;
  onStored?: (nextLedger: number) => void;
}): Ingest {
  const { db, rpc, log, rules, nowMs, startLedger } = deps;
  const { eventsPerPage } = deps;
  const filters = eventFilters([...rules.factoryIds]);
  let isAnchorChecked = false;

  async function ledgerHash(sequence: number): Promise<string | null> {
    const { ledgers } = await rpc.call('getLedgers', { startLedger: sequence, pagination: { limit: 1 } });
    return ledgers[0]?.sequence === sequence ? ledgers[0].hash : null;
  }

  /** @throws IndexerStopped when the node has another ledger under the anchor's number */
  async function checkAnchor(cursor: IndexerCursor, oldest: number, latest: number): Promise<void> {
    const { anchor_ledger: ledger, anchor_hash: hash } = cursor;
    if (ledger === null || ledger < oldest || ledger > latest) return;
    if ((await ledgerHash(ledger)) !== hash) {
      throw new IndexerStopped(
        'network-reset',
        `Ledger ${ledger} is not the one that was read: the network was reset, or STELLAR_RPC_URL serves another one. Point it at the former network, or start once with --reindex to forget what was read and begin anew.`,
      );
    }
    isAnchorChecked = true;
  }

  /** The cursor, if there is something to read; null while the node is behind. */
  async function position(oldest: number, latest: number): Promise<IndexerCursor | null> {
    await beginCursor(db, startLedger ?? oldest);
    const cursor = (await indexerCursor(db))!;
    if (cursor.status === 'filling') return null;
    const next = cursor.next_ledger;
    if (!isAnchorChecked) await checkAnchor(cursor, oldest, latest);
    if (latest < next - 1) {
      // A node that catches up is the usual case; that it serves another network shows once it has the anchor's ledger.
      isAnchorChecked = false;
      await setIndexerStatus(db, 'behind', `The node is at ledger ${latest}, and ${next - 1} was read.`);
      return null;
    }
    if (next < oldest) {
      const missing = `Ledgers ${next} to ${oldest - 1}`;
      if (startLedger === null || startLedger < oldest) {
        throw new IndexerStopped(
          'gap',
          `${missing} are older than what the node keeps. To fill the gap, name a node that has them: npm run indexer -- fill --rpc URL; to go on without them for now, set INDEXER_START_LEDGER to ${oldest} or a little more.`,
        );
      }
      await db.transaction().execute(async (trx) => {
        await insertGap(trx, { from_ledger: next, to_ledger: startLedger - 1, found_at: nowMs() });
        await moveCursor(trx, next, startLedger);
      });
      log.warn(`${missing} were not read, as INDEXER_START_LEDGER asks`);
      return position(oldest, latest);
    }
    return cursor;
  }

  /** Reads on from a ledger, as one who follows the network or as one who fills a gap; returns the first ledger not read. */
  function readFrom(from: number, latest: number, status: ReadingStatus): Promise<number> {
    return readEventPages(rpc, { filters, from, latest, eventsPerPage }, (events, first, next) =>
      store(events, first, next, status),
    );
  }

  async function store(events: ChainEvent[], from: number, to: number, status: ReadingStatus): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await moveCursor(trx, from, to, status);
      deps.inTransaction?.();
      await applyEvents(trx, events, rules);
    });
    deps.onStored?.(to);
  }

  async function anchor(cursor: IndexerCursor, last: number): Promise<void> {
    if (cursor.anchor_ledger !== null && last - cursor.anchor_ledger < ANCHOR_EVERY_LEDGERS) return;
    const hash = await ledgerHash(last);
    if (hash !== null) await setAnchor(db, last, hash);
  }

  async function read(): Promise<void> {
    for (;;) {
      const { latestLedger, oldestLedger } = await rpc.call('getHealth');
      const cursor = await position(oldestLedger, latestLedger);
      if (!cursor || cursor.next_ledger > latestLedger) return;
      const next = await readFrom(cursor.next_ledger, latestLedger, 'following');
      if (next === cursor.next_ledger) return;
      await anchor(cursor, next - 1);
    }
  }

  return {
    async confirmNode() {
      const { latestLedger, oldestLedger } = await rpc.call('getHealth');
      const cursor = await indexerCursor(db);
      if (cursor) await checkAnchor(cursor, oldestLedger, latestLedger);
    },
    async fill(lastLedger) {
      for (;;) {
        const cursor = await indexerCursor(db);
        if (cursor?.status !== 'filling' || cursor.next_ledger > lastLedger) return;
        const next = await readFrom(cursor.next_ledger, lastLedger, 'filling');
        if (next === cursor.next_ledger) throw new IndexerStopped('gap', `This node has no ledger ${next}.`);
      }
    },
    async catchUp() {
      try {
        await read();
      } catch (error) {
        if (error instanceof CursorMoved) return;
        if (!(error instanceof IndexerStopped)) throw error;
        const before = await indexerCursor(db);
        if (before?.status_text !== error.message) log.error({ status: error.status }, error.message);
        await setIndexerStatus(db, error.status, error.message);
      }
    },
  };
}
