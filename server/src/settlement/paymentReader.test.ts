import {
  addressToScVal,
  type Rpc,
  RpcError,
  type RpcMethod,
  type RpcMethods,
  scI128,
  scStruct,
  scSymbol,
  scU64,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { addressesOf, paymentCursor, paymentGaps } from '../db/settlementPayments.ts';
import { chainEvent, contractId } from '../indexer/testing/events.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { createSettlementNetworks } from './network.ts';
import { createPaymentReader } from './paymentReader.ts';
import { createPayments } from './payments.ts';
import { insertMerchantRow } from './testing/merchantRows.ts';

const usdc = { code: 'USDC', issuer: Keypair.random().publicKey(), contractId: contractId(7) };
const customer = Keypair.random().publicKey();
const merchantOf = (accountId: string) => ({ accountId, network: 'testnet' as const });

type Node = { oldest: number; latest: number; chain: ReturnType<typeof chainEvent>[] };

function rpcOf(node: Node): Rpc {
  return {
    url: 'http://node',
    async call(method: RpcMethod, params: unknown) {
      const { oldest: oldestLedger, latest: latestLedger } = node;
      if (method === 'getHealth') return { status: 'healthy', latestLedger, oldestLedger };
      const { startLedger, endLedger, pagination } = params as RpcMethods['getEvents']['params'];
      const after = pagination?.cursor;
      if (startLedger !== undefined && (startLedger < oldestLedger || startLedger > latestLedger))
        throw new RpcError('getEvents', -32600, 'startLedger must be within the ledger range');
      const found = node.chain.filter(({ id, ledger }) =>
        after === undefined ? ledger >= startLedger! && ledger < endLedger! : id > after,
      );
      const events = found.slice(0, pagination?.limit);
      return { events, cursor: events.at(-1)?.id ?? '', latestLedger, oldestLedger };
    },
  } as Rpc;
}

function usdcEvent(
  ledger: number,
  kind: 'transfer' | 'mint' | 'burn' | 'clawback',
  holders: string[],
  amount: bigint,
  more: { memo?: bigint; token?: string } = {},
) {
  const asset = ScVal.scvString(`USDC:${usdc.issuer}`);
  const value =
    more.memo === undefined
      ? scI128(amount)
      : scStruct({ amount: scI128(amount), to_muxed_id: scU64(more.memo) });
  return chainEvent(
    ledger,
    more.token ?? usdc.contractId,
    [scSymbol(kind), ...holders.map(addressToScVal), asset],
    value,
  );
}

onEveryDatabase((open) => {
  let db: Database;
  let node: Node;
  let shop: { accountId: string; address: string };

  beforeEach(async () => {
    db = await open();
    node = { oldest: 100, latest: 200, chain: [] };
    shop = await insertMerchantRow(db, 'shop');
  });
  afterEach(() => db.destroy());

  const reader = (more: { eventsPerPage?: number; inTransaction?: () => void } = {}) =>
    createPaymentReader({
      db,
      network: { name: 'testnet', rpc: rpcOf(node), usdc, confirmNetwork: async () => {} },
      log: pino({ level: 'silent' }),
      nowMs: () => 42,
      ...more,
    });
  const list = async (accountId = 'shop') =>
    (await createPayments({ db, networks: createSettlementNetworks([]) }).page(merchantOf(accountId), {}))
      .payments;

  describe('payments', () => {
    it('are read with who paid, how much and the memo, newest first', async () => {
      node.chain = [
        usdcEvent(150, 'transfer', [customer, shop.address], 5n, { memo: 77n }),
        usdcEvent(160, 'mint', [shop.address], 3n),
        usdcEvent(170, 'transfer', [shop.address, customer], 2n),
        usdcEvent(180, 'clawback', [shop.address], 1n),
      ];
      await reader().catchUp();
      const seen = (await list()).map(({ direction, kind, amount, counterparty, memo, ledger }) => [
        direction,
        kind,
        amount,
        counterparty,
        memo,
        ledger,
      ]);
      expect(seen).toEqual([
        ['out', 'payment', '1', usdc.issuer, null, 180],
        ['out', 'payment', '2', customer, null, 170],
        ['in', 'payment', '3', usdc.issuer, null, 160],
        ['in', 'payment', '5', customer, '77', 150],
      ]);
    });

    it('with a memo of any bytes hold up nobody', async () => {
      const memos = [[0x41, 0, 0x42], [0xff, 0xfe, 0xed, 0xa0, 0x80], [0x0a, 0x1b], []];
      node.chain = memos.map((bytes, i) =>
        chainEvent(
          150 + i,
          usdc.contractId,
          [scSymbol('transfer'), addressToScVal(customer), addressToScVal(shop.address)],
          scStruct({ amount: scI128(1n), to_muxed_id: ScVal.scvString(new Uint8Array(bytes)) }),
        ),
      );
      node.chain.push(usdcEvent(170, 'transfer', [customer, shop.address], 2n));
      await reader().catchUp();
      expect((await list()).map(({ amount, memo }) => [amount, memo])).toEqual([
        ['2', null],
        ['1', ''],
        ['1', '\uFFFD\uFFFD'],
        ['1', '\uFFFD'.repeat(5)],
        ['1', 'A\uFFFDB'],
      ]);
      expect(await paymentCursor(db, 'testnet')).toBe(201);
    });

    it('that cannot be read are missing until they can, and hold up nobody', async () => {
      const good = usdcEvent(160, 'transfer', [customer, shop.address], 9n);
      node.chain = [
        { ...good, value: 'AAAAnonsense' },
        usdcEvent(170, 'transfer', [customer, shop.address], 2n),
      ];
      const stuck = reader();
      for (let round = 0; round < 3; round++) await stuck.catchUp();
      expect((await list()).map(({ amount }) => amount)).toEqual(['2']);
      expect(await paymentGaps(db, 'testnet')).toMatchObject([{ from_ledger: 160, to_ledger: 160 }]);
      node.chain[0] = good;
      await reader().catchUp();
      expect((await list()).map(({ amount }) => amount)).toEqual(['2', '9']);
      expect(await paymentGaps(db, 'testnet')).toEqual([]);
    });

    it('of other tokens, and between strangers, are none', async () => {
      node.chain = [
        usdcEvent(150, 'transfer', [customer, shop.address], 5n, { token: contractId(8) }),
        usdcEvent(150, 'transfer', [customer, usdc.issuer], 5n),
      ];
      await reader().catchUp();
      expect(await list()).toEqual([]);
      expect(await db.selectFrom('settlement_payments').selectAll().execute()).toEqual([]);
    });

    it('from one merchant to another are in for one and out for the other', async () => {
      const other = await insertMerchantRow(db, 'other');
      node.chain = [usdcEvent(150, 'transfer', [shop.address, other.address], 9n)];
      await reader().catchUp();
      expect(await list()).toMatchObject([{ direction: 'out', counterparty: other.address }]);
      expect(await list('other')).toMatchObject([{ direction: 'in', counterparty: shop.address }]);
    });

    it('between the addresses of one merchant are a migration, seen from both sides', async () => {
      const smartWallet = contractId(9);
      const upgraded = await insertMerchantRow(db, 'upgraded', { smartWallet });
      node.chain = [usdcEvent(150, 'transfer', [upgraded.address, smartWallet], 9n)];
      await reader().catchUp();
      expect((await list('upgraded')).map(({ kind, direction }) => [kind, direction])).toEqual([
        ['migration', 'out'],
        ['migration', 'in'],
      ]);
      expect(await addressesOf(db, 'upgraded')).toEqual(new Set([upgraded.address, smartWallet]));
    });

    it('of the other network are not shown, and not mixed up', async () => {
      const real = await insertMerchantRow(db, 'real', { network: 'mainnet' });
      node.chain = [usdcEvent(150, 'transfer', [customer, real.address], 9n)];
      await reader().catchUp();
      expect(await list('real')).toEqual([]);
    });

    it('come in pages that leave nothing out', async () => {
      node.chain = Array.from({ length: 7 }, (_, i) =>
        usdcEvent(150 + (i >> 1), 'transfer', [customer, shop.address], BigInt(i + 1)),
      );
      await reader().catchUp();
      const payments = createPayments({ db, networks: createSettlementNetworks([]) });
      const amounts: string[] = [];
      let cursor: string | null = null;
      do {
        const query: { cursor?: string; limit: number } = {
          limit: 3,
          ...(cursor === null ? {} : { cursor }),
        };
        const page = await payments.page(merchantOf('shop'), query);
        amounts.push(...page.payments.map(({ amount }) => amount));
        cursor = page.cursor;
      } while (cursor !== null);
      expect(amounts).toEqual(['7', '6', '5', '4', '3', '2', '1']);
      await expect(payments.page(merchantOf('shop'), { cursor: '1' })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        details: { field: 'cursor' },
      });
    });
  });

  describe('messages', () => {
    const messages = () => db.selectFrom('settlement_messages').selectAll().execute();
    beforeEach(() =>
      db
        .insertInto('settlement_webhooks')
        .values([
          {
            id: 'w1',
            account_id: 'shop',
            url: 'https://a',
            scheme: 'hmac',
            secret_sealed: '',
            failures: 0,
            disabled_at: null,
            created_at: 1,
          },
          {
            id: 'w2',
            account_id: 'shop',
            url: 'https://b',
            scheme: 'hmac',
            secret_sealed: '',
            failures: 0,
            disabled_at: 9,
            created_at: 1,
          },
        ])
        .execute(),
    );

    it('are written once for each payment that came, to the endpoints that are not disabled', async () => {
      node.chain = [
        usdcEvent(150, 'transfer', [customer, shop.address], 5n),
        usdcEvent(151, 'transfer', [shop.address, customer], 5n),
      ];
      await reader().catchUp();
      await reader().catchUp();
      const rows = await messages();
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ webhook_id: 'w1', name: 'settlement.received', due_at: 42, tries: 0 });
      expect(JSON.parse(rows[0]!.body)).toMatchObject({
        type: 'settlement.received',
        data: { amount: '5', from: customer, address: shop.address, asset: `USDC:${usdc.issuer}` },
      });
    });

    it('are not written about what a merchant moves between its own addresses', async () => {
      await db
        .updateTable('merchant_settlement_keys')
        .set({ smart_wallet_address: contractId(9) })
        .where('account_id', '=', 'shop')
        .execute();
      node.chain = [usdcEvent(150, 'transfer', [shop.address, contractId(9)], 5n)];
      await reader().catchUp();
      expect(await messages()).toEqual([]);
    });
  });

  describe('reading', () => {
    beforeEach(() => {
      node.chain = Array.from({ length: 40 }, (_, i) =>
        usdcEvent(110 + (i >> 2), 'transfer', [customer, shop.address], BigInt(i + 1)),
      );
    });
    const amounts = async () => (await list()).map(({ amount }) => Number(amount)).sort((a, b) => a - b);
    const all = Array.from({ length: 40 }, (_, i) => i + 1);

    it.each([1, 3, 7, 41])('pages of %d events stores each payment once', async (eventsPerPage) => {
      await reader({ eventsPerPage }).catchUp();
      expect(await amounts()).toEqual(all);
      expect(await paymentCursor(db, 'testnet')).toBe(201);
    });

    it('that is stopped inside any transaction goes on where it was', async () => {
      for (let stops = 0; stops < 6; stops++) {
        let left = stops % 3;
        const stopping = reader({
          eventsPerPage: 5,
          inTransaction: () => {
            if (left-- === 0) throw new Error('stopped');
          },
        });
        await stopping.catchUp().catch(() => {});
      }
      await reader({ eventsPerPage: 5 }).catchUp();
      expect(await amounts()).toEqual(all);
    });

    it('by two at once stores each payment once', async () => {
      const two = [reader({ eventsPerPage: 6 }), reader({ eventsPerPage: 9 })];
      for (let round = 0; round < 10; round++) await Promise.all(two.map((it) => it.catchUp()));
      expect(await amounts()).toEqual(all);
    });
  });

  describe('ledgers that the node does not have any more', () => {
    beforeEach(async () => {
      await reader().catchUp();
      node.chain = [
        usdcEvent(210, 'transfer', [customer, shop.address], 1n),
        usdcEvent(260, 'transfer', [customer, shop.address], 2n),
      ];
      node.latest = 300;
    });
    const page = () =>
      createPayments({ db, networks: createSettlementNetworks([]) }).page(merchantOf('shop'), {});

    it('are told to the merchant, and hold up no payment after them', async () => {
      node.oldest = 230;
      await reader().catchUp();
      const { payments, missing } = await page();
      expect(payments.map(({ amount }) => amount)).toEqual(['2']);
      expect(missing).toEqual([{ fromLedger: 201, toLedger: 229 }]);
    });

    it('are read as far as a node has them', async () => {
      node.oldest = 230;
      await reader().catchUp();
      node.chain.push(usdcEvent(225, 'transfer', [customer, shop.address], 3n));
      node.oldest = 220;
      await reader().catchUp();
      const { payments, missing } = await page();
      expect(payments.map(({ amount }) => amount)).toEqual(['2', '3']);
      expect(missing).toEqual([{ fromLedger: 201, toLedger: 219 }]);
    });

    it('are read as soon as a node has them, in one go or in pieces', async () => {
      node.oldest = 230;
      await reader().catchUp();
      node.oldest = 100;
      await reader({ eventsPerPage: 1 }).catchUp();
      await reader().catchUp();
      const { payments, missing } = await page();
      expect(payments.map(({ amount }) => amount)).toEqual(['2', '1']);
      expect(missing).toEqual([]);
      expect(await paymentGaps(db, 'testnet')).toEqual([]);
      expect(await paymentCursor(db, 'testnet')).toBe(301);
    });
  });
});
