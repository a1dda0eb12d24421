// Puts the server together: the only place where its parts meet. Tests and the command line call it alike; nothing
// in here knows whether the network behind `rpcUrl` is embedded, a test network or the real one.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createRpc } from '@latchkey/sdk/chain';
import { type Logger, pino } from 'pino';
import { createRecoveryCodes } from './auth/recoveryCodes.ts';
import { createSessions } from './auth/sessions.ts';
import { type Config, ConfigError } from './config.ts';
import { databaseFile, openDatabase, UnusableDatabase } from './db/database.ts';
import { startDueWork } from './dueWork.ts';
import { createApp } from './http/app.ts';
import { type Listener, listen } from './http/listen.ts';
import { createInbox, createSmtpMailer } from './mail/mailer.ts';
import { createNetworkCheck, WrongNetwork } from './relayer/network.ts';
import { createSponsor } from './relayer/sponsor.ts';
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

async function createServices(config: Config, options: SpawnOptions) {
  const nowMs = options.nowMs ?? Date.now;
  const log = options.log ?? defaultLog(config.logLevel);
  mkdirSync(dirname(databaseFile(config.databaseUrl)), { recursive: true });
  const { relyingParty, networkPassphrase, maxFeeStroops, factoryId, rotationDelaySeconds } = config;
  const db = await openDatabase(config.databaseUrl);
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
  const relayer = createRelayer({
    db,
    log,
    nowMs,
    chain: { rpc, sponsor, factoryId, maxFeeStroops, confirmNetwork },
    effects: walletEffects({ nowMs, notify, nativeTokenId: config.nativeTokenId }),
    onSettled: () => wakeDueWork(),
    ...(options.observe ? { observe: options.observe } : {}),
  });
  const sessions = createSessions({ db, jwtSecret: config.jwtSecret, nowMs });
  const recoveryCodes = createRecoveryCodes({ db, secret: config.jwtSecret, nowMs });
  const tokens = createTokens({ rpc, nativeTokenId: config.nativeTokenId });
  const friendbot = createFriendbot({ db, rpc, tokens, log });
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
    config,
    log,
    db,
    rpc,
    mailer,
    sponsor,
    relayer,
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
  const { relayer, db } = services;
  const listeners: Listener[] = [];
  try {
    await checkNetwork(services);
    listeners.push(await listen(createApp(services, config.webDir).fetch, config.port, config.host));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  relayer.start();
  const { sendDueMail: sendMail, friendbot, executeDueRotations, log } = services;
  const work = startDueWork([sendMail, () => friendbot.fundDue(), executeDueRotations], log);
  services.onDueWork(work.wake);

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
      await relayer.stop();
      await db.destroy();
    },
  };
}
