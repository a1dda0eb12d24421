// Managing webhook endpoints, for whoever runs the server. A URL has to be https, or on this machine: payloads are
// public, but who is told of them, and by which requests of ours, is not everybody's to choose.
import { randomUUID } from 'node:crypto';
import {
  type CreateWebhookBody,
  type DeadLettersBody,
  LatchkeyError,
  type WebhookBody,
} from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import { lastEvent } from '../db/lookups.ts';
import {
  deadLetters,
  endpointById,
  endpoints,
  hastenRetries,
  insertEndpoint,
  removeEndpoint,
  reviveDeadLetters,
  updateEndpoint,
  type WebhookEndpoint,
} from '../db/webhooks.ts';
import { verificationKey } from '../webhooks/standardWebhooks.ts';
import type { WebhookSecrets } from './webhookSecrets.ts';

const MAX_ENDPOINTS = 100;

export type Webhooks = {
  /** Told of what happens from now on. @throws LatchkeyError INVALID_REQUEST, RATE_LIMITED */
  create(request: CreateWebhookBody): Promise<WebhookBody>;
  list(): Promise<WebhookBody[]>;
  /** The ones below throw LatchkeyError NOT_FOUND. */
  remove(id: string): Promise<void>;
  /** From the next event on under a new secret; the former one signs beside it until the next time. */
  rotateSecret(id: string): Promise<WebhookBody>;
  /** Goes on where it was turned off, because its receiver had said that it is gone. */
  enable(id: string): Promise<WebhookBody>;
  /** Sends everything from this ledger on once more. */
  replay(id: string, fromLedger: number): Promise<WebhookBody>;
  deadLetters(id: string): Promise<DeadLettersBody['deadLetters']>;
  /** Tries the dead letters again; how many there were. */
  revive(id: string): Promise<number>;
};

/** Before all events of a ledger, in the order of stellar-rpc's ids. */
function beforeLedger(ledger: number): string {
  return `${String(BigInt(ledger) << 32n).padStart(19, '0')}-`;
}

export function createWebhooks(deps: {
  db: Database;
  secrets: WebhookSecrets;
  nowMs: () => number;
}): Webhooks {
  const { db, secrets, nowMs } = deps;

  const body = (row: WebhookEndpoint): WebhookBody => ({
    id: row.id,
    url: row.url,
    scheme: row.scheme,
    wallet: row.wallet,
    position: row.position,
    verificationKey: verificationKey(secrets.keysOf(row)[0]!),
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  });

  async function known(id: string): Promise<WebhookEndpoint> {
    const row = await endpointById(db, id);
    if (!row) throw new LatchkeyError('NOT_FOUND');
    return row;
  }

  return {
    async create({ url, scheme, wallet }) {
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
        throw new LatchkeyError('INVALID_REQUEST', {
          message: 'url: has to be https, except on this machine.',
          details: { field: 'url' },
        });
      }
      if ((await endpoints(db)).length >= MAX_ENDPOINTS) {
        throw new LatchkeyError('RATE_LIMITED', { message: `There are ${MAX_ENDPOINTS} endpoints already.` });
      }
      const id = randomUUID();
      const endpoint = { id, url, scheme, wallet, secret: secrets.make(id) };
      return body(await insertEndpoint(db, endpoint, await lastEvent(db), nowMs()));
    },
    async list() {
      return (await endpoints(db)).map(body);
    },
    async remove(id) {
      await known(id);
      await removeEndpoint(db, id);
    },
    async rotateSecret(id) {
      const { secret: former_secret } = await known(id);
      await updateEndpoint(db, id, { secret: secrets.make(id), former_secret });
      return body(await known(id));
    },
    async enable(id) {
      await known(id);
      await db.transaction().execute(async (trx) => {
        await updateEndpoint(trx, id, { disabled_at: null });
        await hastenRetries(trx, id);
      });
      return body(await known(id));
    },
    async replay(id, fromLedger) {
      await known(id);
      await updateEndpoint(db, id, { position: beforeLedger(fromLedger), position_wallet: '' });
      return body(await known(id));
    },
    async deadLetters(id) {
      await known(id);
      const rows = await deadLetters(db, id);
      return rows.map((row) => ({
        eventId: row.event_id,
        wallet: row.wallet,
        tries: row.tries,
        lastAnswer: row.last_answer,
      }));
    },
    async revive(id) {
      await known(id);
      return reviveDeadLetters(db, id);
    },
  };
}
