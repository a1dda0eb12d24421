// Tells endpoints of wallets' events by Standard Webhooks. At least once: a receiver knows a repetition by its webhook-id.
// New events go out in their order; one that was not taken is tried again on its own, less and less often, and after
// more than two days it is a dead letter that waits to be looked at. A receiver that says it is gone (410) is not told of
// anything until somebody turns it on again.
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { indexerCursor } from '../db/indexerCursor.ts';
import { walletEvent } from '../db/lookups.ts';
import {
  claimNewEvents,
  claimRetry,
  disableEndpoint,
  dueRetries,
  endpointById,
  endpoints,
  putOffRetry,
  removeRetry,
  type WebhookEndpoint,
  type WebhookRetry,
} from '../db/webhooks.ts';
import {
  createFetchTransport,
  RETRY_DELAYS_MS,
  type WebhookAnswer,
  type WebhookTransport,
} from '../webhooks/delivery.ts';
import { webhookHeaders } from '../webhooks/standardWebhooks.ts';
import { walletEventBody } from './lookups.ts';
import type { WebhookSecrets } from './webhookSecrets.ts';

/** Longer than a batch takes when every request runs into its timeout. */
const LEASE_MS = 600_000;

export type Deliveries = {
  /** Sends what is due. */
  deliver(): Promise<void>;
};

export function createDeliveries(deps: {
  db: Database;
  log: Logger;
  secrets: WebhookSecrets;
  nowMs: () => number;
  post?: WebhookTransport;
}): Deliveries {
  const { db, log, secrets, nowMs } = deps;
  const post = deps.post ?? createFetchTransport();

  /** Null when there is nothing to tell. */
  async function send(endpoint: WebhookEndpoint, row: WebhookRetry): Promise<WebhookAnswer | null> {
    const event = await walletEvent(db, { id: row.event_id, wallet: row.wallet });
    // Forgotten, because everything is read from the network again.
    if (!event) return null;
    const body = JSON.stringify({
      type: `wallet.${event.kind.replaceAll('-', '_')}`,
      timestamp: new Date(event.closed_at).toISOString(),
      data: walletEventBody(event),
    });
    const message = {
      id: `${row.event_id}-${row.wallet}`,
      timestampSeconds: Math.floor(nowMs() / 1000),
      body,
    };
    return post(endpoint.url, webhookHeaders(secrets.keysOf(endpoint), message), body);
  }

  /** False when the receiver is gone. */
  async function attempt(endpoint: WebhookEndpoint, row: WebhookRetry): Promise<boolean> {
    const answer = await send(endpoint, row);
    if (answer === null || answer.isTaken) {
      await removeRetry(db, row);
      return true;
    }
    if (answer.isGone) {
      await disableEndpoint(db, endpoint.id, nowMs());
      log.warn({ endpoint: endpoint.id }, 'a webhook endpoint is gone, and was turned off');
      await putOffRetry(db, row, { ...row, not_before: nowMs(), last_answer: answer.text });
      return false;
    }
    const delayMs = RETRY_DELAYS_MS[row.tries];
    await putOffRetry(db, row, {
      state: delayMs === undefined ? 'dead' : 'retrying',
      tries: row.tries + 1,
      not_before: nowMs() + (delayMs ?? 0),
      last_answer: answer.text,
    });
    if (delayMs === undefined)
      log.warn({ endpoint: endpoint.id, event: row.event_id }, 'a webhook was given up');
    return true;
  }

  async function sendNew(endpoint: WebhookEndpoint): Promise<void> {
    for (;;) {
      const rows = await claimNewEvents(db, endpoint, nowMs() + LEASE_MS);
      if (rows.length === 0) return;
      for (const row of rows) if (!(await attempt(endpoint, row))) return;
    }
  }

  async function sendAgain(): Promise<void> {
    for (const row of await dueRetries(db, nowMs())) {
      const endpoint = await endpointById(db, row.endpoint_id);
      if (endpoint?.disabled_at === null && (await claimRetry(db, row, nowMs() + LEASE_MS)))
        await attempt(endpoint, row);
    }
  }

  return {
    async deliver() {
      // Events that are read once more are not there meanwhile.
      if ((await indexerCursor(db))?.status === 'filling') return;
      await Promise.all([...(await endpoints(db)).map(sendNew), sendAgain()]);
    },
  };
}
