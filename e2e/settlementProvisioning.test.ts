// What happens between a sign-up and an account on the network when things do not go smoothly: many at once, a sponsor
// without money, somebody else who makes the account first.
import { tokenCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSettlementWorld, type SettlementWorld } from './settlementWorld.ts';
import { submit } from './submit.ts';

/** Many more than are on their way at a time. */
const MANY = 120;
const HOUR_MS = 3_600_000;

let world: SettlementWorld;
beforeAll(async () => {
  world = await createSettlementWorld();
});
afterAll(() => world?.close());

const countOf = async (status: 'provisioning' | 'managed') =>
  (
    await world.server.services.db
      .selectFrom('merchant_settlement_keys')
      .select('account_id')
      .where('status', '=', status)
      .execute()
  ).length;

describe('many merchants at once', () => {
  it('all get their accounts, while a person still pays', async () => {
    const ana = world.person('ana@example.org');
    await ana.latchkey.createWallet({ email: ana.email });
    const shop = await world.account();
    const signingUp = Promise.all(
      Array.from({ length: MANY }, (_, i) =>
        world.merchant(`many${i}@example.org`, { totp: false, isProvisioned: false }),
      ),
    );
    const transfer = await ana.latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' });
    expect((await transfer.approve()).status).toBe('confirmed');
    expect(await countOf('managed')).toBeLessThan(MANY);
    await signingUp;
    await expect.poll(() => countOf('managed'), { timeout: 60_000, interval: 200 }).toBe(MANY);
  }, 120_000);
});

describe('an account that cannot be made', () => {
  it('is tried again until it can, also where somebody else has made it', async () => {
    const { sponsor, config, db } = world.server.services;
    // With this much it is given nothing more before the transfer.
    await world.net!.fund(sponsor.address);
    const { balanceStroops } = await sponsor.account();
    const elsewhere = await world.account();
    // What the sponsor keeps pays fees, and stands for what it has to, but for no account more.
    const lockedStroops = BigInt(5_000_000 * (2 + 2 * config.channels + 3 * (await countOf('managed'))));
    const kept = lockedStroops + 13_000_000n;
    await submit(
      world,
      tokenCalls.transfer(config.nativeTokenId, sponsor.address, elsewhere, balanceStroops - kept),
      undefined,
      Keypair.fromSecret(config.sponsorSecretKey),
    );
    const people = [
      await world.merchant('poor@example.org', { totp: false, isProvisioned: false }),
      await world.merchant('made@example.org', { totp: false, isProvisioned: false }),
    ];
    const rowOf = (id: string) =>
      db
        .selectFrom('merchant_settlement_keys')
        .selectAll()
        .where('account_id', '=', id)
        .executeTakeFirstOrThrow();
    for (const { id } of people)
      await expect
        .poll(async () => (await rowOf(id)).provision_tries, { timeout: 15_000 })
        .toBeGreaterThan(0);
    const poor = await people[0]!.me();
    expect(poor).toMatchObject({
      settlementAddress: null,
      settlement: { status: 'provisioning', balance: '0' },
    });

    await world.net!.fund((await rowOf(people[1]!.id)).address);
    await world.net!.fund(sponsor.address);
    world.passMs(HOUR_MS);
    for (const person of people) {
      await expect
        .poll(async () => (await rowOf(person.id)).status, { timeout: 15_000, interval: 100 })
        .toBe('managed');
      await world.pay((await rowOf(person.id)).address, 1n);
      expect(await world.usdcBalance((await rowOf(person.id)).address)).toBe(1n);
    }
  }, 60_000);
});
