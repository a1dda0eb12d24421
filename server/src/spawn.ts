// Puts the server together: the only place where its parts meet. Tests and the command line call it alike; nothing
// in here knows whether the network behind `rpcUrl` is embedded, a test network or the real one.
import { createRpc, type Rpc } from '@latchkey/sdk/chain';
import { type Logger, pino } from 'pino';
import { openRateLimits, type RateLimits } from './auth/rateLimits.ts';
import { createRecoveryCodes } from './auth/recoveryCodes.ts';
import { createSessions } from './auth/sessions.ts';
import { type Config, ConfigError, type IndexerConfig } from './config.ts';
import { type Database, openDatabase, UnusableDatabase } from './db/database.ts';
import { clearIndex } from './db/indexerCursor.ts';
import { type DueWork, startDueWork } from './dueWork.ts';
import { createApp, createIndexerApp } from './http/app.ts';
import { type Listener, listen } from './http/listen.ts';
import { createDeliveries } from './indexer/deliver.ts';
import { createIndexer } from './indexer/indexer.ts';
import { createLookups } from './indexer/lookups.ts';
import { createWebhooks } from './indexer/webhooks.ts';
import { createInbox, createSmtpMailer } from './mail/mailer.ts';
import { openChannelKeys } from './relayer/channelKeys.ts';
import { createChannelPool } from './relayer/channelPool.ts';
import { createIntake } from './relayer/intake.ts';
import { createKnownWallets } from './relayer/knownWallets.ts';
import { createRelayerMetrics } from './relayer/metrics.ts';
import { createNetworkCheck, WrongNetwork } from './relayer/network.ts';
import { createSponsor } from './relayer/sponsor.ts';
import { createSponsorWatch } from './relayer/sponsorWatch.ts';
import { createRelayer, type StepObserver } from './relayer/worker.ts';
import { createActivityLog } from './wallets/activity.ts';
import { createApprovals } from './wallets/approval.ts';
import { createWalletCreation } from './wallets/create.ts';
import { requireUsableDatabase } from './wallets/databaseCheck.ts';
import { createDueRotations } from './wallets/dueRotations.ts';
import { walletEffects } from './wallets/effects.ts';
import { createFriendbot } from './wallets/friendbot.ts';
import { createGuardian, createWalletGuardian } from './wallets/guardian.ts';
import { createNotify, sendDueMail } from './wallets/notify.ts';
import { createRecovery } from './wallets/recover.ts';
import { createSignIn } from './wallets/signIn.ts';
import { createTokens } from './wallets/tokens.ts';
import { createTransfers } from './wallets/transfer.ts';
import { createWalletViews } from './wallets/view.ts';

export type Services = Awaited<ReturnType<typeof createServices>>;

export type IndexerServices = ReturnType<typeof createIndexerServices> & { config: IndexerConfig };

/** How often the node is asked for another ledger. */
const INDEX_EVERY_MS = 1_000;

export type SpawnOptions = {
  log?: Logger;
  nowMs?: () => number;
  /** called between the steps of a submission; tests stop the process there */
  observe?: StepObserver;
};

export type Server = {
  /** http://localhost:<port> of the API */
  url: string;
  services: Services;
  /** Listens on another port with the built web wallet beside the API. */
  serveWeb(port: number, webDir: string): Promise<string>;
  /** Answers what is in progress, then stops. */
  close(): Promise<void>;
};

function defaultLog(level: string): Logger {
  return pino({ level, redact: ['req.headers', '*.token', '*.secretKey'] });
}

/** What reads the network and answers from what was read: in every role. */
function createIndexerServices(deps: {
  config: IndexerConfig;
  rateLimits: RateLimits;
  db: Database;
  rpc: Rpc;
  log: Logger;
  nowMs: () => number;
  confirmNetwork: () => Promise<void>;
}) {
  const { config, rateLimits, db, rpc, log, nowMs, confirmNetwork } = deps;
  const { startLedger, formerFactoryIds } = config.indexer;
  const { networkPassphrase, nativeTokenId, knownWalletHashes: knownWasmHashes } = config;
  const factoryIds = [config.factoryId, ...formerFactoryIds];
  const settings = { networkPassphrase, nativeTokenId, factoryIds, knownWasmHashes, startLedger };
  const serverSecret = config.jwtSecret;
  return {
    config,
    log,
    db,
    rateLimits,
    indexer: createIndexer({ db, rpc, log, nowMs, settings, confirmNetwork }),
    deliveries: createDeliveries({ db, log, serverSecret, nowMs }),
    lookups: createLookups({ db, nowMs }),
    webhooks: createWebhooks({ db, serverSecret, nowMs }),
  };
}

/** Side by side: neither slow receivers nor slow tokens hold up the reading. */
function startIndexing({ indexer, deliveries, log }: IndexerServices): Pick<DueWork, 'stop'> {
  const tasks = [indexer.catchUp, indexer.readBalances, deliveries.deliver];
  const running = tasks.map((task) => startDueWork([task], log, INDEX_EVERY_MS));
  return { stop: async () => void (await Promise.all(running.map((work) => work.stop()))) };
}

async function openStorage(
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

async function createServices(config: Config, options: SpawnOptions) {
  const nowMs = options.nowMs ?? Date.now;
  const log = options.log ?? defaultLog(config.logLevel);
  const { relyingParty, networkPassphrase, maxFeeStroops, factoryId, rotationDelaySeconds } = config;
  const { db, rateLimits } = await openStorage(config, log);
  const rpc = createRpc(config.rpcUrl);
  const mailer = config.smtp ? createSmtpMailer(config.smtp) : createInbox(nowMs);
  const sponsor = createSponsor(rpc, config.sponsorSecretKey, networkPassphrase);
  const guardian = createGuardian({ rpc, secretKey: config.guardianSecretKey, networkPassphrase });
  const walletGuardian = createWalletGuardian({
    rpc,
    guardianAddress: guardian.address,
    rotationDelaySeconds,
    recoveryContractId: config.recoveryContractId,
  });
  const notify = createNotify(relyingParty.name);
  const confirmNetwork = createNetworkCheck(rpc, networkPassphrase);
  // Set once due work is running: mail about a settled submission should not wait for the next round.
  let wakeDueWork = () => {};
  const keys = await openChannelKeys(db, config.keyEncryptionKey);
  const pool = createChannelPool({ db, rpc, sponsor, keys, size: config.channels, confirmNetwork, log });
  const sponsorWatch = createSponsorWatch({ sponsor, lowStroops: config.sponsorLowStroops, nowMs, log });
  const metrics = createRelayerMetrics({ db, sponsorWatch, nowMs });
  const wallets = createKnownWallets({ rpc, factoryId, wasmHashes: config.knownWalletHashes });
  const relayer = createRelayer({
    db,
    log,
    nowMs,
    chain: { rpc, sponsor, networkPassphrase, factoryId, confirmNetwork },
    pool,
    maxFeeStroops,
    isAlone: config.database.url.startsWith('file:'),
    effects: walletEffects({ nowMs, notify, nativeTokenId: config.nativeTokenId }),
    onSettled: (row) => {
      metrics.settled(row);
      // Nobody gets mail about a submission by API key.
      if (row.account_id !== null) wakeDueWork();
    },
    ...(options.observe ? { observe: options.observe } : {}),
  });
  const sessions = createSessions({ db, jwtSecret: config.jwtSecret, nowMs });
  const recoveryCodes = createRecoveryCodes({ db, rateLimits, secret: config.jwtSecret, nowMs });
  const tokens = createTokens({ rpc, nativeTokenId: config.nativeTokenId });
  const friendbot = createFriendbot({ db, rpc, tokens, log, nowMs });
  const approvals = createApprovals({
    db,
    rpc,
    relyingParty,
    networkPassphrase,
    maxFeeStroops,
    confirmNetwork,
    nowMs,
    log,
  });
  const creation = createWalletCreation({
    db,
    rpc,
    relayer,
    sessions,
    friendbot,
    relyingParty,
    factoryId,
    walletGuardian,
    serverSecret: config.jwtSecret,
    nowMs,
  });
  return {
    ...createIndexerServices({ config, rateLimits, db, rpc, log, nowMs, confirmNetwork }),
    config,
    log,
    db,
    rateLimits,
    rpc,
    mailer,
    sponsor,
    pool,
    sponsorWatch,
    metrics,
    relayer,
    intake: createIntake({
      db,
      rpc,
      sponsor,
      wallets,
      networkPassphrase,
      confirmNetwork,
      wake: relayer.wake,
      nowMs,
    }),
    sessions,
    friendbot,
    creation,
    signIns: createSignIn({ db, sessions, relyingParty, nowMs, log }),
    transfers: createTransfers({ db, rpc, relayer, tokens, approvals, nowMs }),
    recovery: createRecovery({
      db,
      rpc,
      relayer,
      sessions,
      recoveryCodes,
      approvals,
      guardian,
      mailer,
      relyingParty,
      nowMs,
      log,
    }),
    onDueWork: (wake: () => void) => {
      wakeDueWork = wake;
    },
    confirmNetwork,
    walletGuardian,
    executeDueRotations: createDueRotations({ db, rpc, relayer, notify, nowMs }),
    sendDueMail: () => sendDueMail({ db, mailer, log, nowMs }),
    views: createWalletViews({ db, rpc, tokens, friendbot, networkPassphrase }),
    activityLog: createActivityLog({ db, rpc, tokens }),
  };
}

/**
 * @throws WrongNetwork, UnusableDatabase or ConfigError for what waiting does not mend. A node that does not answer is
 *   waited for.
 */
async function checkNetwork({ confirmNetwork, walletGuardian, db, rpc, log }: Services): Promise<void> {
  try {
    await confirmNetwork();
    await requireUsableDatabase(db, rpc);
    await walletGuardian();
  } catch (error) {
    if (error instanceof WrongNetwork || error instanceof UnusableDatabase || error instanceof ConfigError)
      throw error;
    log.warn({ err: error }, 'the network node does not answer yet');
  }
}

export async function spawn(config: Config, options: SpawnOptions = {}): Promise<Server> {
  const services = await createServices(config, options);
  const { relayer, db, rateLimits } = services;
  const listeners: Listener[] = [];
  try {
    await checkNetwork(services);
    listeners.push(await listen(createApp(services, config.webDir).fetch, config.port, config.host));
  } catch (error) {
    rateLimits.close();
    await db.destroy();
    throw error;
  }
  relayer.start();
  const { sendDueMail: sendMail, friendbot, executeDueRotations, pool, sponsorWatch, log } = services;
  const work = startDueWork(
    [sendMail, () => friendbot.fundDue(), executeDueRotations, pool.reconcile, sponsorWatch.look],
    log,
  );
  services.onDueWork(work.wake);
  const indexing = startIndexing(services);

  return {
    url: listeners[0]!.url,
    services,
    async serveWeb(port, webDir) {
      const listener = await listen(createApp(services, webDir).fetch, port, config.host);
      listeners.push(listener);
      return listener.url;
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
      await work.stop();
      await indexing.stop();
      await relayer.stop();
      rateLimits.close();
      await db.destroy();
    },
  };
}

/**
 * The role `indexer`: reads the network, answers look-ups and tells webhooks, with no key and no sponsor.
 * @throws WrongNetwork when the node answers and serves another one
 */
export async function spawnIndexer(
  config: IndexerConfig,
  options: Pick<SpawnOptions, 'log' | 'nowMs'> = {},
): Promise<Pick<Server, 'url' | 'close'>> {
  const log = options.log ?? defaultLog(config.logLevel);
  const { db, rateLimits } = await openStorage(config, log);
  const rpc = createRpc(config.rpcUrl);
  const confirmNetwork = createNetworkCheck(rpc, config.networkPassphrase);
  const services = createIndexerServices({
    config,
    rateLimits,
    db,
    rpc,
    log,
    nowMs: options.nowMs ?? Date.now,
    confirmNetwork,
  });
  try {
    await confirmNetwork().catch((error: unknown) => {
      if (error instanceof WrongNetwork) throw error;
      log.warn({ err: error }, 'the network node does not answer yet');
    });
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
