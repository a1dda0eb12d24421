// A merchant withdraws, from a managed account and from a passkey wallet: what arrives, what is refused before anything is
// signed, and what happens when it is asked for twice.
import type { PreparedBody, WithdrawalBody, WithdrawalRulesBody } from '@latchkey/sdk/api';
import { addressToScVal, muxedAddress, structField } from '@latchkey/sdk/chain';
import { createMerchantClient } from '@latchkey/sdk/merchant';
import { Keypair } from '@stellar/stellar-sdk/base';
import { ManageDataOp, OperationBody, ScVal } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { merchantById } from '../server/src/db/merchants.ts';
import { carryOut } from './classicOperation.ts';
import { givePasskeyWallet, signedBy } from './passkeyWallet.ts';
import { finished, gateBody, MIGRATION, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

const path = '/v1/merchants/me/settlement';
const DAY_MS = 24 * 3_600_000;

let world: SettlementWorld;
/** holds USDC and takes more */
let customer: string;
beforeAll(async () => {
  world = await createSettlementWorld({ devnet: { accounts: 2 } });
  customer = world.net!.accounts[0]!.publicKey;
});
afterAll(() => world?.close());

let merchants = 0;
async function managed(balance = 100_0000000n): Promise<MerchantPerson & { address: string }> {
  const shop = await world.merchant(`managed${merchants++}@example.org`);
  const { settlementAddress } = await shop.me();
  if (balance > 0n) await world.pay(settlementAddress!, balance);
  return Object.assign(shop, { address: settlementAddress! });
}

async function selfCustody(balance = 100_0000000n): Promise<MerchantPerson & { address: string }> {
  const shop = await world.merchant(`own${merchants++}@example.org`);
  const address = await givePasskeyWallet(world, shop);
  if (balance > 0n) await world.pay(address, balance);
  return Object.assign(shop, { address });
}

/** Moves the server's clock on by a day, which ends the session, and signs in again. */
async function aDayLater(shop: MerchantPerson): Promise<void> {
  world.passMs(DAY_MS + 60_000);
  const merchant = await merchantById(world.server.services.db, shop.id);
  shop.token = (await world.settlement.access.issueSession(merchant!)).token;
}

const ask = (amount: string, destination = customer, memo?: string) => ({
  amount,
  destination,
  ...(memo === undefined ? {} : { memo }),
});

async function prepared(shop: MerchantPerson, body: object): Promise<PreparedBody> {
  const answer = await shop.call<PreparedBody>(`${path}/withdraw/prepare`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

const subjectsTo = (email: string) =>
  world.server.services.mailer.inbox!.filter((it) => it.to === email).map((it) => it.subject);

async function auditOf(shop: MerchantPerson): Promise<string[]> {
  const rows = await world.server.services.db
    .selectFrom('settlement_audit')
    .select('action')
    .where('account_id', '=', shop.id)
    .where('action', 'like', 'withdrawal%')
    .orderBy('at')
    .execute();
  return rows.map((it) => it.action);
}

describe('a withdrawal from a managed account', () => {
  it('pays an account, with a memo, after a step-up', async () => {
    const shop = await managed();
    const before = await world.usdcBalance(customer);
    const body = { ...ask('12.5', customer, 'invoice 7'), totp: shop.totp() };
    const answer = await shop.call<WithdrawalBody>(`${path}/withdraw`, body);
    expect(answer.body).toMatchObject({
      kind: 'managed',
      status: 'confirmed',
      amount: '125000000',
      destination: customer,
      memo: 'invoice 7',
      error: null,
    });
    expect(await world.usdcBalance(customer)).toBe(before + 12_5000000n);
    expect(await world.usdcBalance(shop.address)).toBe(87_5000000n);
    const list = await shop.call<{ withdrawals: WithdrawalBody[] }>(`${path}/withdrawals`);
    expect(list.body.withdrawals).toEqual([answer.body]);
    expect((await shop.call(`${path}/withdrawals/${answer.body.id}`)).body).toEqual(answer.body);
    expect(await auditOf(shop)).toEqual(['withdrawal.submitted', 'withdrawal.confirmed']);
  });

  it('pays a numbered address and a contract', async () => {
    const shop = await managed();
    const muxed = muxedAddress(customer, 77n);
    const toMuxed = { ...ask('1', muxed), totp: shop.totp() };
    expect((await shop.call(`${path}/withdraw`, toMuxed)).body).toMatchObject({ status: 'confirmed' });
    const wallet = (await selfCustody(0n)).address;
    const toContract = { ...ask('2', wallet), totp: shop.totp() };
    expect((await shop.call(`${path}/withdraw`, toContract)).body).toMatchObject({ status: 'confirmed' });
    expect(await world.usdcBalance(wallet)).toBe(2_0000000n);
  });

  it('is refused without a step-up, and with a code that was used', async () => {
    const shop = await managed();
    expect((await shop.call(`${path}/withdraw`, ask('1'))).body.code).toBe('STEP_UP_REQUIRED');
    const totp = shop.totp();
    expect((await shop.call(`${path}/withdraw`, { ...ask('1'), totp })).status).toBe(200);
    expect((await shop.call(`${path}/withdraw`, { ...ask('1'), totp })).body.code).toBe('TOTP_INVALID');
    expect(await world.usdcBalance(shop.address)).toBe(99_0000000n);
  });

  it('is refused while the wallet is moving, and once a passkey signs', async () => {
    const shop = await managed();
    const { db } = world.server.services;
    const migration = {
      id: crypto.randomUUID(),
      account_id: shop.id,
      network: 'testnet' as const,
      state: 'transferring' as const,
      round: 1,
      from_address: shop.address,
      to_address: shop.address,
      seen_ledger: 0,
      not_before: 0,
      moved_amount: '0',
      moved_native_stroops: '0',
      version: 0,
      created_at: 0,
      updated_at: 0,
    };
    await db.insertInto('settlement_migrations').values(migration).execute();
    const moving = await shop.call(`${path}/withdraw`, { ...ask('1'), totp: shop.totp() });
    expect(moving.body.code).toBe('MIGRATION_IN_PROGRESS');
    const own = await selfCustody(0n);
    const signedByUs = await own.call(`${path}/withdraw`, { ...ask('1'), totp: own.totp() });
    expect(signedByUs.body.code).toBe('SETTLEMENT_NOT_MANAGED');
    const byPasskey = await shop.call(`${path}/withdraw/prepare`, ask('1'));
    expect(byPasskey.body.code).toBe('SETTLEMENT_IS_MANAGED');
  });

  it('leaves the step-up unused when it is refused', async () => {
    const shop = await managed(1_0000000n);
    const totp = shop.totp();
    const tooMuch = await shop.call(`${path}/withdraw`, { ...ask('1.0000001'), totp });
    expect(tooMuch.body).toMatchObject({ code: 'INSUFFICIENT_BALANCE', field: 'amount' });
    expect((await shop.call(`${path}/withdraw`, { ...ask('1'), totp })).status).toBe(200);
  });
});

describe('a withdrawal from a passkey wallet', () => {
  it('is prepared, signed in the browser, and paid', async () => {
    const shop = await selfCustody();
    const before = await world.usdcBalance(customer);
    const body = await prepared(shop, ask('12.5'));
    expect(body.summary).toBe(`Sends 12.5 USDC from ${shop.address} to ${customer}.`);
    const pending = await shop.call(`${path}/withdrawals/${body.id}`);
    expect(pending.body).toMatchObject({ status: 'prepared', amount: '125000000' });
    const answer = await shop.call<WithdrawalBody>(`${path}/withdraw/submit`, await signedBy(shop, body));
    expect(answer.body).toMatchObject({ id: body.id, kind: 'passkey', status: 'confirmed', error: null });
    expect(await world.usdcBalance(customer)).toBe(before + 12_5000000n);
    expect(await world.usdcBalance(shop.address)).toBe(87_5000000n);
    expect(await auditOf(shop)).toEqual(['withdrawal.submitted', 'withdrawal.confirmed']);
  });

  it('carries a number as part of the address, and refuses a text', async () => {
    const shop = await selfCustody();
    const body = await prepared(shop, ask('1', customer, '4711'));
    expect(body.summary).toContain(muxedAddress(customer, 4711n));
    const answer = await shop.call(`${path}/withdraw/submit`, await signedBy(shop, body));
    expect(answer.body).toMatchObject({ status: 'confirmed', destination: customer, memo: '4711' });
    for (const memo of ['invoice 7', '18446744073709551616'])
      expect((await shop.call(`${path}/withdraw/prepare`, ask('1', customer, memo))).status).toBe(
        memo === 'invoice 7' ? 422 : 400,
      );
    const asText = { ...ask('1', customer, '4711'), memoType: 'text' };
    expect((await shop.call(`${path}/withdraw/prepare`, asText)).body.code).toBe('MEMO_NOT_POSSIBLE');
  });

  it('has to be prepared again after five minutes', async () => {
    const shop = await selfCustody();
    const body = await prepared(shop, ask('5'));
    const signed = await signedBy(shop, body);
    world.passMs(5 * 60_000 + 1000);
    const late = await shop.call(`${path}/withdraw/submit`, signed);
    expect(late.body).toMatchObject({ code: 'PREPARED_EXPIRED', status: 410 });
    expect((await shop.call(`${path}/withdrawals/${body.id}`)).body.status).toBe('expired');
    expect(await world.usdcBalance(shop.address)).toBe(100_0000000n);
  });

  it("is nobody else's to submit", async () => {
    const [shop, other] = [await selfCustody(), await selfCustody()];
    const signed = await signedBy(shop, await prepared(shop, ask('5')));
    const stolen = await other.call(`${path}/withdraw/submit`, signed);
    expect(stolen.body.code).toBe('NOT_FOUND');
    expect((await shop.call(`${path}/withdraw/submit`, signed)).status).toBe(200);
  });

  it('is refused when the money has gone meanwhile', async () => {
    const shop = await selfCustody();
    const signed = [];
    for (let i = 0; i < 2; i++) signed.push(await signedBy(shop, await prepared(shop, ask('60'))));
    expect((await shop.call(`${path}/withdraw/submit`, signed[0])).body.status).toBe('confirmed');
    expect((await shop.call(`${path}/withdraw/submit`, signed[1])).body.code).toBe('INSUFFICIENT_BALANCE');
  });

  it('is used up only by a valid signature', async () => {
    const [shop, other] = [await selfCustody(), await selfCustody()];
    const body = await prepared(shop, ask('5'));
    const forger = other.authenticator.credentials[0]!.id;
    const forged = await signedBy(other, {
      ...body,
      options_json: { ...body.options_json, allowCredentials: [{ id: forger }] } as never,
      signers: [{ ...body.signers[0]!, credentialId: forger }],
    });
    expect((await shop.call(`${path}/withdraw/submit`, forged)).body.code).toBe('SIGNATURE_INVALID');
    const answer = await shop.call(`${path}/withdraw/submit`, await signedBy(shop, body));
    expect(answer.body.status).toBe('confirmed');
  });
});

describe('an account that asks for a memo (SEP-29)', () => {
  it('is paid with one, and not without, by either kind of wallet', async () => {
    const { net, usdc } = world;
    const { secretKey, publicKey: exchange } = net!.accounts[1]!;
    const wish = new ManageDataOp({
      dataName: 'config.memo_required',
      dataValue: new TextEncoder().encode('1'),
    });
    const network = { rpc: world.rpc, passphrase: net!.passphrase };
    const isSet = await carryOut(network, Keypair.fromSecret(secretKey), OperationBody.manageData(wish));
    expect(isSet).toBe(true);
    const [shop, own] = [await managed(), await selfCustody()];
    const before = await world.usdcBalance(exchange);
    const without = await shop.call(`${path}/withdraw`, { ...ask('1', exchange), totp: shop.totp() });
    expect(without.body).toMatchObject({ code: 'MEMO_REQUIRED', field: 'memo' });
    expect((await own.call(`${path}/withdraw/prepare`, ask('1', exchange))).body.code).toBe('MEMO_REQUIRED');
    await shop.call(`${path}/withdraw`, { ...ask('1', exchange, 'ab12'), totp: shop.totp() });
    const signed = await signedBy(own, await prepared(own, ask('1', exchange, '12')));
    await own.call(`${path}/withdraw/submit`, signed);
    expect(await world.usdcBalance(exchange)).toBe(before + 2_0000000n);
    const [toNumber] = await memosOf(world, usdc.contractId, own.address);
    expect(toNumber).toBe(12n);
  });
});

describe('a merchant who has upgraded', () => {
  it('withdraws with the passkey by the client, as the dashboard does it', async () => {
    const shop = await managed();
    await upgraded(shop);
    const { json } = await gateBody(shop);
    await shop.call(`${MIGRATION}/confirm`, json);
    await finished(shop);
    const client = createMerchantClient({
      baseUrl: world.server.url,
      storage: null,
      apiKey: shop.token,
      passkeys: shop.authenticator,
    });
    const merchant = await client.me();
    const asked = { amount: '40', destination: customer, memo: '7' };
    const withdrawal = await client.prepareWithdrawal(merchant, asked);
    expect(withdrawal).toMatchObject({ kind: 'passkey', review: { amount: 40_0000000n } });
    expect(await withdrawal.approve()).toMatchObject({ status: 'confirmed', amount: 40_0000000n });
    expect((await client.me()).settlement.balance).toBe(60_0000000n);
    expect(await client.devices()).toMatchObject([{ signerId: 0, state: 'active' }]);
  });
});

/** The numbers that transfers out of `from` name, oldest first (CAP-67). */
async function memosOf(world: SettlementWorld, contractId: string, from: string): Promise<unknown[]> {
  const topic = [ScVal.scvSymbol('transfer'), addressToScVal(from)].map((it) => it.toXdr('base64'));
  const { events } = await world.rpc.call('getEvents', {
    startLedger: 2,
    filters: [{ type: 'contract', contractIds: [contractId], topics: [[...topic, '*', '*']] }],
  });
  return events.map(({ value }) => {
    const id = structField(ScVal.fromXdr(value, 'base64'), 'to_muxed_id');
    return id?.type === 'scvU64' ? id.value : null;
  });
}

describe('limits of a merchant', () => {
  it('free what was withdrawn 24 hours later', async () => {
    const shop = await selfCustody();
    await shop.call(`${path}/withdraw/rules`, { dailyLimit: '10', allowListOnly: false });
    const signed = await signedBy(shop, await prepared(shop, ask('10')));
    expect((await shop.call(`${path}/withdraw/submit`, signed)).body.status).toBe('confirmed');
    const smallest = ask('0.0000001');
    const early = await shop.call(`${path}/withdraw/prepare`, smallest);
    expect(early.body.code).toBe('DAILY_LIMIT_EXCEEDED');
    await aDayLater(shop);
    expect((await shop.call(`${path}/withdraw/prepare`, ask('10'))).status).toBe(200);
  });

  it('loosen only with a step-up, and a day later', async () => {
    const shop = await managed();
    const rules = `${path}/withdraw/rules`;
    await shop.call(rules, { dailyLimit: '10', allowListOnly: true });
    const loose = { dailyLimit: '50', allowListOnly: true };
    expect((await shop.call(rules, loose)).body.code).toBe('STEP_UP_REQUIRED');
    const asked = await shop.call(rules, { ...loose, totp: shop.totp() });
    expect(asked.body).toMatchObject({ dailyLimit: '100000000', pending: { dailyLimit: '500000000' } });
    const destination = { address: customer, label: 'Bank' };
    expect((await shop.call(`${path}/withdraw/allowed`, destination)).body.code).toBe('STEP_UP_REQUIRED');
    const allowed = await shop.call<WithdrawalRulesBody>(`${path}/withdraw/allowed`, {
      ...destination,
      totp: shop.totp(),
    });
    expect(allowed.body.allowed).toMatchObject([destination]);
    const mail = () => subjectsTo(shop.email);
    await expect
      .poll(mail, { timeout: 20_000 })
      .toContain('A destination is about to be allowed for your withdrawals');
    expect(mail()).toContain('The limits of your withdrawals are about to be loosened');
    const early = await shop.call(`${path}/withdraw`, { ...ask('1'), totp: shop.totp() });
    expect(early.body.code).toBe('DESTINATION_NOT_ALLOWED');
    await aDayLater(shop);
    const later = await shop.call(`${path}/withdraw`, { ...ask('30'), totp: shop.totp() });
    expect(later.body).toMatchObject({ status: 'confirmed' });
    const removed = await shop.call(`${path}/withdraw/allowed/remove`, { address: customer });
    expect(removed.body).toMatchObject({ allowed: [] });
    const gone = await shop.call(`${path}/withdraw`, { ...ask('1'), totp: shop.totp() });
    expect(gone.body.code).toBe('DESTINATION_NOT_ALLOWED');
  });
});
