// A merchant's webhook endpoints and what they were told. Secrets are random, sealed under KEY_ENCRYPTION_KEY and bound to
// their endpoint; a shared one is told once, when it is made, because with it anybody could tell the shop of payments. Where endpoints may be is judged by their URL here and by their address at each delivery
// (webhooks/publicTransport.ts), except in development, where they may be on this machine.
import { randomBytes, randomUUID } from 'node:crypto';
import {
  type CreatedMerchantWebhookBody,
  LatchkeyError,
  type MerchantMessageBody,
  type MerchantWebhookBody,
} from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import type { Merchant } from '../db/merchants.ts';
import { openSealed, sealBytes } from '../db/sealing.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { messagesOf, replayMessages, type SettlementMessage } from '../db/settlementMessages.ts';
import {
  insertSettlementWebhook,
  removeSettlementWebhook,
  type SettlementWebhook,
  settlementWebhookById,
  settlementWebhooksOf,
  updateSettlementWebhook,
} from '../db/settlementWebhooks.ts';
import { refusalOfUrl } from '../webhooks/publicTransport.ts';
import { verificationKey, type WebhookKey, webhookKeyOf } from '../webhooks/standardWebhooks.ts';
import type { StepUp, StepUpBody } from './stepUp.ts';

const SECRET_BYTES = 32;
const MAX_ENDPOINTS = 10;
const MAX_MESSAGES_SHOWN = 100;

const associatedData = (id: string) => `latchkey settlement webhook\n${id}`;

export function keyOfWebhook(
  kek: Uint8Array,
  { id, scheme, secret_sealed }: Pick<SettlementWebhook, 'id' | 'scheme' | 'secret_sealed'>,
): WebhookKey {
  return webhookKeyOf(scheme, Buffer.from(openSealed(kek, secret_sealed, associatedData(id))));
}

export type MerchantWebhooks = {
  /** Told of what happens from now on. @throws LatchkeyError INVALID_REQUEST, RATE_LIMITED, STEP_UP_REQUIRED and the like */
  create(
    merchant: Merchant,
    request: { url: string; scheme: SettlementWebhook['scheme'] } & StepUpBody,
  ): Promise<CreatedMerchantWebhookBody>;
  list(accountId: string): Promise<MerchantWebhookBody[]>;
  /** The ones below throw LatchkeyError NOT_FOUND for what is not this merchant's. */
  remove(accountId: string, id: string): Promise<void>;
  /** Newest first, so many. */
  messages(accountId: string, id: string): Promise<MerchantMessageBody[]>;
  /** Everything since then once more, also to an endpoint that was disabled; how much that is. */
  replay(accountId: string, id: string, sinceMs: number): Promise<number>;
};

function stateOf(row: SettlementMessage): MerchantMessageBody['state'] {
  if (row.delivered_at !== null) return 'delivered';
  return row.given_up_at === null ? 'waiting' : 'given-up';
}

export function createMerchantWebhooks(deps: {
  db: Database;
  stepUp: Pick<StepUp, 'requireStepUp'>;
  keyEncryptionKey: Uint8Array;
  /** development only */
  mayBePrivate: boolean;
  wake: () => void;
  nowMs: () => number;
}): MerchantWebhooks {
  const { db, stepUp, keyEncryptionKey, mayBePrivate, wake, nowMs } = deps;

  const bodyOf = (row: SettlementWebhook): MerchantWebhookBody => ({
    id: row.id,
    url: row.url,
    scheme: row.scheme,
    verificationKey: row.scheme === 'hmac' ? null : verificationKey(keyOfWebhook(keyEncryptionKey, row)),
    failing: row.failures > 0 || row.disabled_at !== null,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
  });

  async function known(accountId: string, id: string): Promise<SettlementWebhook> {
    const row = await settlementWebhookById(db, id);
    if (row?.account_id !== accountId) throw new LatchkeyError('NOT_FOUND');
    return row;
  }

  return {
    async create(merchant, { url, scheme, ...shown }) {
      const { account_id: accountId } = merchant;
      const refusal = mayBePrivate ? null : refusalOfUrl(url);
      if (refusal !== null) {
        throw new LatchkeyError('INVALID_REQUEST', { message: `url: ${refusal}`, details: { field: 'url' } });
      }
      const id = randomUUID();
      const row: SettlementWebhook = {
        id,
        account_id: accountId,
        url,
        scheme,
        secret_sealed: sealBytes(keyEncryptionKey, randomBytes(SECRET_BYTES), associatedData(id)),
        failures: 0,
        disabled_at: null,
        created_at: nowMs(),
      };
      await db.transaction().execute(async (trx) => {
        await stepUp.requireStepUp(trx, merchant, 'set-webhook', { url, scheme }, shown);
        if (!(await insertSettlementWebhook(trx, row, MAX_ENDPOINTS))) {
          throw new LatchkeyError('RATE_LIMITED', {
            message: `There are ${MAX_ENDPOINTS} endpoints already. Remove one first.`,
          });
        }
        await recordAudit(trx, accountId, 'webhook.added', { id, url, scheme }, nowMs());
      });
      return { ...bodyOf(row), verificationKey: verificationKey(keyOfWebhook(keyEncryptionKey, row)) };
    },
    async list(accountId) {
      return (await settlementWebhooksOf(db, accountId)).map(bodyOf);
    },
    async remove(accountId, id) {
      const { url } = await known(accountId, id);
      await db.transaction().execute(async (trx) => {
        if (!(await removeSettlementWebhook(trx, accountId, id))) throw new LatchkeyError('NOT_FOUND');
        await recordAudit(trx, accountId, 'webhook.removed', { id, url }, nowMs());
      });
    },
    async messages(accountId, id) {
      await known(accountId, id);
      return (await messagesOf(db, id, MAX_MESSAGES_SHOWN)).map((row) => ({
        id: row.id,
        name: row.name as MerchantMessageBody['name'],
        state: stateOf(row),
        tries: row.tries,
        lastAnswer: row.last_answer,
        nextTryAt: row.due_at,
        createdAt: row.created_at,
      }));
    },
    async replay(accountId, id, sinceMs) {
      await known(accountId, id);
      const count = await db.transaction().execute(async (trx) => {
        await updateSettlementWebhook(trx, id, { disabled_at: null, failures: 0 });
        const messages = await replayMessages(trx, id, sinceMs, nowMs());
        await recordAudit(trx, accountId, 'webhook.replayed', { id, sinceMs, messages }, nowMs());
        return messages;
      });
      wake();
      return count;
    },
  };
}
