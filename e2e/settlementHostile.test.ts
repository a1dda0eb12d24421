// Migrations that somebody works against: a node that shows too little, a stranger who carries out what was signed, a thief
// with a session, whoever sends dust. What is signed for stays signed for, and what is paid is paid once.
import { Keypair } from '@stellar/stellar-sdk/base';
import { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Submission } from '../server/src/db/submissions.ts';
import type { StepObserver } from '../server/src/relayer/worker.ts';
import { LOOSENING_DELAY_MS } from '../server/src/settlement/withdrawalRules.ts';
import { carryOut, payment } from './classicOperation.ts';
import { finished, gateBody, MIGRATION, reached, SETTLEMENT, upgraded } from './settlementMoves.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';
import { submit } from './submit.ts';

type Answering = (method: string, params: { keys?: string[] }) => unknown;

const payer = Keypair.random();
let world: SettlementWorld;
let observe: StepObserver;
/** Answers the server in the node's place, where it says anything. */
let inItsPlace: Answering;

beforeAll(async () => {
  [observe, inItsPlace] = [() => {}, () => undefined];
  world = await createSettlementWorld({ observe: (point, row) => observe(point, row) });
  await world.net!.fund(payer.publicKey());
  const { rpc } = world.server.services;
  const ask = rpc.call;
  rpc.call = async (method, params) => {
    const result = inItsPlace(method, (params ?? {}) as { keys?: string[] });
    return result === undefined ? ask(method, params) : (result as never);
  };
});
beforeEach(() => {
  [observe, inItsPlace] = [() => {}, () => undefined];
});
afterAll(async () => {
  await world?.close();
});

const network = () => ({ rpc: world.rpc, passphrase: world.net!.passphrase });
const rowOf = ({ id }: MerchantPerson) =>
  world.server.services.db
    .selectFrom('merchant_settlement_keys')
    .selectAll()
    .where('account_id', '=', id)
    .executeTakeFirstOrThrow();

async function confirmed(shop: MerchantPerson): Promise<void> {
  const { json } = await gateBody(shop);
  const answer = await shop.call(`${MIGRATION}/confirm`, json);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** Anybody may carry out a call that was signed and seen. */
async function carriedOutByStranger(row: Submission): Promise<void> {
  const auth = (JSON.parse(row.auth_xdr) as string[]).map((it) =>
    SorobanAuthorizationEntry.fromXdr(it, 'base64'),
  );
  await submit(world, HostFunction.fromXdr(row.host_function_xdr, 'base64'), auth);
}

describe('a node', () => {
  it.each([
    ['as of a ledger long ago', 2],
    ['as of a ledger that is far ahead', 4_000_000],
  ])('that does not show the account, %s, makes nobody throw its seed away', async (_, latestLedger) => {
    const shop = await world.merchant(`empty${latestLedger}@example.org`);
    const managed = (await shop.me()).settlementAddress!;
    await upgraded(shop);
    const key = Keypair.fromPublicKey(managed);
    const { json } = await gateBody(shop);
    inItsPlace = (method, { keys }) => {
      const isAsked = keys?.some((it) => Buffer.from(it, 'base64').includes(key.rawPublicKey()));
      return method === 'getLedgerEntries' && isAsked ? { entries: [], latestLedger } : undefined;
    };
    await world.pay(managed, 500n);
    await shop.call(`${MIGRATION}/confirm`, json);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await shop.call(`${MIGRATION}/retry`, {});
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await rowOf(shop)).encrypted_seed).not.toBeNull();
    inItsPlace = () => undefined;
    expect((await shop.me()).settlementAddress).toBe(managed);
    expect(await finished(shop)).toMatchObject({ movedAmount: '500' });
  });
});

describe('a stranger who carries out what was signed', () => {
  it('makes the sponsor return once what came in between', async () => {
    const shop = await world.merchant('watched@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 10n);
    const wallet = (await upgraded(shop)).body.smartWalletAddress;
    let returns = 0;
    observe = async (point, row) => {
      if (point !== 'stored') return;
      if (row.kind === 'close-settlement') await carryOut(network(), payer, payment(managed, 1_000_000_000n));
      if (row.kind === 'return-settlement' && returns++ < 3) await carriedOutByStranger(row);
    };
    await confirmed(shop);
    for (let tries = 0; tries < 4; tries++) {
      const { state } = await reached(shop, (it) => it.state === 'done' || it.error !== null);
      if (state === 'done') break;
      await shop.call(`${MIGRATION}/retry`, {});
    }
    await finished(shop);
    expect(await world.balanceStroops(wallet)).toBe(1_000_000_000n);
  });

  it('moves the balance where it was going anyway', async () => {
    const shop = await world.merchant('hasty@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 10n);
    const wallet = (await upgraded(shop)).body.smartWalletAddress;
    observe = async (point, row) => {
      if (point === 'stored' && row.kind === 'migrate-settlement') await carriedOutByStranger(row);
    };
    await confirmed(shop);
    expect(await finished(shop)).toMatchObject({ movedAmount: '10' });
    expect(await world.usdcBalance(wallet)).toBe(10n);
  });
});

describe('whoever sends dust', () => {
  it('makes rounds rarer, and does not keep the owner from an end', async () => {
    const shop = await world.merchant('dusty@example.org');
    const managed = (await shop.me()).settlementAddress!;
    await upgraded(shop);
    let isDusting = true;
    observe = async (point, row) => {
      if (point === 'stored' && row.kind === 'close-settlement' && isDusting) await world.pay(managed, 1n);
    };
    await confirmed(shop);
    const { round } = await reached(shop, (it) => it.round >= 3);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const later = await reached(shop, () => true);
    expect(later).toMatchObject({ round, error: null });
    isDusting = false;
    world.passMs(60_000);
    await finished(shop);
  });
});

describe('limits on withdrawals', () => {
  async function limited(email: string) {
    const shop = await world.merchant(email);
    const managed = (await shop.me()).settlementAddress!;
    await world.pay(managed, 1_000n);
    const set = await shop.call(`${SETTLEMENT}/withdraw/rules`, {
      dailyLimit: '0.00001',
      allowListOnly: true,
    });
    expect(set.status).toBe(200);
    return { shop, managed };
  }

  it('are not got round by an upgrade: it waits as long as lifting them would take', async () => {
    const { shop, managed } = await limited('limited@example.org');
    const wallet = (await upgraded(shop)).body.smartWalletAddress;
    const { inbox } = world.server.services.mailer;
    const subjects = () => inbox?.filter((it) => it.to === shop.email).map((it) => it.subject);
    await expect
      .poll(subjects, { timeout: 12_000 })
      .toContainEqual(expect.stringContaining('is being upgraded'));
    const { shown, json } = await gateBody(shop);
    expect(shown.notBefore).toBeGreaterThan(Date.now() + LOOSENING_DELAY_MS - 120_000);
    await shop.call(`${MIGRATION}/confirm`, json);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await shop.call(MIGRATION)).body).toMatchObject({
      state: 'confirmed',
      notBefore: shown.notBefore,
    });
    expect(await world.usdcBalance(managed)).toBe(1_000n);
    world.passMs(LOOSENING_DELAY_MS);
    await expect.poll(() => world.usdcBalance(wallet), { timeout: 10_000 }).toBe(1_000n);
  });

  it('leave the owner a day to take back what somebody else has begun', async () => {
    const { shop, managed } = await limited('robbed@example.org');
    await upgraded(shop);
    await confirmed(shop);
    expect((await shop.call(`${SETTLEMENT}/upgrade/abandon`, {})).body).toMatchObject({
      code: 'STEP_UP_REQUIRED',
    });
    const answers = [shop.totp(), shop.totp()].map((totp) =>
      shop.call(`${SETTLEMENT}/upgrade/abandon`, { totp }),
    );
    expect((await Promise.all(answers)).map((it) => it.status).sort()).toEqual([200, 409]);
    expect(await shop.me()).toMatchObject({
      settlementAddress: managed,
      settlement: { status: 'managed', managed: true, smartWalletAddress: null, deviceCount: 0 },
      hasPasskey: false,
      migration: null,
    });
    world.passMs(LOOSENING_DELAY_MS);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await world.usdcBalance(managed)).toBe(1_000n);
  });

  it('do not keep an owner who has abandoned an upgrade from another one', async () => {
    const shop = await world.merchant('again@example.org');
    const first = (await upgraded(shop)).body.smartWalletAddress;
    await shop.call(`${SETTLEMENT}/upgrade/abandon`, { totp: shop.totp() });
    shop.authenticator.credentials.length = 0;
    const second = await upgraded(shop);
    expect(second.status).toBe(201);
    expect(second.body.smartWalletAddress).not.toBe(first);
    await confirmed(shop);
    expect(await finished(shop)).toMatchObject({ toAddress: second.body.smartWalletAddress });
    expect((await shop.call(`${SETTLEMENT}/upgrade/abandon`, { totp: shop.totp() })).body).toMatchObject({
      code: 'MIGRATION_NOT_WAITING',
    });
  });
});
