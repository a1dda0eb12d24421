// The other network that merchants may be moved to, as spawn.ts puts it together: a node, a sponsor and a relayer of its own
// on the same database, where rows and channel accounts name their network. People's wallets know nothing of it.
import { createRpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { type Database, UnusableDatabase } from './db/database.ts';
import type { Commit } from './db/groupCommit.ts';
import { type DueWork, startDueWork } from './dueWork.ts';
import { createKeptConnections } from './keptConnections.ts';
import type { ChannelKeys } from './relayer/channelKeys.ts';
import { createChannelPool } from './relayer/channelPool.ts';
import { createNetworkCheck, WrongNetwork } from './relayer/network.ts';
import { createSponsor } from './relayer/sponsor.ts';
import { createSponsorWatch } from './relayer/sponsorWatch.ts';
import { createRelayer, type StepObserver } from './relayer/worker.ts';
import { usdcOf } from './settlement/network.ts';
import type { Settlement } from './settlement/settlement.ts';
import type { OpenedSettlement } from './settlementServices.ts';
import { walletEffects } from './wallets/effects.ts';
import { createGuardian, createWalletGuardian } from './wallets/guardian.ts';
import { createNotify } from './wallets/notify.ts';

export type OtherNetwork = NonNullable<ReturnType<typeof createOtherNetwork>>;

/** Null where no other network is configured. */
export function createOtherNetwork(deps: {
  config: Config;
  db: Database;
  commit: Commit;
  keys: ChannelKeys;
  opened: OpenedSettlement;
  log: Logger;
  nowMs: () => number;
  onSettled: () => void;
  observe?: StepObserver;
}) {
  const { config, db, commit, keys, opened, log, nowMs, onSettled } = deps;
  const other = config.settlement?.mainnet;
  if (!other) return null;
  const { networkPassphrase, factoryId, nativeTokenId, maxFeeStroops, recoveryContractId } = other;
  const name = 'mainnet' as const;
  const rpc = createRpc(other.rpcUrl, { fetch: createKeptConnections() });
  const sponsor = createSponsor(rpc, other.sponsorSecretKey, networkPassphrase);
  const guardian = createGuardian({ rpc, secretKey: other.guardianSecretKey, networkPassphrase });
  const { rotationDelaySeconds } = config;
  const confirmNetwork = createNetworkCheck(rpc, networkPassphrase, 'MAINNET_');
  const pool = createChannelPool({
    db,
    rpc,
    sponsor,
    keys,
    size: config.channels,
    network: name,
    confirmNetwork,
    log,
  });
  const relayer = createRelayer({
    db,
    commit,
    log,
    nowMs,
    chain: { rpc, sponsor, networkPassphrase, factoryId, nativeTokenId, confirmNetwork },
    pool,
    network: name,
    maxFeeStroops,
    isAlone: config.database.url.startsWith('file:'),
    effects: {
      // No wallet's submission is ever one of this network; the record has to be whole.
      ...walletEffects({ nowMs, notify: createNotify(config.relyingParty.name), nativeTokenId }),
      ...opened.effectsOn(nativeTokenId),
    },
    signaturesOf: opened.signaturesOn(name),
    onSettled,
    ...(deps.observe ? { observe: deps.observe } : {}),
  });
  const sponsorWatch = createSponsorWatch({ sponsor, lowStroops: config.sponsorLowStroops, nowMs, log });
  let work: DueWork | null = null;
  return {
    /** @throws WrongNetwork, UnusableDatabase for what waiting does not mend; a node that does not answer is waited for */
    async check(settlement: Settlement | null): Promise<void> {
      try {
        await confirmNetwork();
        await settlement?.requireUsableDatabase(name);
      } catch (error) {
        if (error instanceof WrongNetwork || error instanceof UnusableDatabase) throw error;
        log.warn({ err: error, network: name }, "the other network's node does not answer yet");
      }
    },
    start(): void {
      relayer.start();
      work = startDueWork([pool.reconcile, sponsorWatch.look], log);
    },
    /** Stops after the step in progress. */
    async stop(): Promise<void> {
      await work?.stop();
      await relayer.stop();
    },
    network: {
      name,
      networkPassphrase,
      rpc,
      relayer,
      sponsor,
      factoryId,
      nativeTokenId,
      usdc: usdcOf(other.usdc, networkPassphrase),
      maxFeeStroops,
      channels: config.channels,
      walletGuardian: createWalletGuardian({
        rpc,
        guardianAddress: guardian.address,
        rotationDelaySeconds,
        recoveryContractId,
      }),
      confirmNetwork,
    },
  };
}
