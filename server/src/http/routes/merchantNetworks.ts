// Which network a merchant is on, for whoever runs the server: every request carries the admin token.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Settlement } from '../../settlement/settlement.ts';
import { requireBearer } from '../bearer.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const setNetwork = createRoute({
  method: 'post',
  path: '/v1/admin/merchants/{id}/network',
  request: { params: z.object({ id: z.uuid() }), ...jsonBody(schema.setNetworkRequest) },
  responses: { 200: json('where the merchant is now', schema.merchantNetworkSchema), ...problems },
});

export function merchantNetworkRoutes({ networkMoves }: Settlement, adminToken: string) {
  const router = createRouter();
  router.use('/v1/admin/*', requireBearer(adminToken));
  return router.openapi(setNetwork, async (c) =>
    c.json(await networkMoves.move(c.req.valid('param').id, c.req.valid('json')), 200),
  );
}
