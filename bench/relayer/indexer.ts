// Events that the indexer reads, understands and stores per second of the clock, each batch in a transaction with its
// cursor, on each database: 83 events a ledger as full ledgers have them, one wallet deployed in each. The node is left
// out (recordedEvents.ts), and so are the balances, which are asked of it.
import { pino } from 'pino';
import type { Database } from '../../server/src/db/database.ts';
import { createAssetContracts } from '../../server/src/indexer/assetContracts.ts';
import { createIngest } from '../../server/src/indexer/ingest.ts';
import type { Figure, Progress } from '../figure.ts';
import { onLibsql, onPostgres } from './databases.ts';
import { type History, recordedHistory } from './recordedEvents.ts';

const MIN_PER_SECOND_LIBSQL = 5_000;
const MIN_PER_SECOND_POSTGRES = 3_000;

export async function indexer(progress: Progress): Promise<Figure[]> {
  const history = await recordedHistory();
  progress(`relayer: indexing ${history.events} events`);
  const libsql = await onLibsql((db) => perSecond(db, history));
  const figures: Figure[] = [
    {
      key: 'indexer.eventsPerSecondLibsql',
      value: libsql,
      target: MIN_PER_SECOND_LIBSQL,
      isLeast: true,
    },
  ];
  const postgres = await onPostgres(progress, (db) => perSecond(db, history));
  if (postgres === null) return figures;
  return [
    ...figures,
    {
      key: 'indexer.eventsPerSecondPostgres',
      value: postgres,
      target: MIN_PER_SECOND_POSTGRES,
      isLeast: true,
    },
  ];
}

async function perSecond(db: Database, { rpc, events, factoryId }: History): Promise<number> {
  const ingest = createIngest({
    db,
    rpc,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
    startLedger: null,
    rules: {
      factoryIds: new Set([factoryId]),
      knownWasmHashes: new Set(),
      nativeTokenId: '',
      assetContract: createAssetContracts('Standalone Network ; February 2017'),
    },
  });
  const start = performance.now();
  await ingest.catchUp();
  const seconds = (performance.now() - start) / 1_000;
  const { stored } = await db
    .selectFrom('wallet_events')
    .select((eb) => eb.fn.countAll<number>().as('stored'))
    .executeTakeFirstOrThrow();
  if (Number(stored) < events / 2) throw new Error(`only ${stored} of ${events} events were stored`);
  return events / seconds;
}
