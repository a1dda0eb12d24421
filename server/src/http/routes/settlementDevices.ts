// The devices that sign for a merchant's passkey wallet: listed, added, removed. For whoever is signed in; an API key has no
// say in who signs.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import type { Settlement } from '../../settlement/settlement.ts';
import { challengeUse } from '../challengeUse.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const base = '/v1/merchants/me/settlement/passkey';
const prepared = {
  200: json('what a device that signs already has to sign', schema.preparedSchema),
  ...problems,
};
const changed = {
  200: json('confirmed, or failed with the reason', schema.deviceChangeResponse),
  202: json('on its way: look at the devices again', schema.deviceChangeResponse),
  ...problems,
};

const list = createRoute({
  method: 'get',
  path: `${base}/devices`,
  responses: { 200: json('oldest first', schema.devicesResponse), ...problems },
});
const addOptions = createRoute({
  method: 'post',
  path: `${base}/add-device/options`,
  request: jsonBody(z.object({})),
  responses: {
    200: json('options for navigator.credentials.create', schema.addDeviceOptionsResponse),
    ...problems,
  },
});
const add = createRoute({
  method: 'post',
  path: `${base}/add-device`,
  request: jsonBody(schema.addDeviceRequest),
  responses: prepared,
});
const addAgain = createRoute({
  method: 'post',
  path: `${base}/add-device/prepare`,
  request: jsonBody(schema.prepareDeviceRequest),
  responses: prepared,
});
const finishAdding = createRoute({
  method: 'post',
  path: `${base}/add-device/finish`,
  request: jsonBody(schema.submitRequest),
  responses: changed,
});
const remove = createRoute({
  method: 'post',
  path: `${base}/remove-device`,
  request: jsonBody(schema.removeDeviceRequest),
  responses: prepared,
});
const finishRemoving = createRoute({
  method: 'post',
  path: `${base}/remove-device/finish`,
  request: jsonBody(schema.submitRequest),
  responses: changed,
});

export function deviceRoutes({ access, accounts, devices }: Settlement) {
  const signedIn = (c: Context<AppEnv>) => access.requireSession(c.req.header('authorization'));

  return createRouter()
    .openapi(list, async (c) => c.json({ devices: await devices.list(await signedIn(c)) }, 200))
    .openapi(addOptions, async (c) => c.json(await devices.addOptions(await signedIn(c)), 200))
    .openapi(add, async (c) => {
      const merchant = await signedIn(c);
      const body = c.req.valid('json');
      return c.json(await devices.add(merchant, body, challengeUse(c, body)), 200);
    })
    .openapi(addAgain, async (c) =>
      c.json(await devices.addAgain(await signedIn(c), c.req.valid('json').credentialId), 200),
    )
    .openapi(finishAdding, async (c) => {
      const change = await devices.finishAdding(await signedIn(c), c.req.valid('json'));
      const answer = { ...change, session: null };
      return answer.status === 'pending' ? c.json(answer, 202) : c.json(answer, 200);
    })
    .openapi(remove, async (c) =>
      c.json(await devices.remove(await signedIn(c), c.req.valid('json').signerId), 200),
    )
    .openapi(finishRemoving, async (c) => {
      const merchant = await signedIn(c);
      const change = await devices.finishRemoving(merchant, c.req.valid('json'));
      const session = change.status === 'confirmed' ? await accounts.renewed(merchant.account_id) : null;
      const answer = { ...change, session };
      return answer.status === 'pending' ? c.json(answer, 202) : c.json(answer, 200);
    });
}
