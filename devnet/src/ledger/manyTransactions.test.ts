import { Asset, type Keypair, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { keyOf, type LedgerScript, openLedgerScript, type Reply } from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';

let script: LedgerScript;
let alice: Keypair;
let bob: Keypair;
let carol: Keypair;

beforeEach(async () => {
  script = await openLedgerScript({ mineMode: 'manual' });
  alice = await script.account('alice');
  bob = await script.account('bob');
  carol = await script.account('carol');
});

const pay = (stroops = 1, source?: Keypair, destination = carol.publicKey()) =>
  Operation.payment({
    destination,
    asset: Asset.native(),
    amount: (stroops / 1e7).toFixed(7),
    ...(source ? { source: source.publicKey() } : {}),
  });
const send = (source: Keypair, fee = 100, more = {}) =>
  script.send({ source, operations: [pay()], fee, ...more });
const codes = async (replies: readonly Reply[]) =>
  Promise.all(replies.map(async (reply) => (await script.outcome(reply)).code || 'none'));
const upload = () => Operation.uploadContractWasm({ wasm: Buffer.from(smallContract()) });

describe('while a transaction is pending', () => {
  it('the same one is a duplicate, also without the fee bump around it', async () => {
    const first = await send(alice);
    expect(first.status).toBe('PENDING');
    expect((await script.sendEnvelope(first.envelope)).status).toBe('DUPLICATE');
    const inner = { source: bob, operations: [pay()] };
    expect((await script.send({ ...inner, bump: { source: alice, fee: 200n } })).status).toBe('PENDING');
    expect((await script.send(inner)).status).toBe('DUPLICATE');
  });

  it('the same one with other signatures is another one, which has to wait', async () => {
    await send(alice);
    expect((await send(alice, 100, { signers: [alice, bob] })).status).toBe('TRY_AGAIN_LATER');
  });

  it('a later one has to wait, and one with a lower sequence number is refused without a fee', async () => {
    const { seqNum } = await script.accountEntry(alice);
    await send(alice);
    expect((await send(alice, 100, { sequence: seqNum + 2n })).status).toBe('TRY_AGAIN_LATER');
    const old = await send(alice, 100, { sequence: seqNum });
    expect([old.status, old.code, old.feeCharged]).toEqual(['ERROR', 'txBadSeq', 0n]);
  });

  it('a fee bump of ten times the rate takes its place', async () => {
    await send(alice, 150);
    const bump = (fee: bigint) => send(alice, 151, { bump: { source: bob, fee } });
    const low = await bump(2_999n);
    expect([low.status, low.code, low.feeCharged]).toEqual(['ERROR', 'txInsufficientFee', 3_000n]);
    const high = await bump(3_000n);
    expect(high.status).toBe('PENDING');
    script.net.mine();
    expect(await codes([high])).toEqual(['txFeeBumpInnerSuccess txSuccess']);
  });

  it('one of the other kind has to wait too, even for the payer of a fee bump', async () => {
    const { data } = await script.prepare({ source: alice, operations: [upload()] });
    const contract = (source: Keypair) =>
      script.send({ source, operations: [upload()], data, fee: Number(data.resourceFee) + 100 });
    await send(alice, 100, { bump: { source: bob, fee: 200n } });
    expect((await contract(alice)).status).toBe('TRY_AGAIN_LATER');
    expect((await contract(bob)).status).toBe('TRY_AGAIN_LATER');
    expect((await contract(carol)).status).toBe('PENDING');
  });

  it('an account must be able to pay for all that it has pending', async () => {
    const poor = keyOf('poor');
    await script.send({
      source: alice,
      operations: [Operation.createAccount({ destination: poor.publicKey(), startingBalance: '1.0000500' })],
    });
    script.net.mine();
    const bump = { source: poor, fee: 300n };
    expect((await send(bob, 100, { bump })).status).toBe('PENDING');
    const second = await send(carol, 100, { bump });
    expect([second.status, second.code, second.feeCharged]).toEqual(['ERROR', 'txInsufficientBalance', 200n]);
  });
});

describe('a transaction that nobody takes', () => {
  it('is refused for ten ledgers after it was applied', async () => {
    const first = await send(alice);
    script.net.mine();
    const again = async () => (await script.sendEnvelope(first.envelope)).status;
    script.net.mine(9);
    expect(await again()).toBe('TRY_AGAIN_LATER');
    script.net.mine();
    expect(await again()).toBe('ERROR');
  });

  it('is dropped when its time is over before a ledger closes', async () => {
    const timeBounds = new xdr.TimeBounds({ minTime: 0n, maxTime: BigInt(script.clock.seconds + 3) });
    const late = await send(alice, 100, { cond: xdr.Preconditions.precondTime(timeBounds) });
    expect(late.status).toBe('PENDING');
    script.clock.seconds += 10;
    script.net.mine();
    expect(await codes([late])).toEqual(['none']);
    expect((await script.sendEnvelope(late.envelope)).status).toBe('TRY_AGAIN_LATER');
  });

  it('is dropped after four ledgers that had no place for it', async () => {
    const crowd = await Promise.all(
      Array.from({ length: 10 }, (_, index) => script.account(`crowd ${index}`)),
    );
    const operations = Array.from({ length: 100 }, () => Operation.bumpSequence({ bumpTo: '0' }));
    const cheap = await send(alice);
    const again = async () => (await script.sendEnvelope(cheap.envelope)).status;
    for (let ledger = 0; ledger < 4; ledger++) {
      expect(await again()).toBe('DUPLICATE');
      for (const source of crowd) await script.send({ source, operations, fee: 20_000 });
      script.net.mine();
    }
    expect(await again()).toBe('TRY_AGAIN_LATER');
    expect(await codes([cheap])).toEqual(['none']);
  });
});

describe('a ledger with more on offer than it holds', () => {
  it('takes those that offer most, and all of them pay the lowest rate among them', async () => {
    const sources = await Promise.all(
      Array.from({ length: 11 }, (_, index) => script.account(`source ${index}`)),
    );
    const replies: Reply[] = [];
    for (const [index, source] of sources.entries()) {
      const operations = Array.from({ length: 100 }, () => pay());
      replies.push(await script.send({ source, operations, fee: 20_000 + 1_000 * index }));
    }
    script.net.mine();
    const outcomes = await Promise.all(replies.map((reply) => script.outcome(reply)));
    expect(outcomes.map(({ code }) => code || 'none')).toEqual(['none', ...Array(10).fill('txSuccess')]);
    expect(new Set(outcomes.slice(1).map(({ feeCharged }) => feeCharged))).toEqual(new Set([21_000n]));
    script.net.mine();
    const last = await script.outcome(replies[0]!);
    expect([last.code, last.feeCharged]).toEqual(['txSuccess', 10_000n]);
  });

  it('holds contract calls to its limits apart, and applies them after everything else', async () => {
    script = await openLedgerScript({ mineMode: 'manual', limits: 'mainnet' });
    const sources = await Promise.all(
      Array.from({ length: 3 }, (_, index) => script.account(`caller ${index}`)),
    );
    const { data } = await script.prepare({ source: sources[0]!, operations: [upload()] });
    const heavy = new xdr.SorobanTransactionData({
      ...data,
      resources: new xdr.SorobanResources({ ...data.resources, instructions: 300_000_000 }),
      resourceFee: data.resourceFee + 400_000n,
    });
    const replies = [];
    for (const [index, source] of sources.entries()) {
      const fee = Number(heavy.resourceFee) + 100 + 10 * index;
      replies.push(await script.send({ source, operations: [upload()], data: heavy, fee }));
    }
    alice = await script.account('alice');
    replies.push(await send(alice, 100, { operations: [pay(1, undefined, sources[0]!.publicKey())] }));
    script.net.mine();
    expect(await codes(replies)).toEqual(['none', 'none', 'txSuccess', 'txSuccess']);
    const { transactions } = (await script.net.rpc('getTransactions', {
      startLedger: script.net.latestLedger().sequence,
    })) as { transactions: { txHash: string }[] };
    expect(transactions.map(({ txHash }) => txHash)).toEqual([replies[3]!.hash, replies[2]!.hash]);
  });
});

describe('what earlier transactions of a ledger do to later ones', () => {
  /** Transactions are applied in the order they came. */
  async function close(...replies: Reply[]): Promise<Reply[]> {
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 'PENDING'));
    script.net.mine();
    return Promise.all(replies.map((reply) => script.outcome(reply)));
  }
  const changesBefore = ({ metaXdr }: Reply) => {
    const meta = xdr.TransactionMeta.fromXdr(metaXdr!, 'base64');
    return meta.type === 'v4' ? meta.v4.txChangesBefore.length : -1;
  };

  it('a source that was merged away: the fee is kept, nothing else happens', async () => {
    const merge = Operation.accountMerge({ destination: carol.publicKey(), source: alice.publicKey() });
    const outcomes = await close(
      await send(bob, 100, { operations: [merge], signers: [alice, bob] }),
      await send(alice, 250),
    );
    expect(outcomes.map(({ code }) => code)).toEqual(['txSuccess', 'txNoAccount']);
    expect(outcomes[1]!.feeCharged).toBe(100n);
    expect(changesBefore(outcomes[1]!)).toBe(0);
  });

  it('a source whose sequence number was bumped away', async () => {
    const { seqNum } = await script.accountEntry(alice);
    const bump = Operation.bumpSequence({ bumpTo: String(seqNum + 9n), source: alice.publicKey() });
    const outcomes = await close(
      await send(bob, 100, { operations: [bump], signers: [alice, bob] }),
      await send(alice),
    );
    expect(outcomes[1]!.code).toBe('txBadSeq');
    expect((await script.accountEntry(alice)).seqNum).toBe(seqNum + 9n);
  });

  it('a sequence number that was used too recently is used up all the same', async () => {
    const { seqNum } = await script.accountEntry(alice);
    script.net.mine(5);
    const bump = Operation.bumpSequence({ bumpTo: String(seqNum), source: alice.publicKey() });
    const cond = xdr.Preconditions.precondV2(
      new xdr.PreconditionsV2({
        timeBounds: null,
        ledgerBounds: null,
        minSeqNum: null,
        minSeqAge: 0n,
        minSeqLedgerGap: 2,
        extraSigners: [],
      }),
    );
    const outcomes = await close(
      await send(bob, 100, { operations: [bump], signers: [alice, bob] }),
      await send(alice, 100, { cond }),
    );
    expect(outcomes[1]!.code).toBe('txBadMinSeqAgeOrGap');
    expect((await script.accountEntry(alice)).seqNum).toBe(seqNum + 1n);
  });

  it('a master key that may no longer sign', async () => {
    const { seqNum } = await script.accountEntry(alice);
    const lock = Operation.setOptions({ masterWeight: 0, source: alice.publicKey() });
    const outcomes = await close(
      await send(bob, 100, { operations: [lock], signers: [alice, bob] }),
      await send(alice),
    );
    expect(outcomes[1]!.code).toBe('txBadAuth');
    expect((await script.accountEntry(alice)).seqNum).toBe(seqNum + 1n);
  });

  it('the source of one operation only', async () => {
    const lock = Operation.setOptions({ masterWeight: 0, source: alice.publicKey() });
    const outcomes = await close(
      await send(bob, 100, { operations: [lock], signers: [alice, bob] }),
      await send(carol, 200, { operations: [pay(), pay(1, alice)], signers: [carol, alice] }),
    );
    expect(outcomes[1]!.code).toBe('txFailed');
    expect(outcomes[1]!.operations).toEqual(['paymentSuccess', 'opBadAuth']);
  });

  it('a source that was drained: fees were taken before, so that they are there', async () => {
    const { balance } = await script.accountEntry(alice);
    const rest = Number(balance) - 10_000_000 - 100;
    const drain = pay(rest, alice, carol.publicKey());
    const outcomes = await close(
      await send(bob, 100, { operations: [drain], signers: [alice, bob] }),
      await send(alice),
    );
    expect(outcomes.map(({ code }) => code)).toEqual(['txSuccess', 'txFailed']);
    expect((await script.accountEntry(alice)).balance).toBe(10_000_000n);
  });

  it('a payer that was merged away gets no refund', async () => {
    const { data } = await script.prepare({ source: alice, operations: [upload()] });
    const merge = Operation.accountMerge({ destination: carol.publicKey(), source: alice.publicKey() });
    const resourceFee = data.resourceFee + 1_000_000n;
    const rich = new xdr.SorobanTransactionData({ ...data, resourceFee });
    const bump = { source: alice, fee: resourceFee + 200n };
    const outcomes = await close(
      await send(carol, 100, { operations: [merge], signers: [alice, carol] }),
      await script.send({ source: bob, operations: [upload()], data: rich, fee: 1, bump }),
    );
    expect(outcomes.map(({ code }) => code)).toEqual(['txSuccess', 'txFeeBumpInnerSuccess txSuccess']);
    expect(outcomes[1]!.feeCharged).toBe(resourceFee + 200n);
  });
});

describe('the fees of a ledger', () => {
  it('are not given back where the payer has no room for them', async () => {
    const full = new xdr.AccountEntry({ ...(await script.accountEntry(alice)), balance: 2n ** 63n - 1n });
    const entry = new xdr.LedgerEntry({
      lastModifiedLedgerSeq: 1,
      data: xdr.LedgerEntryData.account(full),
      ext: xdr.LedgerEntryExt.v0(),
    });
    const { data } = await script.prepare({ source: bob, operations: [upload()] });
    await script.net.setLedgerEntry(entry.toXdr('base64'));
    const resourceFee = data.resourceFee + 10_000_000n;
    const rich = new xdr.SorobanTransactionData({ ...data, resourceFee });
    // The fee makes room, and a payment of another fills it before refunds are due; payments come before contract calls.
    const paying = pay(Number(resourceFee), undefined, alice.publicKey());
    const fee = Number(resourceFee) + 100;
    const call = await script.send({ source: alice, operations: [upload()], data: rich, fee });
    await script.send({ source: bob, operations: [paying] });
    script.net.mine();
    const { code, feeCharged } = await script.outcome(call);
    expect([code, feeCharged]).toEqual(['txSuccess', resourceFee + 100n]);
  });

  it('are all taken first, and refunds come last', async () => {
    const { data } = await script.prepare({ source: alice, operations: [upload()] });
    const rich = new xdr.SorobanTransactionData({ ...data, resourceFee: data.resourceFee + 500n });
    await script.send({
      source: alice,
      operations: [upload()],
      data: rich,
      fee: Number(rich.resourceFee) + 100,
    });
    await send(bob);
    script.net.mine();
    const { events } = (await script.net.rpc('getEvents', {
      startLedger: script.net.latestLedger().sequence,
    })) as { events: { topic: string[]; value: string }[] };
    const names = events.map(({ topic }) => scValToNative(xdr.ScVal.fromXdr(topic[0]!, 'base64')));
    expect(names).toEqual(['fee', 'fee', 'transfer', 'fee']);
    const last = scValToNative(xdr.ScVal.fromXdr(events[3]!.value, 'base64'));
    expect(last).toBeLessThanOrEqual(-500n);
  });
});
