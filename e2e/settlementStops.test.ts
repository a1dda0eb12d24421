// What stops a migration: an issuer that freezes or takes back, a wallet that may not receive, keys that are missing. It says
// why, both wallets stay usable, nothing is lost, and one click later it goes on from where it stood.

import { invokeContract, parseAddress, scI128 } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  HostFunction,
  OperationBody,
  ScVal,
  SetOptionsOp,
  SorobanAuthorizationEntry,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Submission } from '../server/src/db/submissions.ts';
import type { StepObserver } from '../server/src/relayer/worker.ts';
import { carryOut } from './classicOperation.ts';
import { finished, gateBody, MIGRATION, reached, SETTLEMENT, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';
import { submit } from './submit.ts';

const AUTH_REVOCABLE = 2;
const AUTH_CLAWBACK_ENABLED = 8;

let world: SettlementWorld;
let issuer: Keypair;
let observe: StepObserver;
beforeAll(async () => {
  world = await createSettlementWorld({ observe: (point, row) => observe(point, row) });
  issuer = Keypair.fromSecret(world.net!.usdc!.issuer.secretKey);
  const powers = new SetOptionsOp({
    inflationDest: null,
    clearFlags: null,
    setFlags: AUTH_REVOCABLE | AUTH_CLAWBACK_ENABLED,
    masterWeight: null,
    lowThreshold: null,
    medThreshold: null,
    highThreshold: null,
    homeDomain: null,
    signer: null,
  });
  const network = { rpc: world.rpc, passphrase: world.net!.passphrase };
  expect(await carryOut(network, issuer, OperationBody.setOptions(powers))).toBe(true);
});
beforeEach(() => {
  observe = () => {};
});
afterAll(() => world?.close());

const addressValue = (address: string) => ScVal.scvAddress(parseAddress(address));

/** The issuer lets an address hold and send its USDC, or does not. */
async function authorize(address: string, isAllowed: boolean): Promise<void> {
  const args = [addressValue(address), ScVal.scvBool(isAllowed)];
  await submit(world, invokeContract(world.usdc.contractId, 'set_authorized', args), undefined, issuer);
}

async function clawBack(address: string, amount: bigint): Promise<void> {
  const args = [addressValue(address), scI128(amount)];
  await submit(world, invokeContract(world.usdc.contractId, 'clawback', args), undefined, issuer);
}

/** A merchant with a smart wallet, 900 in the managed account, and the gate in front of it. */
async function atTheGate(email: string): Promise<{ shop: MerchantPerson; managed: string; wallet: string }> {
  const shop = await world.merchant(email);
  const managed = (await shop.me()).settlementAddress!;
  await world.pay(managed, 900n);
  const { body } = await upgraded(shop);
  return { shop, managed, wallet: body.smartWalletAddress };
}

async function confirmed(shop: MerchantPerson): Promise<void> {
  const { json } = await gateBody(shop);
  const answer = await shop.call(`${MIGRATION}/confirm`, json);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

const stopped = (shop: MerchantPerson) => reached(shop, (it) => it.error !== null);
const retry = (shop: MerchantPerson) => shop.call(`${MIGRATION}/retry`, {});

describe('a migration that the network refuses', () => {
  it('waits while the issuer has frozen the account, and goes on when it is asked to', async () => {
    const { shop, managed, wallet } = await atTheGate('frozen@example.org');
    await authorize(managed, false);
    await confirmed(shop);
    const waiting = await stopped(shop);
    expect(waiting).toMatchObject({ state: 'confirmed', movedAmount: '0' });
    expect(waiting.error).toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect(await shop.me()).toMatchObject({
      settlementAddress: managed,
      settlement: { status: 'migrating', managed: true, smartWalletAddress: wallet, balance: '900' },
    });
    // In vain as long as nothing has changed, however often.
    await Promise.all([retry(shop), retry(shop)]);
    expect(await stopped(shop)).toMatchObject({ state: 'confirmed' });
    await authorize(managed, true);
    await Promise.all([retry(shop), retry(shop)]);
    expect(await finished(shop)).toMatchObject({ movedAmount: '900', error: null });
    expect(await world.usdcBalance(wallet)).toBe(900n);
  });

  it('waits while the smart wallet may not receive', async () => {
    const { shop, wallet } = await atTheGate('refused@example.org');
    await authorize(wallet, false);
    await confirmed(shop);
    expect(await stopped(shop)).toMatchObject({ state: 'confirmed', movedAmount: '0' });
    expect((await shop.me()).settlement).toMatchObject({ managed: true, balance: '900' });
    await authorize(wallet, true);
    await retry(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '900' });
  });

  it('waits in front of the second round, with the mirror at the smart wallet already', async () => {
    const { shop, managed, wallet } = await atTheGate('half@example.org');
    let isOver = false;
    observe = async (point, row) => {
      if (point !== 'prepared' || row.kind !== 'close-settlement' || isOver) return;
      isOver = true;
      await world.pay(managed, 33n);
      await authorize(managed, false);
    };
    await confirmed(shop);
    expect(await stopped(shop)).toMatchObject({ state: 'transferred', movedAmount: '900' });
    expect(await shop.me()).toMatchObject({
      settlementAddress: wallet,
      settlement: { managed: false, balance: '900' },
    });
    await authorize(managed, true);
    await retry(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '933', round: 2 });
  });
});

describe('an upgrade that is given up after a transfer was signed', () => {
  it('has to wait until nobody can carry that transfer out any more', async () => {
    const { shop, managed, wallet } = await atTheGate('stale@example.org');
    let signed: Submission | undefined;
    observe = async (point, row) => {
      if (point !== 'stored' || row.kind !== 'migrate-settlement' || signed) return;
      signed = row;
      await authorize(managed, false);
    };
    await confirmed(shop);
    await stopped(shop);
    await authorize(managed, true);
    const abandon = () => shop.call(`${SETTLEMENT}/upgrade/abandon`, { totp: shop.totp() });
    expect((await abandon()).body).toMatchObject({ code: 'MIGRATION_IN_PROGRESS' });
    world.net!.warp({ ledgers: 80 });
    const answer = await abandon();
    expect(answer.status).toBe(200);
    const auth = (JSON.parse(signed!.auth_xdr) as string[]).map((it) =>
      SorobanAuthorizationEntry.fromXdr(it, 'base64'),
    );
    await expect(
      submit(world, HostFunction.fromXdr(signed!.host_function_xdr, 'base64'), auth),
    ).rejects.toThrow();
    expect(await world.usdcBalance(wallet)).toBe(0n);
    expect((await shop.me()).settlement).toMatchObject({ status: 'managed', balance: '900' });
  });
});

describe('a balance that shrinks', () => {
  it('before the owner has agreed is shown again', async () => {
    const { shop, managed } = await atTheGate('shrunk@example.org');
    const { shown, json } = await gateBody(shop);
    expect(shown.balance).toBe('900');
    await clawBack(managed, 1n);
    expect((await shop.call(`${MIGRATION}/confirm`, json)).body).toMatchObject({ code: 'GATE_STALE' });
    expect((await gateBody(shop)).shown.balance).toBe('899');
    await confirmed(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '899' });
  });

  it('after that is moved as it is by then', async () => {
    const { shop, managed, wallet } = await atTheGate('taken@example.org');
    let isOver = false;
    observe = async (point, row) => {
      if (point !== 'prepared' || row.kind !== 'migrate-settlement' || isOver) return;
      isOver = true;
      await clawBack(managed, 400n);
    };
    await confirmed(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '500', round: 1 });
    expect(await world.usdcBalance(wallet)).toBe(500n);
  });
});

describe('a withdrawal from the managed account', () => {
  it('is possible until the owner has agreed, and while the migration waits for a retry', async () => {
    const { shop, managed } = await atTheGate('both@example.org');
    await authorize(managed, false);
    await confirmed(shop);
    await stopped(shop);
    await authorize(managed, true);
    const destination = world.net!.accounts[0]!.publicKey;
    const withdrawn = await shop.call(`${SETTLEMENT}/withdraw`, {
      amount: '0.00001',
      destination,
      totp: shop.totp(),
    });
    expect(withdrawn.status).toBeLessThan(300);
    await expect.poll(() => world.usdcBalance(managed)).toBe(800n);
    await retry(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '800' });
    const late = await shop.call(`${SETTLEMENT}/withdraw`, {
      amount: '0.00001',
      destination,
      totp: shop.totp(),
    });
    expect(late.body).toMatchObject({ code: 'SETTLEMENT_NOT_MANAGED' });
  });
});
