import {
  Account,
  Asset,
  Contract,
  Keypair,
  MuxedAccount,
  Operation,
  scValToNative,
  TransactionBuilder,
} from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { smallContract } from '../testing/smallContract.ts';
import {
  metaOf,
  openTestNetwork,
  operationCodes,
  resultOf,
  type TestNetwork,
} from '../testing/testNetwork.ts';

let network: TestNetwork;
let alice: Keypair;
let bob: Keypair;

beforeEach(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  bob = await network.account();
});

const pay = (amount: string, destination = bob.publicKey()) =>
  Operation.payment({ destination, asset: Asset.native(), amount });

async function send(...operations: Parameters<TestNetwork['build']>[1]) {
  const transaction = await network.build(alice, operations, { fee: '1000' });
  transaction.sign(alice);
  const { status, hash } = await network.submit(transaction);
  expect(status).toBe('PENDING');
  return network.transaction(hash);
}

describe('a payment', () => {
  it('moves exactly the amount and charges 100 stroops per operation, whatever was offered', async () => {
    const before = [
      await network.balance(alice.publicKey()),
      await network.balance(bob.publicKey()),
    ] as const;
    const reply = await send(pay('5'), pay('0.0000001'));
    expect(reply.status).toBe('SUCCESS');
    expect(resultOf(reply).feeCharged).toBe(200n);
    expect(await network.balance(alice.publicKey())).toBe(before[0] - 50_000_001n - 200n);
    expect(await network.balance(bob.publicKey())).toBe(before[1] + 50_000_001n);
  });

  it('that fails uses up the sequence number and the fee, and nothing else', async () => {
    const [balance, sequence] = [
      await network.balance(alice.publicKey()),
      await network.sequence(alice.publicKey()),
    ];
    const reply = await send(pay('1'), pay('1', Keypair.random().publicKey()), pay('1000000'));
    expect(reply.status).toBe('FAILED');
    expect(operationCodes(reply)).toEqual(['paymentSuccess', 'paymentNoDestination', 'paymentUnderfunded']);
    expect(await network.balance(alice.publicKey())).toBe(balance - 300n);
    expect(await network.sequence(alice.publicKey())).toBe(sequence + 1n);
    expect(metaOf(reply).operations).toEqual([]);
  });

  it('cannot go below the reserve of two entries', async () => {
    const balance = await network.balance(alice.publicKey());
    const spendable = balance - 10_000_000n - 100n;
    const xlm = (stroops: bigint) =>
      `${stroops / 10_000_000n}.${String(stroops % 10_000_000n).padStart(7, '0')}`;
    expect(operationCodes(await send(pay(xlm(spendable + 1n))))).toEqual(['paymentUnderfunded']);
    expect((await send(pay(xlm(spendable - 100n)))).status).toBe('SUCCESS');
    expect(await network.balance(alice.publicKey())).toBe(10_000_000n);
  });

  it('emits the transfer event of CAP-67, with the id of a muxed destination', async () => {
    const muxed = new MuxedAccount(new Account(bob.publicKey(), '0'), '42').accountId();
    const reply = await send(pay('5'), pay('6', muxed));
    const [plain, withId] = metaOf(reply).operations.map(({ events }) => events[0]!.body.v0);
    expect(plain!.topics.map(scValToNative)).toEqual([
      'transfer',
      alice.publicKey(),
      bob.publicKey(),
      'native',
    ]);
    expect(scValToNative(plain!.data)).toBe(50_000_000n);
    expect(withId!.topics.map(scValToNative)[2]).toBe(bob.publicKey());
    expect(scValToNative(withId!.data)).toEqual({ amount: 60_000_000n, to_muxed_id: 42n });
  });

  it('is described by the metadata: state before, state after, the ledger it happened in', async () => {
    const reply = await send(pay('5'));
    const { txChangesBefore, operations } = metaOf(reply);
    expect(txChangesBefore.map(({ type }) => type)).toEqual(['ledgerEntryState', 'ledgerEntryUpdated']);
    const changes = operations[0]!.changes;
    expect(changes.map(({ type }) => type)).toEqual([
      'ledgerEntryState',
      'ledgerEntryUpdated',
      'ledgerEntryState',
      'ledgerEntryUpdated',
    ]);
    const updated = changes.filter((change) => change.type === 'ledgerEntryUpdated');
    expect(updated.map((change) => change.updated.lastModifiedLedgerSeq)).toEqual([
      reply.ledger,
      reply.ledger,
    ]);
  });
});

describe('creating an account', () => {
  it('starts it with the ledger as its sequence number', async () => {
    const carol = Keypair.random();
    const reply = await send(
      Operation.createAccount({ destination: carol.publicKey(), startingBalance: '1' }),
    );
    expect(await network.sequence(carol.publicKey())).toBe(BigInt(reply.ledger) << 32n);
  });

  it('refuses one that exists, one below the reserve, and more than there is', async () => {
    const create = (destination: string, startingBalance: string) =>
      Operation.createAccount({ destination, startingBalance });
    const reply = await send(
      create(bob.publicKey(), '5'),
      create(Keypair.random().publicKey(), '0.9999999'),
      create(Keypair.random().publicKey(), '10000'),
    );
    expect(operationCodes(reply)).toEqual([
      'createAccountAlreadyExist',
      'createAccountLowReserve',
      'createAccountUnderfunded',
    ]);
  });

  it('lets the new account act in the same transaction', async () => {
    const carol = Keypair.random();
    const transaction = await network.build(alice, [
      Operation.createAccount({ destination: carol.publicKey(), startingBalance: '5' }),
      Operation.payment({
        destination: bob.publicKey(),
        asset: Asset.native(),
        amount: '1',
        source: carol.publicKey(),
      }),
    ]);
    transaction.sign(alice, carol);
    const { hash } = await network.submit(transaction);
    expect((await network.transaction(hash)).status).toBe('SUCCESS');
    expect(await network.balance(carol.publicKey())).toBe(40_000_000n);
  });
});

describe('a fee bump', () => {
  it('is paid by its own source, and is found by both hashes', async () => {
    const inner = await network.build(alice, [pay('5')], { fee: '100' });
    inner.sign(alice);
    const outer = TransactionBuilder.buildFeeBumpTransaction(bob, '300', inner, network.net.passphrase);
    outer.sign(bob);
    const before = await network.balance(alice.publicKey());
    const { hash } = await network.submit(outer);
    const reply = await network.transaction(hash);
    expect(resultOf(reply).result.type).toBe('txFeeBumpInnerSuccess');
    expect(resultOf(reply).feeCharged).toBe(200n);
    expect(await network.balance(alice.publicKey())).toBe(before - 50_000_000n);
    const byInner = await network.transaction(Buffer.from(inner.hash()).toString('hex'));
    expect(byInner).toMatchObject({
      status: 'SUCCESS',
      txHash: Buffer.from(inner.hash()).toString('hex'),
      feeBump: true,
    });
  });
});

describe('a contract invocation', () => {
  it('gives back to the stroop what it offered and did not use', async () => {
    const contract = new Contract(await network.deploy(alice, smallContract()));
    const before = await network.balance(alice.publicKey());
    const { result } = await network.invoke(alice, contract.call('keep'), (_data, fee) => fee + 1_000_000n);
    const { sorobanMeta, events } = metaOf(result);
    const fees = sorobanMeta!.ext.type === 'v1' ? sorobanMeta!.ext.v1 : null;
    const charged = resultOf(result).feeCharged;
    expect(charged).toBe(
      100n + fees!.totalNonRefundableResourceFeeCharged + fees!.totalRefundableResourceFeeCharged,
    );
    expect(await network.balance(alice.publicKey())).toBe(before - charged);
    const feeEvents = events.map(({ stage, event }) => [stage.name, scValToNative(event.body.v0.data)]);
    expect(feeEvents.map(([stage]) => stage)).toEqual([
      'transactionEventStageBeforeAllTxs',
      'transactionEventStageAfterAllTxs',
    ]);
    expect(feeEvents[0]![1] + feeEvents[1]![1]).toBe(charged);
  });

  it('that traps keeps the non-refundable part only', async () => {
    const contract = new Contract(await network.deploy(alice, smallContract()));
    const call = contract.call('keep');
    const { result } = await network.invoke(alice, call, (data, fee) => {
      data.setReadOnly(data.getReadOnly()).setReadWrite([]);
      return fee + 500_000n;
    });
    expect(operationCodes(result)).toEqual(['invokeHostFunctionTrapped']);
    const { sorobanMeta } = metaOf(result);
    const fees = sorobanMeta!.ext.type === 'v1' ? sorobanMeta!.ext.v1 : null;
    expect(fees!.totalRefundableResourceFeeCharged).toBe(0n);
    expect(resultOf(result).feeCharged).toBe(100n + fees!.totalNonRefundableResourceFeeCharged);
    expect(result.diagnosticEventsXdr!.length).toBeGreaterThan(0);
  });

  it('fails when it needs more instructions, written bytes or rent than declared', async () => {
    const contract = new Contract(await network.deploy(alice, smallContract()));
    const call = contract.call('keep');
    const codes = async (change: Parameters<TestNetwork['invoke']>[2]) =>
      operationCodes((await network.invoke(alice, call, change)).result);
    const footprint = (instructions: number, writeBytes: number) =>
      codes((data, fee) => {
        data.setResources(instructions, 0, writeBytes);
        return fee;
      });
    expect(await footprint(1_000, 1_000)).toEqual(['invokeHostFunctionResourceLimitExceeded']);
    expect(await footprint(5_000_000, 10)).toEqual(['invokeHostFunctionResourceLimitExceeded']);
    const snapshot = network.net.snapshot();
    const { ext } = metaOf((await network.invoke(alice, call)).result).sorobanMeta!;
    network.net.revert(snapshot);
    const nonRefundable = ext.type === 'v1' ? ext.v1.totalNonRefundableResourceFeeCharged : 0n;
    const declared = await network.invoke(alice, call, () => nonRefundable + 1n);
    expect(operationCodes(declared.result)).toEqual(['invokeHostFunctionInsufficientRefundableFee']);
  });
});
