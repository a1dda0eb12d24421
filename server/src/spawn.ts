// Puts the server together: the only place where its parts meet, but for the indexer's (spawnIndexer.ts) and settlement's
// (settlementServices.ts). Tests and the command line call it alike; nothing in here knows whether the network behind `rpcUrl` is embedded, a test network or the real one.
import { createRpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import { createEmailCodes, RECOVERY } from './auth/emailCodes.ts';
import { createSessions } from './auth/sessions.ts';
import { type Config, ConfigError, type RelayerConfig } from './config.ts';
import { UnusableDatabase } from './db/database.ts';
import { createGroupCommit } from './db/groupCommit.ts';
import { isSettlementKind } from './db/schema.ts';
import { startDueWork } from './dueWork.ts';
import { createApp, createRelayerApp } from './http/app.ts';
import { type Listener, listen } from './http/listen.ts';
import { createKeptConnections } from './keptConnections.ts';
import { createInbox, createSmtpMailer } from './mail/mailer.ts';
import { createOtherNetwork } from './otherNetwork.ts';
import { openChannelKeys } from './relayer/channelKeys.ts';
import { createChannelPool } from './relayer/channelPool.ts';
import { createIntake } from './relayer/intake.ts';
import { createKnownWallets } from './relayer/knownWallets.ts';
import { createRelayerMetrics } from './relayer/metrics.ts';
import { createNetworkCheck, createNetworkGate, WrongNetwork } from './relayer/network.ts';
import { createKeptSimulations } from './relayer/simulations.ts';
import { createSponsor } from './relayer/sponsor.ts';
import { createSponsorWatch } from './relayer/sponsorWatch.ts';
import { createRelayer, type StepObserver } from './relayer/worker.ts';
import { openSettlement } from './settlementServices.ts';
import {
  confirmUnlessAway,
  createIndexerServices,
  defaultLog,
  INDEX_EVERY_MS,
  openStorage,
  openWebhookSecrets,
  startIndexing,
} from './spawnIndexer.ts';
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

export type RelayerServices = Awaited<ReturnType<typeof createRelayerServices>>;

/** How often settlement wallets are looked at, besides whenever a submission of theirs has settled. */
const SETTLE_EVERY_MS = 1_000;

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
  /** Listens on another port with a built web application, wallet or dashboard, beside the API. */
  serveWeb(port: number, webDir: string): Promise<string>;
  /** Answers what is in progress, then stops. */
  close(): Promise<void>;
};

/** What submits: in the roles `all` and `relayer`. */
async function createRelayerServices(config: RelayerConfig, options: SpawnOptions) {
  const nowMs = options.nowMs ?? Date.now;
  const log = options.log ?? defaultLog(config.logLevel);
  const { networkPassphrase, maxFeeStroops, factoryId } = config;
  const { db, rateLimits } = await openStorage(config, log);
  const rpc = createRpc(config.rpcUrl, { fetch: createKeptConnections() });
  const sponsor = createSponsor(rpc, config.sponsorSecretKey, networkPassphrase);
  const notify = createNotify(config.appName);
  const gate = createNetworkGate(createNetworkCheck(rpc, networkPassphrase));
  const confirmNetwork = gate.confirm;
  // Set once due work is running: mail about a settled submission should not wait for the next round.
  let wakeDueWork = () => {};
  let wakeSettlement = () => {};
  const keys = await openChannelKeys(db, config.keyEncryptionKey);
  const pool = createChannelPool({ db, rpc, sponsor, keys, size: config.channels, confirmNetwork, log });
  const sponsorWatch = createSponsorWatch({ sponsor, lowStroops: config.sponsorLowStroops, nowMs, log });
  const metrics = createRelayerMetrics({ db, sponsorWatch, nowMs });
  const wallets = createKnownWallets({ rpc, factoryId, wasmHashes: config.knownWalletHashes });
  const opened = await openSettlement({ db, config, nowMs, log });
  const commit = createGroupCommit(db);
  const simulations = createKeptSimulations(rpc);
  const relayer = createRelayer({
    db,
    commit,
    log,
    nowMs,
    chain: {
      rpc,
      sponsor,
      networkPassphrase,
      factoryId,
      nativeTokenId: config.nativeTokenId,
      confirmNetwork,
      simulations,
    },
    pool,
    maxFeeStroops,
    isAlone: config.database.url.startsWith('file:'),
    effects: {
      ...walletEffects({ nowMs, notify, nativeTokenId: config.nativeTokenId }),
      ...opened.effectsOn(config.nativeTokenId),
    },
    signaturesOf: opened.signaturesOn(),
    onSettled: (row) => {
      metrics.settled(row);
      // Nobody gets mail about a submission by API key.
      if (isSettlementKind(row.kind)) wakeSettlement();
      else if (row.account_id !== null) wakeDueWork();
    },
    ...(options.observe ? { observe: options.observe } : {}),
  });
  return {
    config,
    nowMs,
    log,
    db,
    rateLimits,
    rpc,
    sponsor,
    notify,
    confirmNetwork,
    gate,
    pool,
    sponsorWatch,
    metrics,
    relayer,
    intake: createIntake({
      db,
      rpc,
      sponsor,
      wallets,
      simulations,
      commit,
      networkPassphrase,
      confirmNetwork,
      wake: relayer.wake,
      nowMs,
    }),
    settlementParts: { commit, keys, opened },
    onDueWork: (wake: { mail: () => void; settlement: () => void }) => {
      wakeDueWork = wake.mail;
      wakeSettlement = wake.settlement;
    },
    wakeSettlement: () => wakeSettlement(),
  };
}

async function createServices(config: Config, options: SpawnOptions) {
  const relaying = await createRelayerServices(config, options);
  const { db, rpc, relayer, sponsor, notify, confirmNetwork, rateLimits, log, nowMs, wakeSettlement } =
    relaying;
  const { relyingParty, networkPassphrase, maxFeeStroops, factoryId, rotationDelaySeconds } = config;
  const mailer = config.smtp ? createSmtpMailer(config.smtp) : createInbox(nowMs);
  const guardian = createGuardian({ rpc, secretKey: config.guardianSecretKey, networkPassphrase });
  const walletGuardian = createWalletGuardian({
    rpc,
    guardianAddress: guardian.address,
    rotationDelaySeconds,
    recoveryContractId: config.recoveryContractId,
  });
  const sessions = createSessions({ db, jwtSecret: config.jwtSecret, nowMs });
  const recoveryCodes = createEmailCodes({
    db,
    rateLimits,
    secret: config.jwtSecret,
    nowMs,
    purpose: RECOVERY,
  });
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
  const { commit, keys, opened } = relaying.settlementParts;
  const otherNetwork = createOtherNetwork({
    ...{ config, db, commit, keys, opened, log, nowMs, onSettled: wakeSettlement },
    ...(options.observe ? { observe: options.observe } : {}),
  });
  const settlement = opened.create(config, {
    other: otherNetwork?.network ?? null,
    rpc,
    relayer,
    sponsor,
    mailer,
    rateLimits,
    walletGuardian,
    confirmNetwork,
    wake: wakeSettlement,
  });
  return {
    ...createIndexerServices({ config, rateLimits, db, rpc, log, nowMs, confirmNetwork }),
    ...relaying,
    config,
    mailer,
    settlement,
    otherNetwork,
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
    walletGuardian,
    executeDueRotations: createDueRotations({ db, rpc, relayer, notify, nowMs }),
    sendDueMail: () => sendDueMail({ db, mailer, log, nowMs }),
    views: createWalletViews({ db, rpc, tokens, friendbot, networkPassphrase }),
    activityLog: createActivityLog({ db, rpc, tokens }),
  };
}

/**
 * A node that does not answer is waited for. Where merchants are on another network too, a network that was reset is done
 * without, as test networks are every few months: the others must not wait for it.
 * @throws WrongNetwork, UnusableDatabase or ConfigError for what waiting does not mend
 */
async function checkNetwork(services: Services): Promise<void> {
  const { gate, walletGuardian, settlement, otherNetwork, config, db, rpc, log } = services;
  try {
    await gate.confirm();
    await requireUsableDatabase(db, rpc);
    await settlement?.requireUsableDatabase(config.settlement!.networkName);
    await walletGuardian();
  } catch (error) {
    if (error instanceof UnusableDatabase && otherNetwork) {
      gate.shut();
      log.error(`Nothing is sent to this server's own network: ${error.message}`);
      return;
    }
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
    await openWebhookSecrets(services);
    await checkNetwork(services);
    await services.otherNetwork?.check(services.settlement);
    listeners.push(await listen(createApp(services, config.webDir).fetch, config.port, config.host));
  } catch (error) {
    rateLimits.close();
    await db.destroy();
    throw error;
  }
  relayer.start();
  services.otherNetwork?.start();
  const { sendDueMail: sendMail, friendbot, executeDueRotations, pool, sponsorWatch, log } = services;
  const work = startDueWork(
    [sendMail, () => friendbot.fundDue(), executeDueRotations, pool.reconcile, sponsorWatch.look],
    log,
  );
  const settling = startDueWork(services.settlement?.dueWork ?? [], log, SETTLE_EVERY_MS);
  const following = (services.settlement?.following ?? []).map((task) =>
    startDueWork([task], log, INDEX_EVERY_MS),
  );
  services.onDueWork({ mail: work.wake, settlement: settling.wake });
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
      await services.settlement?.close();
      await Promise.all(listeners.map((listener) => listener.close()));
      await work.stop();
      await settling.stop();
      await Promise.all(following.map((it) => it.stop()));
      await indexing.stop();
      await Promise.all([relayer.stop(), services.otherNetwork?.stop()]);
      rateLimits.close();
      await db.destroy();
    },
  };
}

/**
 * The role `relayer`: submits for holders of API keys, and works the queue of the servers that share its database. No
 * wallets are served, and the network is not read beyond what that takes.
 * @throws WrongNetwork when the node answers and serves another one
 */
export async function spawnRelayer(
  config: RelayerConfig,
  options: SpawnOptions = {},
): Promise<Pick<Server, 'url' | 'close'>> {
  const services = await createRelayerServices(config, options);
  const { relayer, db, rateLimits, pool, sponsorWatch, confirmNetwork, log } = services;
  try {
    await confirmUnlessAway(confirmNetwork, log);
    const listener = await listen(createRelayerApp(services).fetch, config.port, config.host);
    relayer.start();
    const work = startDueWork([pool.reconcile, sponsorWatch.look], log);
    return {
      url: listener.url,
      async close() {
        await listener.close();
        await work.stop();
        await relayer.stop();
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
