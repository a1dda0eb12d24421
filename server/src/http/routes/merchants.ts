// Merchants: sign-up, sign-in, their own record, authenticator app and API keys. What needs a signed-in merchant takes the
// dashboard's session; only reading the record takes an API key as well.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Settlement } from '../../settlement/settlement.ts';
import { challengeUse } from '../challengeUse.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const params = z.object({ id: z.uuid() });
const nothing = z.object({});
const session = json('a session of one hour', schema.merchantSessionSchema);

const sendCode = createRoute({
  method: 'post',
  path: '/v1/merchants/email-codes',
  request: jsonBody(schema.emailCodeRequest),
  responses: { 202: json('a code was sent', nothing), ...problems },
});
const signUp = createRoute({
  method: 'post',
  path: '/v1/merchants',
  request: jsonBody(schema.merchantSignUpRequest),
  responses: { 201: session, ...problems },
});
const signIn = createRoute({
  method: 'post',
  path: '/v1/merchants/sign-in',
  request: jsonBody(schema.merchantSignInRequest),
  responses: { 200: session, ...problems },
});
const passkeyOptions = createRoute({
  method: 'post',
  path: '/v1/merchants/sign-in/passkey-options',
  request: jsonBody(schema.passkeySignInOptionsRequest),
  responses: {
    200: json('options for navigator.credentials.get', schema.passkeySignInOptionsResponse),
    ...problems,
  },
});
const signInByPasskey = createRoute({
  method: 'post',
  path: '/v1/merchants/sign-in/passkey',
  request: jsonBody(schema.passkeySignInRequest),
  responses: { 200: session, ...problems },
});
const me = createRoute({
  method: 'get',
  path: '/v1/merchants/me',
  responses: { 200: json('the merchant', schema.merchantSchema), ...problems },
});
const setUpTotp = createRoute({
  method: 'post',
  path: '/v1/merchants/me/totp',
  request: jsonBody(schema.totpSetupRequest),
  responses: {
    200: json('for an authenticator app; shown this once', schema.totpSetupResponse),
    ...problems,
  },
});
const confirmTotp = createRoute({
  method: 'post',
  path: '/v1/merchants/me/totp/confirm',
  request: jsonBody(schema.totpConfirmRequest),
  responses: {
    200: json(
      'from now on codes of this app count; every other session has ended',
      schema.merchantSessionSchema,
    ),
    ...problems,
  },
});
const signOutEverywhere = createRoute({
  method: 'post',
  path: '/v1/merchants/me/sign-out-everywhere',
  request: jsonBody(nothing),
  responses: { 200: json('every session has ended, this one too', nothing), ...problems },
});
const stepUpOptions = createRoute({
  method: 'post',
  path: '/v1/merchants/me/step-up/options',
  request: jsonBody(schema.stepUpOptionsRequest),
  responses: {
    200: json('options for navigator.credentials.get', schema.stepUpOptionsResponse),
    ...problems,
  },
});
const listKeys = createRoute({
  method: 'get',
  path: '/v1/merchants/me/api-keys',
  responses: { 200: json('oldest first', schema.merchantKeysResponse), ...problems },
});
const createKey = createRoute({
  method: 'post',
  path: '/v1/merchants/me/api-keys',
  request: jsonBody(schema.createMerchantKeyRequest),
  responses: { 201: json('with its secret', schema.createdMerchantKeySchema), ...problems },
});
const rotateKey = createRoute({
  method: 'post',
  path: '/v1/merchants/me/api-keys/{id}/rotate',
  request: { params, ...jsonBody(schema.rotateMerchantKeyRequest) },
  responses: { 200: json('with its new secret', schema.createdMerchantKeySchema), ...problems },
});
const revokeKey = createRoute({
  method: 'post',
  path: '/v1/merchants/me/api-keys/{id}/revoke',
  request: { params, ...jsonBody(nothing) },
  responses: { 200: json('it works no more', nothing), ...problems },
});

export function merchantRoutes({ access, accounts, keys, stepUp, view }: Settlement) {
  return createRouter()
    .openapi(sendCode, async (c) => {
      await accounts.sendCode(c.req.valid('json').email);
      return c.json({}, 202);
    })
    .openapi(signUp, async (c) => c.json(await accounts.signUp(c.req.valid('json')), 201))
    .openapi(signIn, async (c) => c.json(await accounts.signIn(c.req.valid('json')), 200))
    .openapi(passkeyOptions, async (c) =>
      c.json(await accounts.passkeyOptions(c.req.valid('json').email), 200),
    )
    .openapi(signInByPasskey, async (c) => {
      const body = c.req.valid('json');
      const request = { email: body.email, response: body.authenticationResponseJSON };
      return c.json(await accounts.signInByPasskey(request, challengeUse(c, body)), 200);
    })
    .openapi(me, async (c) => {
      const { merchant } = await access.require(c.req.header('authorization'), 'read');
      return c.json(await view(merchant.account_id), 200);
    })
    .openapi(setUpTotp, async (c) => {
      const by = await access.requireSessionSince(c.req.header('authorization'));
      return c.json(await keys.setUpTotp(by, c.req.valid('json')), 200);
    })
    .openapi(confirmTotp, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      await keys.confirmTotp(merchant, c.req.valid('json').totp);
      return c.json(await accounts.renewed(merchant.account_id), 200);
    })
    .openapi(signOutEverywhere, async (c) => {
      await keys.endSessions(await access.requireSession(c.req.header('authorization')));
      return c.json({}, 200);
    })
    .openapi(stepUpOptions, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await stepUp.options(merchant, c.req.valid('json')), 200);
    })
    .openapi(listKeys, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json({ apiKeys: await keys.list(merchant) }, 200);
    })
    .openapi(createKey, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await keys.create(merchant, c.req.valid('json')), 201);
    })
    .openapi(rotateKey, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await keys.rotate(merchant, c.req.valid('param').id, c.req.valid('json')), 200);
    })
    .openapi(revokeKey, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      await keys.revoke(merchant, c.req.valid('param').id);
      return c.json({}, 200);
    });
}
