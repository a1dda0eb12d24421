// Webhook endpoints, for whoever runs the server: every request carries the token that the settings name, and without one
// in the settings there are no such routes.
import { createRoute, z } from '@hono/zod-openapi';
import { webhookSchema } from '@latchkey/sdk/api';
import type { Webhooks } from '../../indexer/webhooks.ts';
import { requireBearer } from '../bearer.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const params = z.object({ id: z.uuid() });
const endpoint = json('the endpoint', webhookSchema.webhookSchema);

const create = createRoute({
  method: 'post',
  path: '/api/webhooks',
  request: jsonBody(webhookSchema.createWebhookRequest),
  responses: { 201: endpoint, ...problems },
});
const list = createRoute({
  method: 'get',
  path: '/api/webhooks',
  responses: { 200: json('all endpoints', webhookSchema.webhooksResponse), ...problems },
});
const remove = createRoute({
  method: 'delete',
  path: '/api/webhooks/{id}',
  request: { params },
  responses: { 204: { description: 'it is gone, with what it had not taken' }, ...problems },
});
const rotateSecret = createRoute({
  method: 'post',
  path: '/api/webhooks/{id}/rotate-secret',
  request: { params },
  responses: { 200: endpoint, ...problems },
});
const enable = createRoute({
  method: 'post',
  path: '/api/webhooks/{id}/enable',
  request: { params },
  responses: { 200: endpoint, ...problems },
});
const replay = createRoute({
  method: 'post',
  path: '/api/webhooks/{id}/replay',
  request: { params, ...jsonBody(webhookSchema.replayRequest) },
  responses: { 202: endpoint, ...problems },
});
const deadLetters = createRoute({
  method: 'get',
  path: '/api/webhooks/{id}/dead-letters',
  request: { params },
  responses: { 200: json('the oldest hundred', webhookSchema.deadLettersResponse), ...problems },
});
const revive = createRoute({
  method: 'post',
  path: '/api/webhooks/{id}/dead-letters/retry',
  request: { params },
  responses: { 202: json('they are tried again', webhookSchema.revivedResponse), ...problems },
});

export function webhookRoutes(webhooks: Webhooks, adminToken: string) {
  const router = createRouter();
  router.use('/api/webhooks', requireBearer(adminToken));
  router.use('/api/webhooks/*', requireBearer(adminToken));
  return router
    .openapi(create, async (c) => c.json(await webhooks.create(c.req.valid('json')), 201))
    .openapi(list, async (c) => c.json({ endpoints: await webhooks.list() }, 200))
    .openapi(remove, async (c) => {
      await webhooks.remove(c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(rotateSecret, async (c) => c.json(await webhooks.rotateSecret(c.req.valid('param').id), 200))
    .openapi(enable, async (c) => c.json(await webhooks.enable(c.req.valid('param').id), 200))
    .openapi(replay, async (c) =>
      c.json(await webhooks.replay(c.req.valid('param').id, c.req.valid('json').fromLedger), 202),
    )
    .openapi(deadLetters, async (c) =>
      c.json({ deadLetters: await webhooks.deadLetters(c.req.valid('param').id) }, 200),
    )
    .openapi(revive, async (c) => c.json({ revived: await webhooks.revive(c.req.valid('param').id) }, 202));
}
