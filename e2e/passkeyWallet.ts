// A merchant's passkey wallet as it is after an upgrade, made without one: registered, deployed by the factory, noted in the
// merchant's rows. For stories about what the wallet does afterwards; how a merchant gets one is told elsewhere.
import { randomBytes } from 'node:crypto';
import type { AuthenticationResponse, PreparedBody } from '@latchkey/sdk/api';
import { factoryCalls, readAddress } from '@latchkey/sdk/chain';
import { signPrepared } from '../sdk/src/merchant/signPrepared.ts';
import { registrationOptions, verifyRegistration } from '../server/src/auth/ceremonies.ts';
import { insertPasskey } from '../server/src/db/merchantPasskeys.ts';
import { ownerSigner } from '../server/src/wallets/ownerSigner.ts';
import { dashboardOrigin, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';
import { submit } from './submit.ts';

const relyingParty = { name: 'Latchkey', id: 'localhost', origin: dashboardOrigin };

/** @returns the wallet's address */
export async function givePasskeyWallet(world: SettlementWorld, shop: MerchantPerson): Promise<string> {
  const { db, config } = world.server.services;
  const options = await registrationOptions(relyingParty, shop, []);
  const response = await shop.authenticator.register(options);
  const credential = await verifyRegistration(relyingParty, response, options.challenge);
  const signers = [await ownerSigner(relyingParty, credential)];
  const init = { signers, adminThreshold: 1, recovery: null };
  const wallet = readAddress(
    await submit(world, factoryCalls.deploy(config.factoryId, randomBytes(32), init)),
  );
  await insertPasskey(db, {
    id: credential.id,
    account_id: shop.id,
    public_key: credential.publicKey,
    sign_count: 0,
    transports: '[]',
    origin: dashboardOrigin,
    name: 'First device',
    signer_id: 0,
    state: 'active',
    submission_id: null,
    created_at: Date.now(),
  });
  await db
    .updateTable('merchant_settlement_keys')
    .set({
      managed: 0,
      status: 'self-custody',
      smart_wallet_address: wallet,
      passkey_credential_id: credential.id,
      encrypted_seed: null,
      kek_version: null,
    })
    .where('account_id', '=', shop.id)
    .execute();
  await db
    .updateTable('merchants')
    .set({ settlement_address: wallet })
    .where('account_id', '=', shop.id)
    .execute();
  return wallet;
}

/** What was prepared, signed by a passkey of the merchant's. */
export async function signedBy(
  shop: Pick<MerchantPerson, 'authenticator'>,
  prepared: PreparedBody,
): Promise<{ id: string; signedXdr: string }> {
  const assertion: AuthenticationResponse = await shop.authenticator.authenticate(prepared.options_json);
  return { id: prepared.id, signedXdr: await signPrepared(prepared, assertion) };
}
