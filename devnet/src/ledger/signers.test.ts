import { Asset, Keypair, Operation, type Transaction, TransactionBuilder, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../testing/assetNetwork.ts';
import { readAccount, sponsored } from '../testing/sponsoredEntries.ts';
import {
  metaOf,
  openTestNetwork,
  operationCodes,
  resultOf,
  type TransactionReply,
} from '../testing/testNetwork.ts';

let world: AssetNetwork;
let alice: Keypair;
let bob: Keypair;

beforeEach(async () => {
  world = await openAssetNetwork();
  ({ alice, bob } = world);
});

const read = async (keypair: Keypair) => (await readAccount(world.network.net, keypair))!;
const pay = (amount = '1', source = alice) =>
  Operation.payment({
    destination: world.issuer.publicKey(),
    asset: Asset.native(),
    amount,
    source: source.publicKey(),
  });
const authorize = (hash: Uint8Array, source = alice) =>
  Operation.setOptions({
    signer: { preAuthTx: Buffer.from(hash), weight: 1 },
    source: source.publicKey(),
  });

/** A transaction of an account that will follow the next one of its source. */
async function later(source: Keypair, ...operations: ReturnType<typeof pay>[]): Promise<Transaction> {
  const sequence = (await world.network.sequence(source.publicKey())) + 1n;
  return world.network.build(source, operations, { sequence });
}

async function submit(transaction: { toXDR(): string }): Promise<TransactionReply> {
  const { hash, status } = await world.network.submit(transaction);
  expect(status).toBe('PENDING');
  return world.network.transaction(hash);
}

describe('the signer that pre-authorized a transaction', () => {
  it('is gone once the transaction is applied, which needs no other signature', async () => {
    const transaction = await later(alice, pay());
    await world.done(alice, [authorize(transaction.hash())]);
    expect(await read(alice)).toMatchObject({ numSubEntries: 1 });
    const reply = await submit(transaction);
    expect(reply.status).toBe('SUCCESS');
    expect(await read(alice)).toMatchObject({ numSubEntries: 0, signers: [] });
    const [, updated] = metaOf(reply).txChangesBefore;
    const entry = updated?.type === 'ledgerEntryUpdated' ? updated.updated.data : null;
    expect(entry?.type === 'account' && entry.account.signers).toEqual([]);
  });

  it('is gone also when the transaction fails', async () => {
    const transaction = await later(alice, pay('1000000'));
    await world.done(alice, [authorize(transaction.hash())]);
    expect(operationCodes(await submit(transaction))).toEqual(['paymentUnderfunded']);
    expect(await read(alice)).toMatchObject({ numSubEntries: 0, signers: [] });
  });

  it('is gone from the source of an operation, and other signers stay', async () => {
    const transaction = await later(bob, pay('1', alice));
    await world.done([bob, alice], [authorize(transaction.hash()), authorize(new Uint8Array(32))]);
    transaction.sign(bob);
    expect((await submit(transaction)).status).toBe('SUCCESS');
    expect(await read(alice)).toMatchObject({ numSubEntries: 1, signers: [[expect.any(String), 1]] });
  });

  it('gives its reserve back to its sponsor', async () => {
    const transaction = await later(alice, pay());
    await world.done([alice, bob], sponsored(bob, alice, authorize(transaction.hash())));
    expect(await read(bob)).toMatchObject({ numSponsoring: 1 });
    await submit(transaction);
    expect(await read(alice)).toMatchObject({ numSponsored: 0, signerSponsors: [] });
    expect(await read(bob)).toMatchObject({ numSponsoring: 0 });
  });

  it('stays when the transaction is refused', async () => {
    const transaction = await later(alice, pay());
    await world.done(alice, [authorize(transaction.hash())]);
    await world.done(alice, [Operation.bumpSequence({ bumpTo: '0' })]);
    const refused = await world.network.submit(transaction);
    expect(resultOf(refused).result.type).toBe('txBadSeq');
    expect(await read(alice)).toMatchObject({ numSubEntries: 1 });
  });

  it('may authorize a fee bump, or the transaction inside of one', async () => {
    const inner = await later(alice, pay());
    const outer = TransactionBuilder.buildFeeBumpTransaction(bob, '200', inner, world.network.net.passphrase);
    await world.done([alice, bob], [authorize(inner.hash()), authorize(outer.hash(), bob)]);
    const reply = await submit(outer);
    expect(resultOf(reply).result.type).toBe('txFeeBumpInnerSuccess');
    expect(await read(alice)).toMatchObject({ numSubEntries: 0, signers: [] });
    expect(await read(bob)).toMatchObject({ numSubEntries: 0, signers: [] });
  });
});

describe('a transaction that was valid until another one of the same ledger', () => {
  let network: Awaited<ReturnType<typeof openTestNetwork>>;

  /** Sends both into one ledger and returns their results. */
  async function together(
    spoil: (source: string, sequence: bigint, hash: Uint8Array) => ReturnType<typeof pay>,
    edit: NonNullable<Parameters<typeof network.build>[2]> = {},
  ) {
    network = await openTestNetwork({ mineMode: 'manual' });
    const [alice, bob] = [Keypair.random(), Keypair.random()];
    for (const keypair of [alice, bob]) await network.net.fund(keypair.publicKey());
    network.net.mine();
    const sequence = await network.sequence(alice.publicKey());
    const pending = await network.build(alice, [Operation.bumpSequence({ bumpTo: '0' })], {
      ...edit,
      sequence: sequence + 1n,
    });
    const authorization = await network.build(alice, [authorize(pending.hash(), alice)]);
    authorization.sign(alice);
    await network.submit(authorization);
    network.net.mine();
    const spoiler = await network.build(bob, [spoil(alice.publicKey(), sequence, pending.hash())]);
    spoiler.sign(bob, alice);
    const hashes = [await network.submit(spoiler), await network.submit(pending)].map(({ hash }) => hash);
    network.net.mine();
    const [first, second] = await Promise.all(hashes.map((hash) => network.transaction(hash)));
    expect(first!.status).toBe('SUCCESS');
    expect(second!.ledger).toBe(first!.ledger);
    return {
      code: resultOf(second!).result.type,
      used: (await network.sequence(alice.publicKey())) - sequence,
      state: (await readAccount(network.net, alice))!,
    };
  }

  it('took away its authorization, still uses its sequence number', async () => {
    const { code, used } = await together((source, _sequence, hash) =>
      Operation.setOptions({ signer: { preAuthTx: Buffer.from(hash), weight: 0 }, source }),
    );
    expect([code, used]).toEqual(['txBadAuth', 2n]);
  });

  it('used the account too recently, uses its sequence number and the authorization', async () => {
    const { code, used, state } = await together(
      (source) => Operation.bumpSequence({ bumpTo: '0', source }),
      { edit: (builder) => builder.setTimeout(0).setMinAccountSequenceLedgerGap(1) },
    );
    expect([code, used]).toEqual(['txBadMinSeqAgeOrGap', 2n]);
    expect(state).toMatchObject({ numSubEntries: 0, signers: [] });
  });

  it('raised the sequence number, loses the authorization only', async () => {
    const { code, used, state } = await together((source, sequence) =>
      Operation.bumpSequence({ bumpTo: String(sequence + 9n), source }),
    );
    expect([code, used]).toEqual(['txBadSeq', 9n]);
    expect(state).toMatchObject({ numSubEntries: 0, signers: [] });
  });
});

it('a signer set from outside whose sponsor is missing does not keep a ledger from closing', async () => {
  const { network } = world;
  const { net } = network;
  net.setMineMode('manual');
  const transaction = await network.build(alice, [pay()]);
  const { account } = (await readAccount(net, alice))!;
  const v2 = new xdr.AccountEntryExtensionV2({
    numSponsored: 1,
    numSponsoring: 0,
    signerSponsoringIDs: [Keypair.random().xdrAccountId()],
    ext: xdr.AccountEntryExtensionV2Ext.v0(),
  });
  const key = xdr.SignerKey.signerKeyTypePreAuthTx(transaction.hash());
  const changed = new xdr.AccountEntry({
    ...account,
    numSubEntries: 1,
    signers: [new xdr.Signer({ key, weight: 1 })],
    ext: xdr.AccountEntryExt.v1(
      new xdr.AccountEntryExtensionV1({
        liabilities: new xdr.Liabilities({ buying: 0n, selling: 0n }),
        ext: xdr.AccountEntryExtensionV1Ext.v2(v2),
      }),
    ),
  });
  const data = xdr.LedgerEntryData.account(changed);
  const entry = new xdr.LedgerEntry({ lastModifiedLedgerSeq: 0, data, ext: xdr.LedgerEntryExt.v0() });
  await net.setLedgerEntry(entry.toXdr('base64'));
  const { hash } = await network.submit(transaction);
  net.mine();
  expect((await network.transaction(hash)).status).toBe('SUCCESS');
  expect(await readAccount(net, alice)).toMatchObject({ numSubEntries: 1 });
});
