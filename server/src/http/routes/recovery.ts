// "I lost this device": a code by e-mail, a new passkey, and the owner's way to cancel. The code travels in a header,
// so that it never stands in a URL.
import { createRoute, z } from '@hono/zod-openapi';
import { schema } from '@latchkey/sdk/api';
import type { Services } from '../../spawn.ts';
import { challengeUse } from '../challengeUse.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const sendCode = createRoute({
  method: 'post',
  path: '/api/recovery-codes',
  request: jsonBody(schema.recoveryCodeRequest),
  responses: { 202: json('a code was sent, if there is a wallet', z.object({})), ...problems },
});
const options = createRoute({
  method: 'get',
  path: '/api/recover-wallet-options/{email}',
  request: {
    params: z.object({ email: schema.emailSchema }),
    headers: z.object({ 'x-recovery-code': z.string().max(16).optional() }),
  },
  responses: {
    200: json('options for navigator.credentials.create', schema.creationOptionsResponse),
    ...problems,
  },
});
const recover = createRoute({
  method: 'post',
  path: '/api/recover-wallet',
  request: jsonBody(schema.recoverWalletRequest),
  responses: {
    200: json('the new passkey signs for the wallet', schema.recoverWalletResponse),
    202: json(
      'announced: it takes effect after the delay, unless the owner cancels',
      schema.recoverWalletResponse,
    ),
    ...problems,
  },
});
const cancelOptions = createRoute({
  method: 'get',
  path: '/api/cancel-recovery-options',
  responses: {
    200: json(
      'the challenge is the authorization payload of cancel_rotation',
      schema.cancelRecoveryOptionsResponse,
    ),
    ...problems,
  },
});
const cancel = createRoute({
  method: 'post',
  path: '/api/cancel-recovery',
  request: jsonBody(schema.cancelRecoveryRequest),
  responses: { 200: json('cancelled on chain', schema.cancelRecoveryResponse), ...problems },
});

export function recoveryRoutes({ recovery, sessions }: Services) {
  return createRouter()
    .openapi(sendCode, async (c) => {
      await recovery.sendCode(c.req.valid('json').email);
      return c.json({}, 202);
    })
    .openapi(options, async (c) => {
      const code = c.req.valid('header')['x-recovery-code'];
      return c.json(await recovery.options(c.req.valid('param').email, code), 200);
    })
    .openapi(recover, async (c) => {
      const body = c.req.valid('json');
      const request = { email: body.email, response: body.registrationResponseJSON };
      const result = await recovery.recover(request, challengeUse(c, body));
      return result.status === 'rotated' ? c.json(result, 200) : c.json(result, 202);
    })
    .openapi(cancelOptions, async (c) => {
      return c.json(await recovery.cancelOptions(await sessions.require(c.req.header('authorization'))), 200);
    })
    .openapi(cancel, async (c) => {
      const body = c.req.valid('json');
      const owner = await sessions.require(c.req.header('authorization'));
      return c.json(
        await recovery.cancel(owner, body.authenticationResponseJSON, challengeUse(c, body)),
        200,
      );
    });
}
