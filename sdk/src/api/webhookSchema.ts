// The wire contract of webhook endpoints: who is told of wallets' events, and what was not taken.
import { z } from 'zod';
import { contractParam } from './lookupSchema.ts';

export const webhookSchemeSchema = z.enum(['hmac', 'ed25519']);
export const createWebhookRequest = z.object({
  url: z.url({ protocol: /^https?$/ }).max(2048),
  scheme: webhookSchemeSchema.default('hmac'),
  wallet: contractParam.nullable().default(null).describe('null for all wallets'),
});
export const webhookSchema = z.object({
  id: z.uuid(),
  url: z.string(),
  scheme: webhookSchemeSchema,
  wallet: z.string().nullable(),
  position: z.string().describe('id of the last event that was handed over or put off'),
  verificationKey: z.string().describe('whsec_… to share with the receiver, or the public key whpk_…'),
  createdAt: z.number().int(),
  disabledAt: z
    .number()
    .int()
    .nullable()
    .describe('its receiver said 410: it is told of nothing until it is enabled'),
});
export const webhooksResponse = z.object({ endpoints: z.array(webhookSchema) });
export const replayRequest = z.object({ fromLedger: z.number().int().min(0).max(0xffff_ffff) });
export const deadLettersResponse = z.object({
  deadLetters: z.array(
    z.object({ eventId: z.string(), wallet: z.string(), tries: z.number().int(), lastAnswer: z.string() }),
  ),
});
export const revivedResponse = z.object({ revived: z.number().int() });

export type CreateWebhookBody = z.infer<typeof createWebhookRequest>;
export type WebhookBody = z.infer<typeof webhookSchema>;
export type DeadLettersBody = z.infer<typeof deadLettersResponse>;
