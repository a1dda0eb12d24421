import {
  Asset,
  Contract,
  Keypair,
  Memo,
  Operation,
  TransactionBuilder,
  type xdr,
} from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallContract } from '../testing/smallContract.ts';
import {
  openTestNetwork,
  operationCodes,
  resultOf,
  START_SECONDS,
  type TestNetwork,
} from '../testing/testNetwork.ts';

let network: TestNetwork;
let alice: Keypair;
let bob: Keypair;

beforeAll(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  bob = await network.account();
});

const pay = (stroops = 1) =>
  Operation.payment({
    destination: bob.publicKey(),
    asset: Asset.native(),
    amount: (stroops / 1e7).toFixed(7),
  });

type Build = NonNullable<Parameters<TestNetwork['build']>[2]>;

/** Sends a payment built with these options and returns the code it was refused with. */
async function refusal(build: Build = {}, signers = [alice], operations: xdr.Operation[] = [pay()]) {
  const before = network.net.latestLedger().sequence;
  const transaction = await network.build(alice, operations, build);
  transaction.sign(...signers);
  const reply = await network.submit(transaction);
  expect(reply.status).toBe('ERROR');
  expect(network.net.latestLedger().sequence).toBe(before);
  expect((await network.transaction(reply.hash)).status).toBe('NOT_FOUND');
  return { code: resultOf(reply).result.type, reply };
}

describe('a transaction is refused without a trace', () => {
  it('when its sequence number is not the next one', async () => {
    const current = await network.sequence(alice.publicKey());
    const { code, reply } = await refusal({ sequence: current + 1n });
    expect(code).toBe('txBadSeq');
    expect(reply.errorResultXdr).toBe('AAAAAAAAAGT////7AAAAAA==');
    expect((await refusal({ sequence: current - 1n })).code).toBe('txBadSeq');
  });

  it('when nobody, somebody else, or somebody too many signed it', async () => {
    expect((await refusal({}, [])).code).toBe('txBadAuth');
    expect((await refusal({}, [bob])).code).toBe('txBadAuth');
    expect((await refusal({}, [alice, bob])).code).toBe('txBadAuthExtra');
  });

  it('when it is too early or too late', async () => {
    const timebounds = (minTime: number, maxTime: number): Build => ({
      edit: (builder) => builder.setTimebounds(minTime, maxTime),
    });
    expect((await refusal(timebounds(START_SECONDS + 1, 0))).code).toBe('txTooEarly');
    expect((await refusal(timebounds(0, START_SECONDS - 1))).code).toBe('txTooLate');
  });

  it('when it is outside of its ledger bounds', async () => {
    const next = network.net.latestLedger().sequence + 1;
    const ledgerBounds = (min: number, max: number): Build => ({
      edit: (builder) => builder.setTimeout(0).setLedgerbounds(min, max),
    });
    expect((await refusal(ledgerBounds(next + 1, 0))).code).toBe('txTooEarly');
    expect((await refusal(ledgerBounds(0, next))).code).toBe('txTooLate');
  });

  it('when the account moved too recently for its minimum age or gap', async () => {
    const transaction = await network.build(alice, [pay()]);
    transaction.sign(alice);
    await network.submit(transaction);
    const age: Build = { edit: (builder) => builder.setTimeout(0).setMinAccountSequenceAge(60n) };
    const gap: Build = { edit: (builder) => builder.setTimeout(0).setMinAccountSequenceLedgerGap(100) };
    expect((await refusal(age)).code).toBe('txBadMinSeqAgeOrGap');
    expect((await refusal(gap)).code).toBe('txBadMinSeqAgeOrGap');
  });

  it('when it offers less than the base fee per operation', async () => {
    expect((await refusal({ fee: '99' })).code).toBe('txInsufficientFee');
  });

  it('when its account does not exist or cannot pay the fee', async () => {
    const nobody = Keypair.random();
    const transaction = await network.build(nobody, [pay()], { sequence: 1n });
    transaction.sign(nobody);
    const missing = await network.submit(transaction);
    expect(resultOf(missing).result.type).toBe('txNoAccount');
    const poor = Keypair.random();
    const create = Operation.createAccount({ destination: poor.publicKey(), startingBalance: '1.0000050' });
    const creation = await network.build(alice, [create]);
    creation.sign(alice);
    await network.submit(creation);
    const unaffordable = await network.build(poor, [pay()]);
    unaffordable.sign(poor);
    const refused = await network.submit(unaffordable);
    expect(resultOf(refused).result.type).toBe('txInsufficientBalance');
  });

  it('when it has no operation', async () => {
    expect((await refusal({}, [alice], [])).code).toBe('txMissingOperation');
  });

  it('when an operation is malformed, unsigned or unknown here', async () => {
    const self = Operation.createAccount({ destination: alice.publicKey(), startingBalance: '10' });
    const others = Operation.payment({
      destination: alice.publicKey(),
      asset: Asset.native(),
      amount: '1',
      source: bob.publicKey(),
    });
    const { code, reply } = await refusal({}, [alice], [pay(), self]);
    expect(code).toBe('txFailed');
    expect(operationCodes(reply)).toEqual(['paymentSuccess', 'createAccountMalformed']);
    expect(operationCodes((await refusal({}, [alice], [others])).reply)).toEqual(['opBadAuth']);
    expect(operationCodes((await refusal({}, [alice], [Operation.inflation()])).reply)).toEqual([
      'opNotSupported',
    ]);
  });
});

describe('a fee bump is refused', () => {
  async function bump(inner: Awaited<ReturnType<TestNetwork['build']>>, signer: Keypair, fee = '200') {
    inner.sign(alice);
    const outer = TransactionBuilder.buildFeeBumpTransaction(bob, fee, inner, network.net.passphrase);
    outer.sign(signer);
    return resultOf(await network.submit(outer)).result;
  }

  it('when its payer did not sign', async () => {
    expect((await bump(await network.build(alice, [pay()]), alice)).type).toBe('txBadAuth');
  });

  it('when its payer does not exist', async () => {
    const inner = await network.build(alice, [pay()]);
    inner.sign(alice);
    const nobody = Keypair.random();
    const outer = TransactionBuilder.buildFeeBumpTransaction(nobody, '200', inner, network.net.passphrase);
    outer.sign(nobody);
    expect(resultOf(await network.submit(outer)).result.type).toBe('txNoAccount');
  });

  it('with the inner failure inside, when the inner transaction is not valid', async () => {
    const result = await bump(await network.build(alice, [pay()], { sequence: 5n }), bob);
    expect(result.type).toBe('txFeeBumpInnerFailed');
    expect(result.type === 'txFeeBumpInnerFailed' && result.innerResultPair.result.result.type).toBe(
      'txBadSeq',
    );
  });
});

describe('a contract transaction is refused', () => {
  let call: xdr.Operation;

  beforeAll(async () => {
    call = new Contract(await network.deploy(alice, smallContract(25))).call('keep');
  });

  const codeOf = async (sent: Promise<{ errorResultXdr?: string }>) => resultOf(await sent).result.type;

  it('when its resources exceed the limits of the network', async () => {
    const sent = network.invoke(alice, call, (data, fee) => {
      data.setResources(400_000_001, 0, 0);
      return fee * 100n;
    });
    expect(await codeOf(sent)).toBe('txSorobanInvalid');
    expect((await sent).diagnosticEventsXdr).toHaveLength(1);
  });

  it('when its resource fee is below what the declared resources cost', async () => {
    expect(await codeOf(network.invoke(alice, call, () => 10n))).toBe('txSorobanInvalid');
  });

  it('when it carries a memo, no resources, or a second operation', async () => {
    const memo = await network.build(alice, [call], {
      edit: (builder) => builder.setTimeout(0).addMemo(Memo.text('hello')),
    });
    expect((await network.simulate(memo)).error).toMatch('contains a memo');
    const bare = await network.build(alice, [call]);
    bare.sign(alice);
    expect(resultOf(await network.submit(bare)).result.type).toBe('txMalformed');
    const two = await network.build(alice, [call, pay()]);
    expect((await network.simulate(two)).error).toBe('Transaction contains more than one operation');
  });
});
