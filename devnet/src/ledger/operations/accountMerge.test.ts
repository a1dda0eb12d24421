import { Account, Asset, Keypair, MuxedAccount, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { readAccount, sponsored } from '../../testing/sponsoredEntries.ts';
import { metaOf, operationCodes, resultOf } from '../../testing/testNetwork.ts';
import { accountWith, getAccount, INT64_MAX, newAccount, putAccount } from '../account.ts';
import { LedgerDelta } from '../entryStore.ts';
import { OpenSponsorships } from '../sponsorship.ts';
import { accountMerge } from './accountMerge.ts';

let world: AssetNetwork;

beforeAll(async () => {
  world = await openAssetNetwork();
});

const account = () => world.network.account();
const merge = (destination: Keypair, source?: Keypair) =>
  Operation.accountMerge({
    destination: destination.publicKey(),
    ...(source && { source: source.publicKey() }),
  });
const signer = (keypair: Keypair) => ({ ed25519PublicKey: keypair.publicKey(), weight: 1 });

describe('merging an account', () => {
  it('pays its whole balance, answers with the amount, and removes it', async () => {
    const [alice, bob] = [await account(), await account()];
    const before = await world.network.balance(bob.publicKey());
    const moved = (await world.network.balance(alice.publicKey())) - 100n;
    const reply = await world.done(alice, [merge(bob)]);
    expect(await world.network.balance(bob.publicKey())).toBe(before + moved);
    expect(await readAccount(world.network.net, alice)).toBeNull();
    const { result } = resultOf(reply);
    const inner = result.type === 'txSuccess' ? result.results[0] : null;
    expect(inner?.type === 'opInner' && inner.tr.value).toMatchObject({ sourceAccountBalance: moved });
  });

  it('emits a transfer of the balance, with the id of a muxed destination', async () => {
    const [alice, bob] = [await account(), await account()];
    const destination = new MuxedAccount(new Account(bob.publicKey(), '0'), '7').accountId();
    const amount = (await world.network.balance(alice.publicKey())) - 100n;
    const reply = await world.done(alice, [Operation.accountMerge({ destination })]);
    const { topics, data } = metaOf(reply).operations[0]!.events[0]!.body.v0;
    expect(topics.map(scValToNative)).toEqual(['transfer', alice.publicKey(), bob.publicKey(), 'native']);
    expect(scValToNative(data)).toEqual({ amount, to_muxed_id: 7n });
  });

  it('leaves later operations of the account without a source', async () => {
    const [alice, bob] = [await account(), await account()];
    const pay = Operation.payment({ destination: bob.publicKey(), asset: Asset.native(), amount: '1' });
    expect(await world.codes(alice, merge(bob), pay)).toEqual(['accountMergeSuccess', 'opNoAccount']);
    expect(await readAccount(world.network.net, alice)).not.toBeNull();
  });

  it('lets it be created again, with a sequence number that repeats nothing', async () => {
    const [alice, bob] = [await account(), await account()];
    await world.done(alice, [merge(bob)]);
    const create = Operation.createAccount({ destination: alice.publicKey(), startingBalance: '5' });
    const { ledger } = await world.done(bob, [create]);
    expect(await world.network.sequence(alice.publicKey())).toBe(BigInt(ledger) << 32n);
  });

  it('needs the high threshold', async () => {
    const alice = await account();
    await world.done(alice, [Operation.setOptions({ highThreshold: 2 })]);
    expect(await world.codes(alice, merge(world.bob))).toEqual(['opBadAuth']);
  });

  it('is refused into itself and fails into nobody', async () => {
    expect(await world.codes(world.alice, merge(world.alice))).toEqual(['accountMergeMalformed']);
    expect(await world.codes(world.alice, merge(Keypair.random()))).toEqual(['accountMergeNoAccount']);
  });

  it('fails for an immutable account', async () => {
    const alice = await account();
    await world.done(alice, [Operation.setOptions({ setFlags: 4 })]);
    expect(await world.codes(alice, merge(world.bob))).toEqual(['accountMergeImmutableSet']);
  });

  it('fails while there are subentries, and takes signers with it', async () => {
    const [alice, sponsor] = [await account(), await account()];
    await world.done(alice, [
      Operation.manageData({ name: 'a', value: '1' }),
      Operation.setOptions({ signer: signer(world.bob) }),
    ]);
    expect(await world.codes(alice, merge(world.bob))).toEqual(['accountMergeHasSubEntries']);
    const add = Operation.setOptions({ signer: signer(sponsor), source: alice.publicKey() });
    await world.done([sponsor, alice], sponsored(sponsor, alice, add));
    await world.done(alice, [Operation.manageData({ name: 'a', value: null }), merge(sponsor)]);
    expect(await readAccount(world.network.net, alice)).toBeNull();
    expect(await readAccount(world.network.net, sponsor)).toMatchObject({ numSponsoring: 0 });
  });

  it('fails while the sequence number is that of the ledger or later', async () => {
    const alice = await account();
    const next = BigInt(world.network.net.latestLedger().sequence + 1) << 32n;
    const bump = (bumpTo: bigint) => Operation.bumpSequence({ bumpTo: String(bumpTo) });
    expect(await world.codes(alice, bump(next), merge(world.bob))).toEqual([
      'bumpSequenceSuccess',
      'accountMergeSeqnumTooFar',
    ]);
    const later = BigInt(world.network.net.latestLedger().sequence + 1) << 32n;
    expect(await world.codes(alice, bump(later - 1n), merge(world.bob))).toEqual([
      'bumpSequenceSuccess',
      'accountMergeSuccess',
    ]);
  });

  it('fails for an account that sponsors, or is about to', async () => {
    const [alice, owner] = [await account(), await account()];
    const about = sponsored(alice, owner, merge(world.bob, alice));
    expect((await world.codes([alice, owner], ...about))[1]).toBe('accountMergeIsSponsor');
    const data = Operation.manageData({ name: 'a', value: '1', source: owner.publicKey() });
    await world.done([alice, owner], sponsored(alice, owner, data));
    expect(await world.codes(alice, merge(world.bob))).toEqual(['accountMergeIsSponsor']);
    await world.done(owner, [Operation.manageData({ name: 'a', value: null })]);
    expect(await world.codes(alice, merge(world.bob))).toEqual(['accountMergeSuccess']);
  });

  it('gives the reserve of a sponsored account back to its sponsor, who may be the receiver', async () => {
    const [sponsor, created] = [await account(), Keypair.random()];
    const create = Operation.createAccount({ destination: created.publicKey(), startingBalance: '0' });
    await world.done([sponsor, created], sponsored(sponsor, created, create));
    const before = await world.network.balance(sponsor.publicKey());
    const close = [merge(sponsor, created)];
    expect(operationCodes(await world.send([sponsor, created], close))).toEqual(['accountMergeSuccess']);
    expect(await readAccount(world.network.net, created)).toBeNull();
    expect(await readAccount(world.network.net, sponsor)).toMatchObject({ numSponsoring: 0 });
    expect(await world.network.balance(sponsor.publicKey())).toBe(before - 100n);
  });

  it('fails when the receiver cannot hold the sum', () => {
    const delta = new LedgerDelta({ get: () => undefined });
    const [poor, rich] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    putAccount(delta, newAccount(poor, 2n, 1), 1);
    putAccount(delta, accountWith(newAccount(rich, 0n, 1), { balance: INT64_MAX - 1n }), 1);
    const destination = xdr.MuxedAccount.keyTypeEd25519(rich);
    const context = {
      delta,
      source: poor,
      ledger: { sequence: 2 },
      sponsorships: new OpenSponsorships(),
    } as unknown as Parameters<typeof accountMerge.apply>[1];
    const body = xdr.OperationBody.accountMerge(destination);
    const outcome = accountMerge.apply(body as Parameters<typeof accountMerge.apply>[0], context);
    expect('result' in outcome && (outcome.result.value as { type: string }).type).toBe(
      'accountMergeDestFull',
    );
    expect(getAccount(delta, rich)!.balance).toBe(INT64_MAX - 1n);
  });
});
