// Puts together what reads the network and answers from what was read: part of every server that shows wallets, and all
// of the role `indexer`, which has no sponsor and serves nothing else.
import { createRpc, type Rpc } from '@latchkey/sdk/chain';
import { type Logger, pino } from 'pino';
import { openRateLimits, type RateLimits } from './auth/rateLimits.ts';
import type { IndexerConfig } from './config.ts';
import { type Database, openDatabase } from './db/database.ts';
import { clearIndex } from './db/indexerCursor.ts';
import { type DueWork, startDueWork } from './dueWork.ts';
import { createIndexerApp } from './http/app.ts';
import { listen } from './http/listen.ts';
import { createDeliveries } from './indexer/deliver.ts';
import { createIndexer, type Indexer } from './indexer/indexer.ts';
import { createLookups } from './indexer/lookups.ts';
import { createWebhookSecrets } from './indexer/webhookSecrets.ts';
import { createWebhooks } from './indexer/webhooks.ts';
import { createNetworkCheck, WrongNetwork } from './relayer/network.ts';

export type IndexerServices = ReturnType<typeof createIndexerServices>;

/** How often the node is asked for another ledger. */
export const INDEX_EVERY_MS = 1_000;

export function defaultLog(level: string): Logger {
  return pino({ level, redact: ['req.headers', '*.token', '*.secretKey'] });
}

/** The indexer alone, on any node of the configured network. */
export function createIndexerOn(deps: {
  config: IndexerConfig;
  db: Database;
  rpc: Rpc;
  log: Logger;
  nowMs: () => number;
  confirmNetwork?: () => Promise<void>;
}): Indexer {
  const { config, db, rpc, log, nowMs } = deps;
  const { startLedger, formerFactoryIds } = config.indexer;
  const { networkPassphrase, nativeTokenId, knownWalletHashes: knownWasmHashes } = config;
  const factoryIds = [config.factoryId, ...formerFactoryIds];
  const settings = { networkPassphrase, nativeTokenId, factoryIds, knownWasmHashes, startLedger };
  const confirmNetwork = deps.confirmNetwork ?? createNetworkCheck(rpc, networkPassphrase);
  return createIndexer({ db, rpc, log, nowMs, settings, confirmNetwork });
}

export function createIndexerServices(deps: {
  config: IndexerConfig;
  rateLimits: RateLimits;
  db: Database;
  rpc: Rpc;
  log: Logger;
  nowMs: () => number;
  confirmNetwork: () => Promise<void>;
}) {
  const { config, rateLimits, db, rpc, log, nowMs, confirmNetwork } = deps;
  const secrets = config.keyEncryptionKey && createWebhookSecrets(config.keyEncryptionKey);
  return {
    config,
    log,
    db,
    rpc,
    rateLimits,
    indexer: createIndexerOn({ config, db, rpc, log, nowMs, confirmNetwork }),
    lookups: createLookups({ db, nowMs }),
    /** null where webhooks' secrets cannot be opened: another process of the database sends them */
    webhooks: secrets && {
      secrets,
      deliveries: createDeliveries({ db, log, secrets, nowMs }),
      endpoints: createWebhooks({ db, secrets, nowMs }),
    },
  };
}

/** Side by side: neither slow receivers nor slow tokens hold up the reading. */
export function startIndexing(services: IndexerServices): Pick<DueWork, 'stop'> {
  const { indexer, webhooks, log } = services;
  const tasks = [indexer.catchUp, indexer.readBalances, ...(webhooks ? [webhooks.deliveries.deliver] : [])];
  const running = tasks.map((task) => startDueWork([task], log, INDEX_EVERY_MS));
  return { stop: async () => void (await Promise.all(running.map((work) => work.stop()))) };
}

/** @throws WrongKeyEncryptionKey */
export async function openWebhookSecrets({ config, webhooks, db }: IndexerServices): Promise<void> {
  if (webhooks && config.jwtSecret !== null) await webhooks.secrets.sealDerived(db, config.jwtSecret);
}

export async function openStorage(
  config: IndexerConfig,
  log: Logger,
): Promise<{ db: Database; rateLimits: RateLimits }> {
  const rateLimits = await openRateLimits(config.redisUrl, log);
  const db = await openDatabase({
    ...config.database,
    onLostConnection: (error) => log.warn({ err: error }, 'a database connection was lost'),
  }).catch((error: unknown) => {
    rateLimits.close();
    throw error;
  });
  return { db, rateLimits };
}

/** @throws WrongNetwork when the node answers and serves another one. One that does not answer is waited for. */
export async function confirmUnlessAway(confirmNetwork: () => Promise<void>, log: Logger): Promise<void> {
  await confirmNetwork().catch((error: unknown) => {
    if (error instanceof WrongNetwork) throw error;
    log.warn({ err: error }, 'the network node does not answer yet');
  });
}

/**
 * The role `indexer`: reads the network, answers look-ups and tells webhooks, with no sponsor.
 * @throws WrongNetwork when the node answers and serves another one
 */
export async function spawnIndexer(
  config: IndexerConfig,
  options: { log?: Logger; nowMs?: () => number } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const log = options.log ?? defaultLog(config.logLevel);
  const { db, rateLimits } = await openStorage(config, log);
  const rpc = createRpc(config.rpcUrl);
  const confirmNetwork = createNetworkCheck(rpc, config.networkPassphrase);
  const nowMs = options.nowMs ?? Date.now;
  const services = createIndexerServices({ config, rateLimits, db, rpc, log, nowMs, confirmNetwork });
  try {
    await openWebhookSecrets(services);
    await confirmUnlessAway(confirmNetwork, log);
    const listener = await listen(createIndexerApp(services).fetch, config.port, config.host);
    const indexing = startIndexing(services);
    return {
      url: listener.url,
      async close() {
        await listener.close();
        await indexing.stop();
        rateLimits.close();
        await db.destroy();
      },
    };
  } catch (error) {
    rateLimits.close();
    await db.destroy();
    throw error;
  }
}

/** Empties the indexer's tables; webhook endpoints stay and are told everything again. */
export async function forgetIndex(config: IndexerConfig): Promise<void> {
  const db = await openDatabase(config.database);
  try {
    await db.transaction().execute(clearIndex);
  } finally {
    await db.destroy();
  }
}
