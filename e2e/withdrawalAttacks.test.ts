// What a hostile browser, program or stranger sends to withdraw: changed transactions, other destinations, odd amounts.
// Everything is refused with a code, nothing is used up by it, and what was prepared can still be signed and paid.
import type { PreparedBody, WithdrawalBody } from '@latchkey/sdk/api';
import { muxedAddress } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  DecoratedSignature,
  InvokeHostFunctionOp,
  Memo,
  MuxedAccount,
  Operation,
  OperationBody,
  type SorobanAuthorizationEntry,
  Transaction,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { givePasskeyWallet, signedBy } from './passkeyWallet.ts';
import { createSettlementWorld, type MerchantPerson, type SettlementWorld } from './settlementWorld.ts';

const path = '/v1/merchants/me/settlement';
const BALANCE = 100_0000000n;
const REFUSALS = ['INVALID_REQUEST', 'PREPARED_MISMATCH', 'SIGNATURE_INVALID'];

let world: SettlementWorld;
let shop: MerchantPerson;
let wallet: string;
let managedAddress: string;
let customer: string;
beforeAll(async () => {
  world = await createSettlementWorld();
  customer = world.net!.accounts[0]!.publicKey;
  shop = await world.merchant('shop@example.org');
  managedAddress = (await shop.me()).settlement.managedAddress!;
  wallet = await givePasskeyWallet(world, shop);
  await world.pay(wallet, BALANCE);
});
afterAll(() => world?.close());

async function prepared(body: object = { amount: '5', destination: customer }): Promise<PreparedBody> {
  const answer = await shop.call<PreparedBody>(`${path}/withdraw/prepare`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

const submit = (id: string, signedXdr: string) =>
  shop.call<WithdrawalBody>(`${path}/withdraw/submit`, { id, signedXdr });

const withByte = (bytes: Buffer, at: number, change: number) => {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ change;
  return copy.toString('base64');
};

describe('a submitted transaction', () => {
  it('is refused with any one byte changed, and is good afterwards as it was signed', async () => {
    const { id, signedXdr } = await signedBy(shop, await prepared());
    const bytes = Buffer.from(signedXdr, 'base64');
    const taken: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const answer = await submit(id, withByte(bytes, at, 1 << (at % 8)));
      if (!REFUSALS.includes(answer.body.code ?? '')) taken.push(at);
    }
    expect(taken).toEqual([]);
    expect(await world.usdcBalance(wallet)).toBe(BALANCE);
    expect((await submit(id, signedXdr)).body.status).toBe('confirmed');
    expect(await world.usdcBalance(wallet)).toBe(BALANCE - 5_0000000n);
    await world.pay(wallet, 5_0000000n);
  });

  it('is refused when it is cut short, longer, or none at all', async () => {
    const { id, signedXdr } = await signedBy(shop, await prepared());
    const bytes = Buffer.from(signedXdr, 'base64');
    const odd = [
      bytes.subarray(0, bytes.length - 4),
      Buffer.concat([bytes, Buffer.alloc(4)]),
      Buffer.concat([Buffer.alloc(4), bytes]),
      Buffer.from('not XDR'),
    ];
    for (const it of odd)
      expect((await submit(id, it.toString('base64'))).body.code).toMatch(
        /INVALID_REQUEST|PREPARED_MISMATCH/,
      );
    expect((await submit(id, '*')).status).toBe(400);
    expect((await submit(id, '')).status).toBe(400);
  });

  describe('with something added to it', () => {
    type Parts = { tx: Transaction; entry: SorobanAuthorizationEntry; operation: Operation };
    const changes: Record<
      string,
      (parts: Parts) => Partial<Transaction> & { signatures?: DecoratedSignature[] }
    > = {
      'a memo': () => ({ memo: Memo.memoText('thanks') }),
      'a higher fee': ({ tx }) => ({ fee: tx.fee + 1 }),
      'another source account': () => ({
        sourceAccount: MuxedAccount.fromJson(Keypair.random().publicKey()),
      }),
      'a second operation': ({ operation }) => ({ operations: [operation, operation] }),
      'a second entry': ({ operation, entry }) => ({ operations: [withEntries(operation, [entry, entry])] }),
      'no entry': ({ operation }) => ({ operations: [withEntries(operation, [])] }),
      'a signature of the envelope': () => ({
        signatures: [new DecoratedSignature({ hint: new Uint8Array(4), signature: new Uint8Array(64) })],
      }),
    };

    it.each(Object.keys(changes))('is refused: %s', async (name) => {
      const { id, signedXdr } = await signedBy(shop, await prepared());
      const envelope = TransactionEnvelope.fromXdr(signedXdr, 'base64');
      if (envelope.type !== 'envelopeTypeTx') throw new Error('no V1 envelope');
      const { tx } = envelope.value;
      const [operation] = tx.operations;
      if (operation?.body.type !== 'invokeHostFunction') throw new Error('no call');
      const entry = operation.body.value.auth[0]!;
      const { signatures = [], ...changed } = changes[name]!({ tx, entry, operation });
      const { sourceAccount, fee, seqNum, cond, memo, operations, ext } = { ...partsOf(tx), ...changed };
      const other = new Transaction({ sourceAccount, fee, seqNum, cond, memo, operations, ext });
      const xdr = TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx: other, signatures }));
      expect((await submit(id, xdr.toXdr('base64'))).body.code).toBe('PREPARED_MISMATCH');
    });
  });

  it('is not another one of the same merchant', async () => {
    const small = await signedBy(shop, await prepared({ amount: '1', destination: customer }));
    const large = await signedBy(shop, await prepared({ amount: '2', destination: customer }));
    expect((await submit(small.id, large.signedXdr)).body.code).toBe('PREPARED_MISMATCH');
    expect((await submit(crypto.randomUUID(), large.signedXdr)).body.code).toBe('NOT_FOUND');
  });

  it('is refused unsigned', async () => {
    const { id, transactionXdr } = await prepared();
    expect((await submit(id, transactionXdr)).body.code).toBe('SIGNATURE_INVALID');
  });
});

describe('what is asked for', () => {
  const amounts = ['0', '-1', '0.00000001', '1e3', '1,5', 'NaN', '', '9'.repeat(40), '0x10', '१'];
  it.each(amounts)('is refused for the amount %j', async (amount) => {
    const answer = await shop.call(`${path}/withdraw/prepare`, { amount, destination: customer });
    expect(answer.body).toMatchObject({ code: 'INVALID_AMOUNT', field: 'amount' });
  });

  it('is refused for more than there is, in any size', async () => {
    for (const amount of ['100.0000001', '922337203685.4775808', '9'.repeat(31)]) {
      const answer = await shop.call(`${path}/withdraw/prepare`, { amount, destination: customer });
      expect(answer.body).toMatchObject({ code: 'INSUFFICIENT_BALANCE', field: 'amount' });
    }
  });

  it('is refused for destinations that are none, or nobody could ever get it back from', async () => {
    const typo = `${customer.slice(0, 55)}${customer.endsWith('A') ? 'B' : 'A'}`;
    const nobody = Keypair.random().publicKey();
    const withoutLine = await world.account();
    const { nativeTokenId, factoryId } = world.server.services.config;
    const cases: [string, string][] = [
      [typo, 'INVALID_ADDRESS'],
      [customer.toLowerCase(), 'INVALID_ADDRESS'],
      [`${customer}A`, 'INVALID_ADDRESS'],
      ['', 'INVALID_ADDRESS'],
      [wallet, 'INVALID_ADDRESS'],
      [managedAddress, 'INVALID_ADDRESS'],
      [muxedAddress(managedAddress, 1n), 'INVALID_ADDRESS'],
      [world.usdc.issuer, 'DESTINATION_CANNOT_RECEIVE'],
      [muxedAddress(world.usdc.issuer, 1n), 'DESTINATION_CANNOT_RECEIVE'],
      [world.usdc.contractId, 'DESTINATION_CANNOT_RECEIVE'],
      [nativeTokenId, 'DESTINATION_CANNOT_RECEIVE'],
      [factoryId, 'DESTINATION_CANNOT_RECEIVE'],
      [nobody, 'DESTINATION_CANNOT_RECEIVE'],
      [muxedAddress(nobody, 1n), 'DESTINATION_CANNOT_RECEIVE'],
      [withoutLine, 'DESTINATION_CANNOT_RECEIVE'],
    ];
    for (const [destination, code] of cases) {
      const answer = await shop.call(`${path}/withdraw/prepare`, { amount: '1', destination });
      expect(answer.body, destination).toMatchObject({ code, field: 'destination' });
    }
    const long = await shop.call(`${path}/withdraw/prepare`, { amount: '1', destination: 'G'.repeat(70) });
    expect(long.status).toBe(400);
  });

  it('is refused for memos that say two things, or too much', async () => {
    const cases: [string, string, string?][] = [
      [muxedAddress(customer, 1n), '2'],
      [world.server.services.config.factoryId, '2'],
      [customer, 'x'.repeat(29)],
      [customer, 'ä'.repeat(15)],
      [customer, ''],
      [customer, '-1', 'id'],
      [customer, '1.5', 'id'],
      [customer, '99999999999999999999', 'id'],
    ];
    for (const [destination, memo, memoType] of cases) {
      const body = { amount: '1', destination, memo, ...(memoType ? { memoType } : {}) };
      const answer = await shop.call(`${path}/withdraw/prepare`, body);
      expect([400, 422], JSON.stringify(body)).toContain(answer.status);
      expect(answer.body.field).toBe('memo');
    }
  });
});

describe('somebody else', () => {
  it('sees and submits nothing of a merchant', async () => {
    const other = await world.merchant('other@example.org');
    await givePasskeyWallet(world, other);
    const body = await prepared();
    const signed = await signedBy(shop, body);
    expect((await other.call(`${path}/withdraw/submit`, signed)).body.code).toBe('NOT_FOUND');
    expect((await other.call(`${path}/withdrawals/${body.id}`)).body.code).toBe('NOT_FOUND');
    for (const [route, json] of [
      ['withdraw', { amount: '1', destination: customer }],
      ['withdraw/prepare', { amount: '1', destination: customer }],
      ['withdraw/submit', signed],
      ['withdraw/rules', { dailyLimit: null, allowListOnly: false }],
      ['passkey/add-device/options', {}],
      ['passkey/remove-device', { signerId: 0 }],
    ] as const) {
      const answer = await shop.call(`${path}/${route}`, json, { authorization: 'Bearer none' });
      expect(answer.status, route).toBe(401);
    }
  });

  it('with an API key withdraws only with its scope, and changes neither limits nor devices', async () => {
    const key = async (scopes: string[]) => {
      const body = { name: 'Till', scopes, totp: shop.totp() };
      const answer = await shop.call<{ secret: string }>('/v1/merchants/me/api-keys', body);
      return { authorization: `Bearer ${answer.body.secret}` };
    };
    const [reading, withdrawing] = [await key(['read']), await key(['withdraw'])];
    const ask = { amount: '1', destination: customer };
    expect((await shop.call(`${path}/withdraw/prepare`, ask, reading)).body.code).toBe('SCOPE_MISSING');
    const made = await shop.call<PreparedBody>(`${path}/withdraw/prepare`, ask, withdrawing);
    const signed = await signedBy(shop, made.body);
    expect((await shop.call(`${path}/withdraw/submit`, signed, withdrawing)).body.status).toBe('confirmed');
    const rules = { dailyLimit: '1', allowListOnly: false };
    expect((await shop.call(`${path}/withdraw/rules`, rules, withdrawing)).status).toBe(403);
    expect((await shop.call(`${path}/passkey/add-device/options`, {}, withdrawing)).status).toBe(403);
    const managed = await world.merchant('managed@example.org');
    const body = { name: 'Till', scopes: ['withdraw'], totp: managed.totp() };
    const secret = await managed.call<{ secret: string }>('/v1/merchants/me/api-keys', body);
    const its = { authorization: `Bearer ${secret.body.secret}` };
    await world.pay((await managed.me()).settlementAddress!, 5_0000000n);
    expect((await managed.call(`${path}/withdraw`, ask, its)).body.code).toBe('STEP_UP_REQUIRED');
  });
});

function partsOf(tx: Transaction) {
  const { sourceAccount, fee, seqNum, cond, memo, operations, ext } = tx;
  return { sourceAccount, fee, seqNum, cond, memo, operations, ext };
}

function withEntries(operation: Operation, auth: SorobanAuthorizationEntry[]): Operation {
  if (operation.body.type !== 'invokeHostFunction') throw new Error('no call');
  const { hostFunction } = operation.body.value;
  return new Operation({
    sourceAccount: operation.sourceAccount,
    body: OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction, auth })),
  });
}
