// A merchant's webhook endpoints. They take the dashboard's session, never an API key: who is told of payments, and by which
// secret that is believed, is not a program's to choose.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Settlement } from '../../settlement/settlement.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const params = z.object({ id: z.uuid() });
const nothing = z.object({});

const list = createRoute({
  method: 'get',
  path: '/v1/merchants/me/webhooks',
  responses: { 200: json('oldest first', schema.merchantWebhooksResponse), ...problems },
});
const create = createRoute({
  method: 'post',
  path: '/v1/merchants/me/webhooks',
  request: jsonBody(schema.createMerchantWebhookRequest),
  responses: { 201: json('the endpoint', schema.createdMerchantWebhookSchema), ...problems },
});
const remove = createRoute({
  method: 'post',
  path: '/v1/merchants/me/webhooks/{id}/remove',
  request: { params, ...jsonBody(nothing) },
  responses: { 200: json('it is gone, with what it had not taken', nothing), ...problems },
});
const messages = createRoute({
  method: 'get',
  path: '/v1/merchants/me/webhooks/{id}/messages',
  request: { params },
  responses: { 200: json('the newest hundred', schema.merchantMessagesResponse), ...problems },
});
const replay = createRoute({
  method: 'post',
  path: '/v1/merchants/me/webhooks/{id}/replay',
  request: { params, ...jsonBody(schema.replayMessagesRequest) },
  responses: { 202: json('they go out once more', schema.replayedResponse), ...problems },
});

export function merchantWebhookRoutes({ access, webhooks }: Settlement) {
  return createRouter()
    .openapi(list, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json({ endpoints: await webhooks.list(merchant.account_id) }, 200);
    })
    .openapi(create, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await webhooks.create(merchant, c.req.valid('json')), 201);
    })
    .openapi(remove, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      await webhooks.remove(merchant.account_id, c.req.valid('param').id);
      return c.json({}, 200);
    })
    .openapi(messages, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json({ messages: await webhooks.messages(merchant.account_id, c.req.valid('param').id) }, 200);
    })
    .openapi(replay, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      const { since } = c.req.valid('json');
      const count = await webhooks.replay(merchant.account_id, c.req.valid('param').id, since);
      return c.json({ messages: count }, 202);
    });
}
