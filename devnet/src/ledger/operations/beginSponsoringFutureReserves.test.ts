import { Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { readAccount, sponsored } from '../../testing/sponsoredEntries.ts';
import { metaOf, resultOf } from '../../testing/testNetwork.ts';

let world: AssetNetwork;

beforeAll(async () => {
  world = await openAssetNetwork();
});

const begin = (sponsor: Keypair, owner: Keypair) =>
  Operation.beginSponsoringFutureReserves({
    sponsoredId: owner.publicKey(),
    source: sponsor.publicKey(),
  });
const end = (owner: Keypair) => Operation.endSponsoringFutureReserves({ source: owner.publicKey() });
const data = (owner: Keypair) => Operation.manageData({ name: 'a', value: '1', source: owner.publicKey() });
const create = (created: Keypair, startingBalance: string) =>
  Operation.createAccount({ destination: created.publicKey(), startingBalance });

describe('sponsoring future reserves', () => {
  it('is refused of oneself', async () => {
    const sponsoredId = world.alice.xdrAccountId();
    const body = xdr.OperationBody.beginSponsoringFutureReserves(
      new xdr.BeginSponsoringFutureReservesOp({ sponsoredId }),
    );
    expect(await world.codeOfRaw(world.alice, body)).toBe('beginSponsoringFutureReservesMalformed');
  });

  it('fails for an account that has a sponsor', async () => {
    const { alice, bob, issuer } = world;
    const codes = await world.codes([alice, bob, issuer], begin(alice, bob), begin(issuer, bob), end(bob));
    expect(codes[1]).toBe('beginSponsoringFutureReservesAlreadySponsored');
  });

  it('fails in a chain, in either direction', async () => {
    const { alice, bob, issuer } = world;
    const down = await world.codes([alice, bob], begin(alice, bob), begin(bob, issuer), end(bob));
    expect(down[1]).toBe('beginSponsoringFutureReservesRecursive');
    const up = await world.codes([alice, bob, issuer], begin(bob, issuer), begin(alice, bob), end(issuer));
    expect(up[1]).toBe('beginSponsoringFutureReservesRecursive');
  });

  it('of several accounts at once is possible, and each ends its own', async () => {
    const { alice, bob, issuer } = world;
    const reply = await world.done(
      [alice, bob, issuer],
      [begin(alice, bob), begin(alice, issuer), end(bob), end(issuer)],
    );
    expect(reply.status).toBe('SUCCESS');
  });

  it('cannot be ended where nothing was begun', async () => {
    const codes = await world.codes(world.alice, begin(world.alice, world.bob), end(world.alice));
    expect(codes[1]).toBe('endSponsoringFutureReservesNotSponsored');
  });

  it('that is not ended fails the transaction, which keeps nothing but fee and sequence number', async () => {
    const owner = await world.network.account();
    const balance = await world.network.balance(world.alice.publicKey());
    const reply = await world.send([world.alice, owner], [begin(world.alice, owner), data(owner)]);
    expect(reply.status).toBe('FAILED');
    const { result, feeCharged } = resultOf(reply as never);
    expect(result.type).toBe('txBadSponsorship');
    expect(feeCharged).toBe(200n);
    expect(metaOf(reply as never).operations).toEqual([]);
    expect(await readAccount(world.network.net, owner)).toMatchObject({ numSubEntries: 0, numSponsored: 0 });
    expect(await world.network.balance(world.alice.publicKey())).toBe(balance - 200n);
  });

  it('that is not ended is of no account when an operation fails', async () => {
    const reply = await world.send(world.alice, [begin(world.alice, world.bob), end(world.alice)]);
    expect(resultOf(reply as never).result.type).toBe('txFailed');
  });
});

describe('a sponsored account', () => {
  it('may start with nothing: its sponsor pays for two entries', async () => {
    const [sponsor, created] = [await world.network.account(), Keypair.random()];
    await world.done([sponsor, created], sponsored(sponsor, created, create(created, '0')));
    expect(await readAccount(world.network.net, created)).toMatchObject({
      sponsor: sponsor.publicKey(),
      numSponsored: 2,
      numSubEntries: 0,
    });
    expect(await readAccount(world.network.net, sponsor)).toMatchObject({ sponsor: null, numSponsoring: 2 });
  });

  it('keeps its sponsor through payments and transactions of its own', async () => {
    const [sponsor, created] = [await world.network.account(), Keypair.random()];
    await world.done([sponsor, created], sponsored(sponsor, created, create(created, '0.0003')));
    await world.done(created, [Operation.bumpSequence({ bumpTo: '0' })]);
    expect(await readAccount(world.network.net, created)).toMatchObject({
      sponsor: sponsor.publicKey(),
      numSponsored: 2,
    });
    expect(await world.codes(created, data(created))).toEqual(['manageDataLowReserve']);
  });

  it('fails when its sponsor cannot pay its reserve, or then not the starting balance', async () => {
    const poor = Keypair.random();
    await world.done(world.alice, [create(poor, '1.9')]);
    const created = Keypair.random();
    const low = sponsored(poor, created, create(created, '0'));
    expect((await world.codes([world.alice, poor, created], ...low))[1]).toBe('createAccountLowReserve');
    const richer = Keypair.random();
    await world.done(world.alice, [create(richer, '2.5')]);
    const under = sponsored(
      richer,
      created,
      Operation.createAccount({
        destination: created.publicKey(),
        startingBalance: '0.5000001',
        source: richer.publicKey(),
      }),
    );
    expect((await world.codes([world.alice, richer, created], ...under))[1]).toBe('createAccountUnderfunded');
  });
});
