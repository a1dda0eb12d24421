// What an owner does to move a settlement wallet: register a passkey, look at the gate, confirm, wait.
import type { AuthenticationResponse, settlementSchema } from '@latchkey/sdk/api';
import { expect } from 'vitest';
import type { MerchantPerson } from './settlementWorld.ts';

export const SETTLEMENT = '/v1/merchants/me/settlement';
export const MIGRATION = `${SETTLEMENT}/migration`;

export async function upgradeBody(shop: MerchantPerson) {
  const { body } = await shop.call(`${SETTLEMENT}/upgrade/options`, {});
  const registrationResponseJSON = await shop.authenticator.register(body.options_json);
  return { registrationResponseJSON, totp: shop.totp() };
}

export async function upgraded(shop: MerchantPerson) {
  const body = await upgradeBody(shop);
  return shop.call<settlementSchema.UpgradeBody>(`${SETTLEMENT}/upgrade`, body);
}

/** What the gate shows, and the request that agrees to it. */
export async function gateBody(shop: MerchantPerson): Promise<{
  shown: settlementSchema.GateBody;
  json: { authenticationResponseJSON: AuthenticationResponse };
}> {
  const { body } = await shop.call<settlementSchema.GateBody>(`${MIGRATION}/gate`, {});
  const authenticationResponseJSON = await shop.authenticator.authenticate(body.options_json);
  return { shown: body, json: { authenticationResponseJSON } };
}

export async function reached(
  shop: MerchantPerson,
  holds: (migration: settlementSchema.MigrationBody) => boolean,
): Promise<settlementSchema.MigrationBody> {
  let migration: settlementSchema.MigrationBody | undefined;
  await expect
    .poll(
      async () => {
        migration = (await shop.call<settlementSchema.MigrationBody>(MIGRATION)).body;
        return holds(migration) || migration;
      },
      { timeout: 15_000 },
    )
    .toBe(true);
  return migration!;
}

export const finished = (shop: MerchantPerson) => reached(shop, (it) => it.state === 'done');
