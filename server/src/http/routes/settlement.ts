// All routes of merchants and their settlement wallets; without settlement in the settings there are none.
import type { Logger } from 'pino';
import type { Settlement } from '../../settlement/settlement.ts';
import type { App } from '../router.ts';
import { merchantNetworkRoutes } from './merchantNetworks.ts';
import { merchantPaymentRoutes } from './merchantPayments.ts';
import { merchantRoutes } from './merchants.ts';
import { merchantWebhookRoutes } from './merchantWebhooks.ts';
import { deviceRoutes } from './settlementDevices.ts';
import { settlementUpgradeRoutes } from './settlementUpgrade.ts';
import { withdrawalRoutes } from './settlementWithdrawals.ts';

/** @param adminToken of whoever moves merchants to another network; null when nobody does */
export function settlementRoutes(settlement: Settlement, adminToken: string | null, log: Logger): App[] {
  return [
    merchantRoutes(settlement),
    merchantPaymentRoutes(settlement, log),
    merchantWebhookRoutes(settlement),
    settlementUpgradeRoutes(settlement),
    withdrawalRoutes(settlement),
    deviceRoutes(settlement),
    ...(adminToken ? [merchantNetworkRoutes(settlement, adminToken)] : []),
  ] as App[];
}
