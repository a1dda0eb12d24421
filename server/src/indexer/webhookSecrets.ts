// Webhooks' secrets: random, sealed under the key encryption key with the endpoint's id, so that a change of any other
// setting leaves them as they are. While one is being replaced the former signs beside it. Endpoints of earlier
// versions had secrets derived from JWT_SECRET: those are sealed as they are, once, and signing goes on.
import { createHmac, randomBytes } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { openOwn, sealBytes } from '../db/sealing.ts';
import { endpoints, updateEndpoint, type WebhookEndpoint } from '../db/webhooks.ts';
import { type WebhookKey, webhookKeyOf } from '../webhooks/standardWebhooks.ts';

const SECRET_BYTES = 32;

export type WebhookSecrets = {
  /** A new one, sealed for this endpoint. */
  make(endpointId: string): string;
  /** The present one first. @throws WrongKeyEncryptionKey */
  keysOf(endpoint: WebhookEndpoint): WebhookKey[];
  /** @throws WrongKeyEncryptionKey */
  sealDerived(db: Database, jwtSecret: string): Promise<void>;
};

const purposeOf = (endpointId: string) => `latchkey webhook ${endpointId}`;

export function createWebhookSecrets(kek: Uint8Array): WebhookSecrets {
  return {
    make: (endpointId) => sealBytes(kek, randomBytes(SECRET_BYTES), purposeOf(endpointId)),
    keysOf({ id, scheme, secret, former_secret }) {
      const sealed = [secret, former_secret].filter((it) => it !== null);
      return sealed.map((it) => webhookKeyOf(scheme, Buffer.from(openOwn(kek, it, purposeOf(id)))));
    },
    async sealDerived(db, jwtSecret) {
      for (const { id, scheme, secret, secret_version } of await endpoints(db)) {
        if (secret !== null) {
          openOwn(kek, secret, purposeOf(id));
          continue;
        }
        const derived = createHmac('sha256', jwtSecret).update(`webhook ${scheme} ${id} ${secret_version}`);
        await updateEndpoint(db, id, { secret: sealBytes(kek, derived.digest(), purposeOf(id)) });
      }
    },
  };
}
