// A signed authorization entry can be carried out by anybody who has seen it. What a merchant is told of a withdrawal that
// somebody else carried out, or that failed while it still could be.
import { randomUUID } from 'node:crypto';
import type { PreparedBody, WithdrawalBody } from '@latchkey/sdk/api';
import {
  HostFunction,
  type InvokeHostFunctionOp,
  SorobanAuthorizationEntry,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Submission } from '../server/src/db/submissions.ts';
import { givePasskeyWallet, signedBy } from './passkeyWallet.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';
import { submit } from './submit.ts';

const path = '/v1/merchants/me/settlement';
/** More than a signature lives. */
const LEDGERS = 200;

let world: SettlementWorld;
/** done when the envelope of a withdrawal is stored, before it is sent */
let beforeSending: (row: Submission) => Promise<void> = async () => {};
beforeAll(async () => {
  world = await createSettlementWorld({
    observe: async (point, row) => {
      if (point === 'stored' && row.kind === 'withdraw-settlement') await beforeSending(row);
    },
  });
});
afterAll(() => world?.close());

async function carryOutInstead(row: Submission): Promise<void> {
  const auth = (JSON.parse(row.auth_xdr) as string[]).map((it) =>
    SorobanAuthorizationEntry.fromXdr(it, 'base64'),
  );
  await submit(world, HostFunction.fromXdr(row.host_function_xdr, 'base64'), auth);
}

async function decided(shop: MerchantPerson, id: string): Promise<WithdrawalBody> {
  let body: WithdrawalBody | undefined;
  await expect
    .poll(
      async () => {
        body = (await shop.call<WithdrawalBody>(`${path}/withdrawals/${id}`)).body;
        return body.status;
      },
      { timeout: 20_000 },
    )
    .not.toBe('unknown');
  return body!;
}

describe('a withdrawal', () => {
  it('that somebody else carried out is confirmed, and was never called failed', async () => {
    const shop = await world.merchant(`${randomUUID()}@example.org`);
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 10_0000000n);
    const other = await world.merchant(`${randomUUID()}@example.org`);
    const destination = await givePasskeyWallet(world, other);
    beforeSending = carryOutInstead;
    const answer = await shop.call<WithdrawalBody>(`${path}/withdraw`, {
      amount: '3',
      destination,
      totp: shop.totp(),
    });
    beforeSending = async () => {};
    expect(await world.usdcBalance(destination)).toBe(3_0000000n);
    expect(['unknown', 'confirmed']).toContain(answer.body.status);
    world.net!.warp({ ledgers: LEDGERS });
    const outcome = await decided(shop, answer.body.id);
    expect(outcome).toMatchObject({ status: 'confirmed', error: null });
    expect(await world.usdcBalance(managed)).toBe(7_0000000n);
  });

  it('that failed is called so once nobody can carry it out any more, and counts until then', async () => {
    const shop = await world.merchant(`${randomUUID()}@example.org`);
    const wallet = await givePasskeyWallet(world, shop);
    await world.pay(wallet, 100_0000000n);
    await shop.call(`${path}/withdraw/rules`, { dailyLimit: '100', allowListOnly: false });
    const destination = world.net!.accounts[0]!.publicKey;
    const sign = async (amount: string) => {
      const { body } = await shop.call<PreparedBody>(`${path}/withdraw/prepare`, { amount, destination });
      return signedBy(shop, body);
    };
    const [first, second] = [await sign('60'), await sign('70')];
    beforeSending = async () => {
      const envelope = TransactionEnvelope.fromXdr(second.signedXdr, 'base64');
      if (envelope.type !== 'envelopeTypeTx') throw new Error('no V1 envelope');
      const { hostFunction, auth } = envelope.value.tx.operations[0]!.body.value as InvokeHostFunctionOp;
      await submit(world, hostFunction, auth);
    };
    const answer = await shop.call<WithdrawalBody>(`${path}/withdraw/submit`, first);
    beforeSending = async () => {};
    expect(answer.body).toMatchObject({ status: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } });
    const tooMuch = await shop.call(`${path}/withdraw/prepare`, { amount: '41', destination });
    expect(tooMuch.body.code).toMatch(/DAILY_LIMIT_EXCEEDED|INSUFFICIENT_BALANCE/);
    expect((await shop.call(`${path}/withdraw/rules`)).body.withdrawnToday).toBe('600000000');
    world.net!.warp({ ledgers: LEDGERS });
    expect(await decided(shop, answer.body.id)).toMatchObject({ status: 'failed' });
    expect((await shop.call(`${path}/withdraw/rules`)).body.withdrawnToday).toBe('0');
    expect(await world.usdcBalance(wallet)).toBe(30_0000000n);
  });

  it('whose signature has outlived its ledgers says that it has to be prepared again', async () => {
    const shop = await world.merchant(`${randomUUID()}@example.org`);
    await world.pay(await givePasskeyWallet(world, shop), 100_0000000n);
    const destination = world.net!.accounts[0]!.publicKey;
    const { body } = await shop.call<PreparedBody>(`${path}/withdraw/prepare`, { amount: '1', destination });
    const signed = await signedBy(shop, body);
    world.net!.warp({ ledgers: LEDGERS });
    expect((await shop.call(`${path}/withdraw/submit`, signed)).body.code).toBe('PREPARED_EXPIRED');
  });
});
