// Creating a wallet, signing in, and looking at one's own wallet.
import { createRoute, z } from '@hono/zod-openapi';
import { schema } from '@latchkey/sdk/api';
import type { Services } from '../../spawn.ts';
import { challengeUse } from '../challengeUse.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const emailParam = z.object({ email: schema.emailSchema });

const createOptions = createRoute({
  method: 'get',
  path: '/api/create-wallet-options/{email}',
  request: { params: emailParam },
  responses: {
    200: json('options for navigator.credentials.create', schema.creationOptionsResponse),
    ...problems,
  },
});
const create = createRoute({
  method: 'post',
  path: '/api/create-wallet',
  request: jsonBody(schema.createWalletRequest),
  responses: {
    201: json('the wallet is on the network', schema.createWalletResponse),
    202: json('the wallet is on its way', schema.createWalletResponse),
    ...problems,
  },
});
const signInOptions = createRoute({
  method: 'get',
  path: '/api/sign-in-options/{email}',
  request: { params: emailParam },
  responses: {
    200: json('options for navigator.credentials.get', schema.requestOptionsResponse),
    ...problems,
  },
});
const signIn = createRoute({
  method: 'post',
  path: '/api/sign-in',
  request: jsonBody(schema.signInRequest),
  responses: { 200: json('a session of one hour', schema.sessionSchema), ...problems },
});
const view = createRoute({
  method: 'get',
  path: '/api/wallet',
  responses: { 200: json("the signed-in account's wallet", schema.walletView), ...problems },
});
const activity = createRoute({
  method: 'get',
  path: '/api/wallet/activity',
  request: { query: schema.activityQuery },
  responses: { 200: json('newest first', schema.activityResponse), ...problems },
});

export function walletRoutes(services: Services) {
  const { creation, signIns, sessions, views, activityLog } = services;
  return createRouter()
    .openapi(createOptions, async (c) => c.json(await creation.options(c.req.valid('param').email), 200))
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      const request = { email: body.email, response: body.registrationResponseJSON };
      const created = await creation.create(request, challengeUse(c, body));
      return created.status === 'confirmed' ? c.json(created, 201) : c.json(created, 202);
    })
    .openapi(signInOptions, async (c) => c.json(await signIns.options(c.req.valid('param').email), 200))
    .openapi(signIn, async (c) => {
      const body = c.req.valid('json');
      const request = { email: body.email, response: body.authenticationResponseJSON };
      return c.json(await signIns.signIn(request, challengeUse(c, body)), 200);
    })
    .openapi(view, async (c) =>
      c.json(await views.view(await sessions.require(c.req.header('authorization'))), 200),
    )
    .openapi(activity, async (c) => {
      const { wallet } = await sessions.require(c.req.header('authorization'));
      return c.json(await activityLog.page(wallet, c.req.valid('query')), 200);
    });
}
