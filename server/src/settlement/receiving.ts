// Everything about what merchants receive, put together: the readers of each network, lists, webhooks, live events. Each
// reader, and the sending of webhooks, goes on by itself, so that one that waits for a slow node or receiver holds up no
// other.
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { createFetchTransport } from '../webhooks/delivery.ts';
import { createPublicTransport } from '../webhooks/publicTransport.ts';
import { createAuditList } from './audit.ts';
import { createBalanceHistory } from './balanceHistory.ts';
import { createMerchantEvents } from './events.ts';
import { createMerchantDeliveries } from './merchantDeliveries.ts';
import { createMerchantWebhooks } from './merchantWebhooks.ts';
import type { SettlementNetworks } from './network.ts';
import { createPaymentReader } from './paymentReader.ts';
import { createPayments } from './payments.ts';
import type { StepUp } from './stepUp.ts';

export function createReceiving(deps: {
  db: Database;
  log: Logger;
  nowMs: () => number;
  networks: SettlementNetworks;
  stepUp: StepUp;
  /** KEY_ENCRYPTION_KEY */
  keyEncryptionKey: Uint8Array;
  /** webhook endpoints on this machine or in a private network: development only */
  mayBePrivate: boolean;
}) {
  const { db, log, nowMs, networks, mayBePrivate } = deps;
  const events = createMerchantEvents({ db, log, nowMs });
  const post = mayBePrivate ? createFetchTransport() : createPublicTransport();
  const deliveries = createMerchantDeliveries({ ...deps, post });
  const readers = new Map(
    networks.all.map((network) => [network.name, createPaymentReader({ db, network, log, nowMs })]),
  );
  return {
    payments: createPayments({ db, networks }),
    balanceHistory: createBalanceHistory({ db, networks, readers, nowMs }),
    audit: createAuditList(db),
    webhooks: createMerchantWebhooks({ ...deps, wake: () => void deliveries.deliver() }),
    events,
    /** each done over and over, side by side */
    following: [
      ...[...readers.values()].map((reader) => async () => {
        await reader.catchUp();
        await events.look();
      }),
      deliveries.deliver,
    ],
    /** Ends what is open and waits for what is on its way. */
    async close(): Promise<void> {
      events.close();
      await deliveries.stop();
    },
  };
}
