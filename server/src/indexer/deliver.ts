// Tells endpoints of wallets' events by Standard Webhooks. At least once: a receiver knows a repetition by its webhook-id.
// New events go out in their order; one that was not taken is tried again on its own, less and less often, and after
// more than two days it is a dead letter that waits to be looked at.
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { walletEvent } from '../db/lookups.ts';
import {
  claimNewEvents,
  claimRetry,
  dueRetries,
  endpointById,
  endpoints,
  putOffRetry,
  removeRetry,
  type WebhookEndpoint,
  type WebhookRetry,
} from '../db/webhooks.ts';
import { walletEventBody } from './lookups.ts';
import { webhookHeaders, webhookKey } from './standardWebhooks.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How long after each try the next one comes, as Standard Webhooks suggests. */
const RETRY_DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
const REQUEST_TIMEOUT_MS = 15 * SECOND_MS;
/** Longer than a batch takes when every request runs into its timeout. */
const LEASE_MS = 10 * MINUTE_MS;

export type Deliveries = {
  /** Sends what is due. */
  deliver(): Promise<void>;
};

export function createDeliveries(deps: {
  db: Database;
  log: Logger;
  serverSecret: string;
  nowMs: () => number;
  fetch?: typeof fetch;
}): Deliveries {
  const { db, log, serverSecret, nowMs } = deps;
  const doFetch = deps.fetch ?? fetch;

  /** Null when it was taken, or what was answered instead. */
  async function send(endpoint: WebhookEndpoint, row: WebhookRetry): Promise<string | null> {
    const event = await walletEvent(db, { id: row.event_id, wallet: row.wallet });
    // Forgotten, because everything is read from the network again.
    if (!event) return null;
    const body = JSON.stringify({
      type: `wallet.${event.kind.replaceAll('-', '_')}`,
      timestamp: new Date(event.closed_at).toISOString(),
      data: walletEventBody(event),
    });
    const versions = [endpoint.secret_version, endpoint.secret_version - 1].filter((it) => it > 0);
    const keys = versions.map((secretVersion) => webhookKey(serverSecret, { ...endpoint, secretVersion }));
    const message = {
      id: `${row.event_id}-${row.wallet}`,
      timestampSeconds: Math.floor(nowMs() / 1000),
      body,
    };
    try {
      const response = await doFetch(endpoint.url, {
        method: 'POST',
        headers: webhookHeaders(keys, message),
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok ? null : `HTTP ${response.status}`;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'no answer';
    }
  }

  async function attempt(endpoint: WebhookEndpoint, row: WebhookRetry): Promise<void> {
    const refused = await send(endpoint, row);
    if (refused === null) {
      await removeRetry(db, row);
      return;
    }
    const delayMs = RETRY_DELAYS_MS[row.tries];
    await putOffRetry(db, row, {
      state: delayMs === undefined ? 'dead' : 'retrying',
      tries: row.tries + 1,
      not_before: nowMs() + (delayMs ?? 0),
      last_answer: refused,
    });
    if (delayMs === undefined)
      log.warn({ endpoint: endpoint.id, event: row.event_id }, 'a webhook was given up');
  }

  async function sendNew(endpoint: WebhookEndpoint): Promise<void> {
    for (;;) {
      const rows = await claimNewEvents(db, endpoint, nowMs() + LEASE_MS);
      if (rows.length === 0) return;
      for (const row of rows) await attempt(endpoint, row);
    }
  }

  async function sendAgain(): Promise<void> {
    for (const row of await dueRetries(db, nowMs())) {
      const endpoint = await endpointById(db, row.endpoint_id);
      if (endpoint && (await claimRetry(db, row, nowMs() + LEASE_MS))) await attempt(endpoint, row);
    }
  }

  return {
    async deliver() {
      await Promise.all([...(await endpoints(db)).map(sendNew), sendAgain()]);
    },
  };
}
