// Puts merchants' settlement wallets together: the one place where the parts of this domain meet. What is due without being
// asked is listed here too; everything that goes on chain goes through each network's relayer.
import type { Logger } from 'pino';
import type { EmailCodes } from '../auth/emailCodes.ts';
import type { RateLimits } from '../auth/rateLimits.ts';
import type { Database } from '../db/database.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { SettlementConfig } from '../settlementConfig.ts';
import { createMerchantAccess } from './access.ts';
import { createMerchantAccounts } from './accounts.ts';
import { requireMerchantsOf } from './databaseCheck.ts';
import { createDeviceLook } from './deviceEffects.ts';
import { createDevices } from './devices.ts';
import { createGate } from './gate.ts';
import type { ManagedSeeds } from './managedSeed.ts';
import { createMerchantKeys } from './merchantKeys.ts';
import { createMerchantView } from './merchantView.ts';
import { createMigrationWork } from './migrationWork.ts';
import type { SettlementNetworks } from './network.ts';
import { createNetworkMoves } from './networkMove.ts';
import { createPreparedCalls } from './prepared.ts';
import { createProvisioning } from './provisioning.ts';
import { createReceiving } from './receiving.ts';
import { createStepUp } from './stepUp.ts';
import { createTotpCodes } from './totp.ts';
import { createUpgrade } from './upgrade.ts';
import { createWithdrawalLook } from './withdrawalOutcome.ts';
import { createWithdrawalSettings } from './withdrawalSettings.ts';
import { createWithdrawals } from './withdrawals.ts';
import { createManagedWithdrawals } from './withdrawManaged.ts';
import { createPasskeyWithdrawals } from './withdrawPasskey.ts';

export type SettlementDeps = {
  db: Database;
  log: Logger;
  nowMs: () => number;
  config: SettlementConfig;
  networks: SettlementNetworks;
  seeds: ManagedSeeds;
  codes: EmailCodes;
  rateLimits: RateLimits;
  mailer: Mailer;
  jwtSecret: string;
  /** KEY_ENCRYPTION_KEY: seals what is not a seed */
  keyEncryptionKey: Uint8Array;
  /** starts the next round of due work */
  wake: () => void;
};

export type Settlement = ReturnType<typeof createSettlement>;

export function createSettlement(deps: SettlementDeps) {
  const { db, networks, nowMs, config } = deps;
  const { relyingParty } = config;
  const totp = createTotpCodes({ ...deps, issuer: relyingParty.name });
  const access = createMerchantAccess(deps);
  const stepUp = createStepUp({ db, totp, relyingParty, nowMs });
  const view = createMerchantView(db, networks);
  const provisioning = createProvisioning(deps);
  const { advanceMigrations } = createMigrationWork(deps);
  const receiving = createReceiving({ ...deps, stepUp, mayBePrivate: config.webhooksMayBePrivate });
  const prepared = createPreparedCalls({ db, relyingParty, nowMs });
  return {
    access,
    stepUp,
    view,
    accounts: createMerchantAccounts({
      ...deps,
      totp,
      access,
      provisioning,
      firstNetwork: config.networkName,
      signUpsPerDay: config.signUpsPerDay,
      view,
      relyingParty,
    }),
    keys: createMerchantKeys({ db, stepUp, totp, nowMs }),
    upgrade: createUpgrade({ ...deps, stepUp, relyingParty, serverSecret: deps.jwtSecret }),
    gate: createGate({ ...deps, relyingParty }),
    ...receiving,
    networkMoves: createNetworkMoves({ ...deps, provisioning }),
    withdrawals: createWithdrawals({
      db,
      networks,
      nowMs,
      managed: createManagedWithdrawals({ ...deps, stepUp }),
      passkey: createPasskeyWithdrawals({ db, networks, prepared, nowMs }),
    }),
    withdrawalSettings: createWithdrawalSettings({ db, stepUp, nowMs }),
    devices: createDevices({ db, networks, prepared, relyingParty, nowMs }),
    /** @throws UnusableDatabase, or LatchkeyError NETWORK_UNAVAILABLE */
    requireUsableDatabase: (name: NetworkName) => requireMerchantsOf(db, networks.of(name), deps.log),
    /** done over and over, and right after a settlement submission has settled */
    dueWork: [
      provisioning.askDue,
      advanceMigrations,
      createDeviceLook(deps),
      createWithdrawalLook(deps),
      receiving.events.look,
    ],
  };
}
