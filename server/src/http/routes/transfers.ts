// Transfers: what would be signed, the signed transfer, and how it went.
import { createRoute, z } from '@hono/zod-openapi';
import { schema } from '@latchkey/sdk/api';
import type { Services } from '../../spawn.ts';
import { challengeUse } from '../challengeUse.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const options = createRoute({
  method: 'get',
  path: '/api/transfer-options',
  request: { query: schema.transferQuery },
  responses: {
    200: json(
      'the challenge is the authorization payload of this very transfer',
      schema.transferOptionsResponse,
    ),
    ...problems,
  },
});
const transfer = createRoute({
  method: 'post',
  path: '/api/transfer',
  request: jsonBody(schema.transferRequest),
  responses: {
    200: json('confirmed, or failed with the reason', schema.transferReceipt),
    202: json('on its way: ask for its status, do not send it again', schema.transferReceipt),
    ...problems,
  },
});
const status = createRoute({
  method: 'get',
  path: '/api/transfers/{id}',
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: json('how it went so far', schema.transferReceipt), ...problems },
});

export function transferRoutes({ transfers }: Services) {
  return createRouter()
    .openapi(options, async (c) => c.json(await transfers.options(c.req.valid('query')), 200))
    .openapi(transfer, async (c) => {
      const body = c.req.valid('json');
      const receipt = await transfers.transfer(body, challengeUse(c, body));
      return receipt.status === 'pending' ? c.json(receipt, 202) : c.json(receipt, 200);
    })
    .openapi(status, async (c) => c.json(await transfers.status(c.req.valid('param').id), 200));
}
