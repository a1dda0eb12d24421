// The indexer put together: reading the network, the balances that follow from it, and telling who asked to be told. One
// process at a time does the work of each step; others that try find the cursor moved and go on from there.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { createAssetContracts } from './assetContracts.ts';
import { readDueBalances } from './balances.ts';
import { type Filled, fillGaps } from './fill.ts';
import { createIngest } from './ingest.ts';

export type IndexerSettings = {
  networkPassphrase: string;
  factoryIds: string[];
  /** hex hashes of wallet code that is believed, beside what a wallet was deployed with */
  knownWasmHashes: string[];
  nativeTokenId: string;
  startLedger: number | null;
};

export type Indexer = {
  /** Reads and stores all events that there are. @throws LatchkeyError NETWORK_UNAVAILABLE, RpcError */
  catchUp(): Promise<void>;
  /** See fill.ts. */
  fill(toLedger: number | null): Promise<Filled | null>;
  /** Reads the balances that have changed; those that cannot be read now are tried again later. */
  readBalances(): Promise<void>;
};

export function createIndexer(deps: {
  db: Database;
  rpc: Rpc;
  log: Logger;
  nowMs: () => number;
  settings: IndexerSettings;
  /** @throws when the node serves another network than is configured */
  confirmNetwork: () => Promise<void>;
  eventsPerPage?: number;
  inTransaction?: () => void;
  onStored?: (nextLedger: number) => void;
}): Indexer {
  const { db, rpc, settings, confirmNetwork, ...others } = deps;
  const ingest = createIngest({
    db,
    rpc,
    ...others,
    startLedger: settings.startLedger,
    rules: {
      factoryIds: new Set(settings.factoryIds),
      knownWasmHashes: new Set(settings.knownWasmHashes),
      nativeTokenId: settings.nativeTokenId,
      assetContract: createAssetContracts(settings.networkPassphrase),
    },
  });
  return {
    async catchUp() {
      await confirmNetwork();
      await ingest.catchUp();
    },
    async fill(toLedger) {
      await confirmNetwork();
      return fillGaps({ db, rpc, ingest }, toLedger);
    },
    readBalances: () => readDueBalances(db, rpc, others.nowMs),
  };
}
