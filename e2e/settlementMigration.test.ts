// A merchant takes its settlement wallet into its own hands: passkey, smart wallet, gate, migration, and what anybody can
// see of it afterwards; and what arrives in between. What stops a migration is in settlementStops.test.ts.
import { createHash } from 'node:crypto';
import type { AuthenticationResponse, settlementSchema } from '@latchkey/sdk/api';
import { Keypair } from '@stellar/stellar-sdk/base';
import { CreateAccountOp, OperationBody } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyAssertion } from '../server/src/auth/ceremonies.ts';
import type { StepObserver } from '../server/src/relayer/worker.ts';
import { usdcBalance } from '../server/src/settlement/balance.ts';
import { carryOut, payment } from './classicOperation.ts';
import { finished, gateBody, MIGRATION, SETTLEMENT, upgradeBody, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, dashboardOrigin, type SettlementWorld } from './settlementWorld.ts';

const MOST_LEDGERS = 4;
const payer = Keypair.random();

let world: SettlementWorld;
let observe: StepObserver;
beforeAll(async () => {
  world = await createSettlementWorld({ observe: (point, row) => observe(point, row) });
  await world.net!.fund(payer.publicKey());
});
beforeEach(() => {
  observe = () => {};
});
afterAll(() => world?.close());

const network = () => ({ rpc: world.rpc, passphrase: world.net!.passphrase });
const stroopsOf = (address: string) =>
  usdcBalance(
    { rpc: world.rpc, usdc: { ...world.usdc, contractId: world.net!.nativeTokenContractId } },
    address,
  );

/** Runs `act` once, right before the first transaction of this kind is made. */
function rightBefore(kind: string, act: () => Promise<unknown>): void {
  let isOver = false;
  observe = async (point, row) => {
    if (point !== 'prepared' || row.kind !== kind || isOver) return;
    isOver = true;
    await act();
  };
}

describe('an upgrade', () => {
  it(`moves everything to the passkey wallet, in at most ${MOST_LEDGERS} ledgers`, async () => {
    const shop = await world.merchant('shop@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 123_456_789n);
    const ledgerBefore = world.net!.latestLedger().sequence;
    const made = await upgraded(shop);
    expect(made).toMatchObject({ status: 201, body: { status: 'confirmed' } });
    const wallet = made.body.smartWalletAddress;
    expect((await shop.me()).settlement).toMatchObject({
      status: 'upgrading',
      managed: true,
      balance: '123456789',
    });

    const { shown, json } = await gateBody(shop);
    expect(shown).toMatchObject({ balance: '123456789', fromAddress: managed, toAddress: wallet });
    expect((await shop.call(`${MIGRATION}/confirm`, json)).status).toBe(200);
    expect(await finished(shop)).toMatchObject({
      movedAmount: '123456789',
      round: 1,
      error: null,
      fromAddress: managed,
    });
    expect(world.net!.latestLedger().sequence - ledgerBefore).toBeLessThanOrEqual(MOST_LEDGERS);
    expect(await shop.me()).toMatchObject({
      settlementAddress: wallet,
      settlement: { status: 'self-custody', managed: false, balance: '123456789', deviceCount: 1 },
      hasPasskey: true,
    });
    expect(await world.usdcBalance(managed)).toBe(0n);
  });

  it('is one wallet and one migration, however often it is asked for', async () => {
    const shop = await world.merchant('impatient@example.org');
    const tabs = [await upgradeBody(shop), await upgradeBody(shop)];
    const key = { 'idempotency-key': crypto.randomUUID() };
    const ask = (json: unknown, headers = {}) =>
      shop.call<settlementSchema.UpgradeBody>(`${SETTLEMENT}/upgrade`, json, headers);
    const answers = await Promise.all([ask(tabs[0], key), ask(tabs[0], key), ask(tabs[0]), ask(tabs[1])]);
    const wallets = answers.filter((it) => it.status === 201).map((it) => it.body.smartWalletAddress);
    expect(new Set(wallets).size).toBe(1);
    // The first tab's double clicks get the same answer, the other tab's passkey is refused, or the other way round.
    expect([1, 3]).toContain(wallets.length);
    const refused = answers.filter((it) => it.status !== 201);
    expect(new Set(refused.map((it) => it.body.code))).toEqual(new Set(['ALREADY_UPGRADED']));
    expect((await shop.call(`${SETTLEMENT}/upgrade/options`, {})).body).toMatchObject({
      code: 'ALREADY_UPGRADED',
    });
    expect((await shop.me()).settlement).toMatchObject({ deviceCount: 1, smartWalletAddress: wallets[0] });

    const { json } = await gateBody(shop);
    const other = await gateBody(shop);
    const confirm = (body: unknown) => shop.call(`${MIGRATION}/confirm`, body, key2);
    const key2 = { 'idempotency-key': crypto.randomUUID() };
    const confirmed = await Promise.all([
      confirm(json),
      confirm(json),
      shop.call(`${MIGRATION}/confirm`, other.json),
    ]);
    expect(confirmed.filter((it) => it.status === 200).length).toBeGreaterThanOrEqual(1);
    await finished(shop);
    expect((await confirm(json)).body).toMatchObject({ state: 'done' });
    expect((await shop.call(`${MIGRATION}/gate`, {})).body).toMatchObject({ code: 'MIGRATION_NOT_WAITING' });
    expect((await shop.call(`${MIGRATION}/retry`, {})).body).toMatchObject({ state: 'done' });
    const { db } = world.server.services;
    const rows = await db
      .selectFrom('submissions')
      .select('kind')
      .where('account_id', '=', shop.id)
      .where('kind', '!=', 'provision-settlement')
      .execute();
    expect(rows.map((it) => it.kind)).toEqual(['deploy-settlement', 'close-settlement']);
  });

  it('asks for the authenticator app, and for a session', async () => {
    const shop = await world.merchant('careful@example.org');
    const { totp: _, ...withoutCode } = await upgradeBody(shop);
    expect((await shop.call(`${SETTLEMENT}/upgrade`, withoutCode)).body).toMatchObject({
      code: 'STEP_UP_REQUIRED',
    });
    expect((await shop.call(`${SETTLEMENT}/upgrade`, { ...withoutCode, totp: '000000' })).status).toBe(403);
    shop.token = 'nobody';
    expect((await shop.call(`${SETTLEMENT}/upgrade/options`, {})).body).toMatchObject({
      code: 'SESSION_REQUIRED',
    });
    expect((await shop.call(MIGRATION)).status).toBe(401);
  });
});

describe('the gate', () => {
  it('keeps what was shown and what the passkey signed, so that anyone can verify it again', async () => {
    const shop = await world.merchant('evidence@example.org');
    await world.pay((await shop.me()).settlementAddress!, 700n);
    await upgraded(shop);
    const { shown, json } = await gateBody(shop);
    await shop.call(`${MIGRATION}/confirm`, json);
    await finished(shop);
    const { db } = world.server.services;
    const kept = await db
      .selectFrom('settlement_migrations')
      .selectAll()
      .where('account_id', '=', shop.id)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(kept.gate_subject!)).toEqual({
      type: 'latchkey settlement migration',
      migrationId: kept.id,
      fromAddress: shown.fromAddress,
      toAddress: shown.toAddress,
      balance: '700',
      networkPassphrase: shown.networkPassphrase,
      nonce: shown.nonce,
    });
    const challenge = createHash('sha256').update(kept.gate_subject!).digest('base64url');
    const passkey = await db
      .selectFrom('merchant_passkeys')
      .selectAll()
      .where('account_id', '=', shop.id)
      .executeTakeFirstOrThrow();
    const relyingParty = { name: '', id: 'localhost', origin: dashboardOrigin };
    const assertion = JSON.parse(kept.gate_assertion!) as AuthenticationResponse;
    await expect(verifyAssertion(relyingParty, assertion, challenge, passkey)).resolves.toBeDefined();
    const forged = kept.gate_subject!.replace('"700"', '"701"');
    const other = createHash('sha256').update(forged).digest('base64url');
    await expect(verifyAssertion(relyingParty, assertion, other, passkey)).rejects.toThrow();
  });

  it('takes no other passkey, no other gate and no other merchant', async () => {
    const [shop, thief] = [await world.merchant('a@example.org'), await world.merchant('b@example.org')];
    await upgraded(shop);
    await upgraded(thief);
    const { json } = await gateBody(shop);
    const refused = await thief.call(`${MIGRATION}/confirm`, json);
    expect(refused.body).toMatchObject({ code: 'CHALLENGE_WRONG_ACCOUNT' });
    const { body } = await shop.call<settlementSchema.GateBody>(`${MIGRATION}/gate`, {});
    const options = { ...body.options_json, allowCredentials: [] };
    const byThief = await thief.authenticator.authenticate(options);
    const wrong = await shop.call(`${MIGRATION}/confirm`, { authenticationResponseJSON: byThief });
    expect(wrong.body).toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
    expect((await shop.call(MIGRATION)).body).toMatchObject({ state: 'ready' });
  });

  it('lets what arrives after it move as well', async () => {
    const shop = await world.merchant('popular@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await upgraded(shop);
    const { shown, json } = await gateBody(shop);
    expect(shown.balance).toBe('0');
    await world.pay(managed, 31n);
    await shop.call(`${MIGRATION}/confirm`, json);
    expect(await finished(shop)).toMatchObject({ movedAmount: '31' });
  });
});

describe('what arrives while it moves', () => {
  it('is moved by another round when it is USDC', async () => {
    const shop = await world.merchant('busy@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 1_000n);
    const { body } = await upgraded(shop);
    const { json } = await gateBody(shop);
    rightBefore('close-settlement', () => world.pay(managed, 23n));
    await shop.call(`${MIGRATION}/confirm`, json);
    expect(await finished(shop)).toMatchObject({ movedAmount: '1023', round: 2 });
    expect(await world.usdcBalance(body.smartWalletAddress)).toBe(1_023n);
  });

  it('is moved, or given back by the sponsor, when it is XLM', async () => {
    const shop = await world.merchant('lucky@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await carryOut(network(), payer, payment(managed, 70_000_000n));
    const { body } = await upgraded(shop);
    const { json } = await gateBody(shop);
    rightBefore('close-settlement', () => carryOut(network(), payer, payment(managed, 30_000_001n)));
    await shop.call(`${MIGRATION}/confirm`, json);
    await finished(shop);
    expect(await stroopsOf(body.smartWalletAddress)).toBe(100_000_001n);
  });

  it('is the merchant’s even when somebody makes the closed account again', async () => {
    const shop = await world.merchant('haunted@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await carryOut(network(), payer, payment(managed, 5n));
    const { body } = await upgraded(shop);
    const { json } = await gateBody(shop);
    const { db } = world.server.services;
    // The sponsor's return of what the merge brought comes after the close: the account is made again before it.
    const again = new CreateAccountOp({
      destination: Keypair.fromPublicKey(managed).xdrAccountId(),
      startingBalance: 50_000_000n,
    });
    let isOver = false;
    observe = async (point, row) => {
      if (point === 'prepared' && row.kind === 'close-settlement' && !isOver)
        await carryOut(network(), payer, payment(managed, 11n));
      if (point === 'prepared' && row.kind === 'return-settlement' && !isOver) {
        isOver = true;
        expect(await carryOut(network(), payer, OperationBody.createAccount(again))).toBe(true);
      }
    };
    await shop.call(`${MIGRATION}/confirm`, json);
    await finished(shop);
    expect(await stroopsOf(body.smartWalletAddress)).toBe(50_000_016n);
    const actions = await db
      .selectFrom('settlement_audit')
      .select('action')
      .where('account_id', '=', shop.id)
      .where('action', 'like', 'migration.%')
      .orderBy('at')
      .execute();
    expect(actions.map((it) => it.action.slice('migration.'.length)).sort()).toEqual(
      [
        'ready',
        'confirmed',
        'transferred',
        'transferring',
        'transferred',
        'closing',
        'closed',
        'transferred',
        'closing',
        'closed',
        'done',
      ].sort(),
    );
  });
});
