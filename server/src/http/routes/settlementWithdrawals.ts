// Withdrawals of merchants, and their own limits on them. An API key with the scope `withdraw` may do what a session may,
// but for the limits; it replaces neither the step-up of a managed account nor the signature of a passkey.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import type { Settlement } from '../../settlement/settlement.ts';
import { challengeUse } from '../challengeUse.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const base = '/v1/merchants/me/settlement';
const settled = {
  200: json('confirmed, or failed with the reason', schema.withdrawalSchema),
  202: json('on its way: ask for its status, do not send it again', schema.withdrawalSchema),
  ...problems,
};
const rulesAnswer = {
  200: json('the limits, and what waits to become one', schema.withdrawalRulesSchema),
  ...problems,
};

const withdraw = createRoute({
  method: 'post',
  path: `${base}/withdraw`,
  request: jsonBody(schema.withdrawRequest),
  responses: settled,
});
const prepare = createRoute({
  method: 'post',
  path: `${base}/withdraw/prepare`,
  request: jsonBody(schema.withdrawQuery),
  responses: { 200: json('what the passkey has to sign', schema.preparedSchema), ...problems },
});
const submit = createRoute({
  method: 'post',
  path: `${base}/withdraw/submit`,
  request: jsonBody(schema.submitRequest),
  responses: settled,
});
const list = createRoute({
  method: 'get',
  path: `${base}/withdrawals`,
  request: { query: schema.paymentsQuery },
  responses: { 200: json('newest first', schema.withdrawalsResponse), ...problems },
});
const byId = createRoute({
  method: 'get',
  path: `${base}/withdrawals/{id}`,
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: json('how it went so far', schema.withdrawalSchema), ...problems },
});
const rules = createRoute({ method: 'get', path: `${base}/withdraw/rules`, responses: rulesAnswer });
const setRules = createRoute({
  method: 'post',
  path: `${base}/withdraw/rules`,
  request: jsonBody(schema.setWithdrawalRulesRequest),
  responses: rulesAnswer,
});
const allow = createRoute({
  method: 'post',
  path: `${base}/withdraw/allowed`,
  request: jsonBody(schema.allowDestinationRequest),
  responses: rulesAnswer,
});
const disallow = createRoute({
  method: 'post',
  path: `${base}/withdraw/allowed/remove`,
  request: jsonBody(schema.disallowDestinationRequest),
  responses: rulesAnswer,
});

export function withdrawalRoutes({ access, withdrawals, withdrawalSettings: settings }: Settlement) {
  const authorization = (c: Context<AppEnv>) => c.req.header('authorization');
  const signedIn = (c: Context<AppEnv>) => access.requireSession(authorization(c));
  const withScope = async (c: Context<AppEnv>, scope: 'read' | 'withdraw') =>
    (await access.require(authorization(c), scope)).merchant;

  return createRouter()
    .openapi(withdraw, async (c) => {
      const merchant = await withScope(c, 'withdraw');
      const body = c.req.valid('json');
      const answer = await withdrawals.withdraw(merchant, body, challengeUse(c, body));
      return answer.status === 'pending' ? c.json(answer, 202) : c.json(answer, 200);
    })
    .openapi(prepare, async (c) =>
      c.json(await withdrawals.prepare(await withScope(c, 'withdraw'), c.req.valid('json')), 200),
    )
    .openapi(submit, async (c) => {
      const answer = await withdrawals.submit(await withScope(c, 'withdraw'), c.req.valid('json'));
      return answer.status === 'pending' ? c.json(answer, 202) : c.json(answer, 200);
    })
    .openapi(list, async (c) =>
      c.json(await withdrawals.page(await withScope(c, 'read'), c.req.valid('query')), 200),
    )
    .openapi(byId, async (c) =>
      c.json(await withdrawals.byId(await withScope(c, 'read'), c.req.valid('param').id), 200),
    )
    .openapi(rules, async (c) => c.json(await settings.rules(await withScope(c, 'read')), 200))
    .openapi(setRules, async (c) =>
      c.json(await settings.setRules(await signedIn(c), c.req.valid('json')), 200),
    )
    .openapi(allow, async (c) => c.json(await settings.allow(await signedIn(c), c.req.valid('json')), 200))
    .openapi(disallow, async (c) =>
      c.json(await settings.disallow(await signedIn(c), c.req.valid('json').address), 200),
    );
}
