// Hands messages over to merchants' endpoints by Standard Webhooks, at least once: a receiver knows a repetition by its
// webhook-id. Many endpoints at a time, of each only a few requests, so that one that never answers holds up its own
// messages and nobody else's. What was not taken is tried again, less and less often, for more than two days, and then
// given up where its merchant sees it. 410 Gone disables an endpoint.
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import {
  claimDueMessage,
  giveUpMessages,
  removeOldMessages,
  type SettlementMessage,
  updateClaimed,
} from '../db/settlementMessages.ts';
import {
  type SettlementWebhook,
  settlementWebhookById,
  updateSettlementWebhook,
} from '../db/settlementWebhooks.ts';
import { RETRY_DELAYS_MS, WEBHOOK_TIMEOUT_MS, type WebhookTransport } from '../webhooks/delivery.ts';
import { webhookHeaders } from '../webhooks/standardWebhooks.ts';
import { keyOfWebhook } from './merchantWebhooks.ts';

const MAX_AT_A_TIME = 32;
const MAX_AT_A_TIME_OF_ENDPOINT = 2;
/** Longer than a request takes that runs into its timeout. */
const LEASE_MS = 4 * WEBHOOK_TIMEOUT_MS;
/** How long a stop waits for receivers. */
const STOP_TIMEOUT_MS = 2_000;
const KEEP_MESSAGES_MS = 30 * 86_400_000;
const REMOVE_OLD_EVERY_MS = 3_600_000;

export type MerchantDeliveries = {
  /** Begins to send what is due; does not wait for answers. */
  deliver(): Promise<void>;
  /** Waits until nothing is due or on its way. */
  idle(): Promise<void>;
  /** Begins nothing more and waits a little for what is on its way; what is not answered by then is sent again. */
  stop(): Promise<void>;
};

export function createMerchantDeliveries(deps: {
  db: Database;
  keyEncryptionKey: Uint8Array;
  post: WebhookTransport;
  log: Logger;
  nowMs: () => number;
}): MerchantDeliveries {
  const { db, keyEncryptionKey, post, log, nowMs } = deps;
  const running = new Set<Promise<void>>();
  const byEndpoint = new Map<string, number>();
  let removedOldAtMs = 0;
  let filling: Promise<void> | null = null;
  let isWanted = false;
  let stopping = false;

  function count(id: string, change: 1 | -1): void {
    const left = (byEndpoint.get(id) ?? 0) + change;
    if (left > 0) byEndpoint.set(id, left);
    else byEndpoint.delete(id);
  }

  async function isGone(webhook: SettlementWebhook, message: SettlementMessage, text: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await updateClaimed(trx, message, { tries: message.tries + 1, last_answer: text });
      await updateSettlementWebhook(trx, webhook.id, { disabled_at: nowMs() });
      await giveUpMessages(trx, webhook.id, nowMs());
    });
    log.warn({ webhook: webhook.id }, 'a webhook endpoint is gone and was disabled');
  }

  async function isRefused(
    webhook: SettlementWebhook,
    message: SettlementMessage,
    text: string,
  ): Promise<void> {
    const tries = message.tries + 1;
    const delayMs = RETRY_DELAYS_MS[message.tries];
    if (delayMs !== undefined) {
      await updateClaimed(db, message, { tries, last_answer: text, due_at: nowMs() + delayMs });
      return;
    }
    const givenUp = { tries, last_answer: text, due_at: null, given_up_at: nowMs() };
    await db.transaction().execute(async (trx) => {
      if (!(await updateClaimed(trx, message, givenUp))) return;
      await updateSettlementWebhook(trx, webhook.id, { failures: webhook.failures + 1 });
    });
    log.warn({ webhook: webhook.id, message: message.id }, 'a webhook message was given up');
  }

  async function send(message: SettlementMessage): Promise<void> {
    const webhook = await settlementWebhookById(db, message.webhook_id);
    // Removed while the message was written.
    if (!webhook) {
      await updateClaimed(db, message, { due_at: null, given_up_at: nowMs() });
      return;
    }
    const { id, body } = message;
    const timestampSeconds = Math.floor(nowMs() / 1000);
    const headers = webhookHeaders([keyOfWebhook(keyEncryptionKey, webhook)], { id, timestampSeconds, body });
    const answer = await post(webhook.url, headers, body);
    if (answer.isGone) return isGone(webhook, message, answer.text);
    if (!answer.isTaken) return isRefused(webhook, message, answer.text);
    await updateClaimed(db, message, { due_at: null, delivered_at: nowMs(), tries: message.tries + 1 });
    if (webhook.failures > 0) await updateSettlementWebhook(db, webhook.id, { failures: 0 });
  }

  function start(message: SettlementMessage): void {
    count(message.webhook_id, 1);
    const sending: Promise<void> = send(message)
      .catch((error: unknown) => log.warn({ err: error }, 'a webhook message comes up again'))
      .then(() => {
        count(message.webhook_id, -1);
        running.delete(sending);
        void deliver();
      });
    running.add(sending);
  }

  async function fill(): Promise<void> {
    while (!stopping && running.size < MAX_AT_A_TIME) {
      const busy = [...byEndpoint].filter(([, sent]) => sent >= MAX_AT_A_TIME_OF_ENDPOINT).map(([id]) => id);
      const message = await claimDueMessage(db, nowMs(), nowMs() + LEASE_MS, busy);
      if (!message) break;
      start(message);
    }
    if (stopping || nowMs() - removedOldAtMs < REMOVE_OLD_EVERY_MS) return;
    removedOldAtMs = nowMs();
    await removeOldMessages(db, nowMs() - KEEP_MESSAGES_MS);
  }

  /** One after another: the limits are counted, not locked. */
  function deliver(): Promise<void> {
    isWanted = true;
    filling ??= (async () => {
      try {
        while (isWanted) {
          isWanted = false;
          await fill();
        }
      } catch (error) {
        log.warn({ err: error }, 'webhook messages come up again');
      } finally {
        filling = null;
      }
    })();
    return filling;
  }

  async function idle(): Promise<void> {
    while (filling !== null || running.size > 0) await Promise.all([filling, ...running]);
  }

  return {
    deliver,
    idle,
    async stop() {
      stopping = true;
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
      await Promise.race([idle(), tooLong]);
      clearTimeout(timer);
    },
  };
}
