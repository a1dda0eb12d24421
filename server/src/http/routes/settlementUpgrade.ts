// The upgrade to a passkey wallet and its migration: registration, the gate that shows what will move, progress, and another
// try. Only for the dashboard's sessions: a program with an API key neither upgrades nor confirms.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema, schema as wallets } from '@latchkey/sdk/api';
import type { Settlement } from '../../settlement/settlement.ts';
import { challengeUse } from '../challengeUse.ts';
import { createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const BASE = '/v1/merchants/me/settlement';
const migration = json('the migration as it stands', schema.migrationSchema);

const upgradeOptions = createRoute({
  method: 'post',
  path: `${BASE}/upgrade/options`,
  responses: {
    200: json('options for navigator.credentials.create', wallets.creationOptionsResponse),
    ...problems,
  },
});
const upgrade = createRoute({
  method: 'post',
  path: `${BASE}/upgrade`,
  request: jsonBody(schema.upgradeRequest),
  responses: {
    201: json('the smart wallet is on the network', schema.upgradeResponse),
    202: json('the smart wallet is on its way', schema.upgradeResponse),
    ...problems,
  },
});
const abandon = createRoute({
  method: 'post',
  path: `${BASE}/upgrade/abandon`,
  request: jsonBody(schema.abandonUpgradeRequest),
  responses: { 200: json('the wallet is managed as it was before', z.object({})), ...problems },
});
const view = createRoute({
  method: 'get',
  path: `${BASE}/migration`,
  responses: { 200: json('null before an upgrade', schema.migrationSchema.nullable()), ...problems },
});
const gate = createRoute({
  method: 'post',
  path: `${BASE}/migration/gate`,
  responses: {
    200: json('what will move, and options for navigator.credentials.get', schema.gateOptionsResponse),
    ...problems,
  },
});
const confirm = createRoute({
  method: 'post',
  path: `${BASE}/migration/confirm`,
  request: jsonBody(schema.gateRequest),
  responses: { 200: migration, ...problems },
});
const retry = createRoute({
  method: 'post',
  path: `${BASE}/migration/retry`,
  responses: { 200: migration, ...problems },
});

export function settlementUpgradeRoutes({ access, upgrade: upgrades, gate: gates }: Settlement) {
  return createRouter()
    .openapi(upgradeOptions, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await upgrades.options(merchant), 200);
    })
    .openapi(upgrade, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      const body = c.req.valid('json');
      const { registrationResponseJSON: response, ...stepUp } = body;
      const made = await upgrades.upgrade(merchant, { response, stepUp }, challengeUse(c, body));
      return made.status === 'confirmed' ? c.json(made, 201) : c.json(made, 202);
    })
    .openapi(abandon, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      await upgrades.abandon(merchant, c.req.valid('json'));
      return c.json({}, 200);
    })
    .openapi(view, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await gates.view(merchant), 200);
    })
    .openapi(gate, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await gates.open(merchant), 200);
    })
    .openapi(confirm, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      const body = c.req.valid('json');
      const confirmed = await gates.confirm(merchant, body.authenticationResponseJSON, challengeUse(c, body));
      return c.json(confirmed, 200);
    })
    .openapi(retry, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await gates.retry(merchant), 200);
    });
}
