// Settlement wallets as spawn.ts puts them together: before the relayer what it needs of them (effects, signatures of
// managed accounts), after it the rest. A database with sealed seeds does not start without the keys that open them, not
// even with settlement switched off: their submissions would fail one by one.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import { createEmailCodes, MERCHANT } from './auth/emailCodes.ts';
import type { RateLimits } from './auth/rateLimits.ts';
import type { Config, RelayerConfig } from './config.ts';
import type { Database } from './db/database.ts';
import type { NetworkName } from './db/settlementTables.ts';
import type { Mailer } from './mail/mailer.ts';
import type { Sponsor } from './relayer/sponsor.ts';
import type { Relayer } from './relayer/worker.ts';
import { settlementEffects } from './settlement/effects.ts';
import { openLocalKeyEncryption } from './settlement/localKek.ts';
import { createManagedSeeds, managedSignatures } from './settlement/managedSeed.ts';
import { createSettlementNetworks, type SettlementNetwork, usdcOf } from './settlement/network.ts';
import { createSettlement, type Settlement } from './settlement/settlement.ts';

export type OpenedSettlement = Awaited<ReturnType<typeof openSettlement>>;

/** @throws WrongSettlementKek */
export async function openSettlement(deps: {
  db: Database;
  config: RelayerConfig;
  nowMs: () => number;
  log: Logger;
}) {
  const { db, nowMs, log } = deps;
  const name = deps.config.settlement?.networkName ?? 'testnet';
  const keks = deps.config.settlement?.kekByVersion ?? new Map<number, Uint8Array>();
  const seeds = createManagedSeeds(await openLocalKeyEncryption(db, keks));
  return {
    effectsOn: (nativeTokenId: string) => settlementEffects({ nowMs, nativeTokenId }),
    /** the server's own network if not given */
    signaturesOn: (network: NetworkName = name) => managedSignatures({ db, seeds, network }),
    /** Null while settlement is off. */
    create(
      config: Config,
      parts: {
        rpc: Rpc;
        relayer: Relayer;
        sponsor: Sponsor;
        mailer: Mailer;
        rateLimits: RateLimits;
        walletGuardian: () => Promise<string>;
        confirmNetwork: () => Promise<void>;
        /** the other network that merchants may be on */
        other: SettlementNetwork | null;
        /** starts the next round of settlement's due work */
        wake: () => void;
      },
    ): Settlement | null {
      if (!config.settlement) return null;
      const { networkPassphrase, factoryId, nativeTokenId, maxFeeStroops, jwtSecret, keyEncryptionKey } =
        config;
      const { rpc, relayer, sponsor, mailer, rateLimits, walletGuardian, confirmNetwork, wake } = parts;
      const network = {
        name,
        networkPassphrase,
        rpc,
        relayer,
        sponsor,
        factoryId,
        nativeTokenId,
        usdc: usdcOf(config.settlement.usdc, networkPassphrase),
        maxFeeStroops,
        channels: config.channels,
        walletGuardian,
        confirmNetwork,
      };
      return createSettlement({
        db,
        log,
        nowMs,
        config: config.settlement,
        networks: createSettlementNetworks([network, ...(parts.other ? [parts.other] : [])]),
        seeds,
        codes: createEmailCodes({ db, rateLimits, secret: jwtSecret, nowMs, purpose: MERCHANT }),
        rateLimits,
        mailer,
        jwtSecret,
        keyEncryptionKey,
        wake,
      });
    },
  };
}
