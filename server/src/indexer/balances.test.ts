import { LatchkeyError } from '@latchkey/sdk/api';
import { type Rpc, scI128 } from '@latchkey/sdk/chain';
import { SorobanDataBuilder } from '@stellar/stellar-sdk/base';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../db/database.ts';
import { putDueBalances } from '../db/indexedWallets.ts';
import { readDueBalances } from './balances.ts';
import { contractId } from './testing/events.ts';

const [wallet, token, slow] = [2, 5, 7].map(contractId) as [string, string, string];
const transactionData = new SorobanDataBuilder().build().toXdr('base64');
let db: Database;
let latestLedger: number;
let answers: (() => { error?: string; results?: { xdr: string }[] })[];

const rpc = {
  url: 'http://node',
  call: async () => ({ latestLedger, transactionData, minResourceFee: '1', ...answers.shift()!() }),
} as unknown as Rpc;
const amount = (value: bigint) => () => ({ results: [{ xdr: scI128(value).toXdr('base64') }] });
const balances = () =>
  db.selectFrom('wallet_balances').select(['token', 'amount', 'is_due']).orderBy('not_before').execute();
const changed = (...tokens: string[]) =>
  putDueBalances(
    db,
    tokens.map((it) => ({ wallet, token: it, changed_at_ledger: 10 })),
  );

beforeEach(async () => {
  db = await openDatabase(':memory:');
  latestLedger = 10;
});
afterEach(() => db.destroy());

it('are read once after a change', async () => {
  await changed(token);
  answers = [amount(5n)];
  await readDueBalances(db, rpc, () => 0);
  await readDueBalances(db, rpc, () => 0);
  expect(await balances()).toEqual([{ token, amount: '5', is_due: 0 }]);
});

it('of a contract that is no token are none', async () => {
  await changed(token);
  answers = [() => ({ error: 'HostError: Error(WasmVm, MissingValue)' })];
  await readDueBalances(db, rpc, () => 0);
  expect(await balances()).toEqual([{ token, amount: null, is_due: 0 }]);
});

it('are not taken from a node that has not seen the change', async () => {
  await changed(token);
  latestLedger = 9;
  answers = [amount(4n)];
  await readDueBalances(db, rpc, () => 0);
  expect(await balances()).toEqual([{ token, amount: null, is_due: 1 }]);
  latestLedger = 10;
  answers = [amount(5n)];
  await readDueBalances(db, rpc, () => 1_000);
  expect(await balances()).toEqual([{ token, amount: '5', is_due: 0 }]);
});

it('of a token that the node cannot ask hold up no other, and are tried again', async () => {
  await changed(slow, token);
  const away = () => {
    throw new LatchkeyError('NETWORK_UNAVAILABLE');
  };
  answers = [away, amount(5n)];
  await readDueBalances(db, rpc, () => 0);
  expect((await balances()).map((it) => it.is_due)).toEqual([0, 1]);
  answers = [amount(6n)];
  await readDueBalances(db, rpc, () => 29_999);
  expect(answers).toHaveLength(1);
  await readDueBalances(db, rpc, () => 30_000);
  expect((await balances()).map((it) => it.amount).sort()).toEqual(['5', '6']);
});
