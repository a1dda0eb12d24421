import { Asset, Claimant, Keypair, Memo, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AssetNetwork,
  addressOf,
  balanceIdOf,
  eventsOf,
  i128,
  openAssetNetwork,
} from '../../testing/assetNetwork.ts';
import { START_SECONDS } from '../../testing/testNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

const claimant = (keypair: Keypair, predicate?: xdr.ClaimPredicate) =>
  new Claimant(keypair.publicKey(), predicate);
const create = (amount: string, asset = usd, claimants = [claimant(bob)], source?: string) =>
  Operation.createClaimableBalance({ asset, amount, claimants, ...(source === undefined ? {} : { source }) });
const sponsoring = async (keypair: Keypair) => {
  const key = new xdr.LedgerKeyAccount({ accountId: keypair.xdrAccountId() });
  const data = await assets.entry(xdr.LedgerKey.account(key));
  const { ext } = (data as Extract<xdr.LedgerEntryData, { type: 'account' }>).account;
  return ext.type === 'v1' && ext.v1.ext.type === 'v2' ? ext.v1.ext.v2.numSponsoring : 0;
};

describe('creating a claimable balance', () => {
  it('takes the amount and a reserve for each claimant', async () => {
    await assets.hold(alice, '10');
    const claimants = [claimant(bob), claimant(issuer), claimant(alice)];
    const reply = await assets.done(alice, [create('4', usd, claimants)]);
    expect((await assets.line(alice))!.balance).toBe(60_000_000n);
    expect(await sponsoring(alice)).toBe(3);
    const { amount, asset, ext } = (await assets.claimable(balanceIdOf(reply)))!;
    expect([amount, asset, ext.type]).toEqual([40_000_000n, usd.toXdrObject(), 'v0']);
  });

  it('gives it the id that the SDK works out from source, sequence and place of the operation', async () => {
    const sequence = await assets.network.sequence(alice.publicKey());
    const reply = await assets.done(
      [alice, bob],
      [
        Operation.bumpSequence({ bumpTo: '0' }),
        create('1', Asset.native(), [claimant(alice)], bob.publicKey()),
      ],
    );
    const transaction = await assets.network.build(
      alice,
      [Operation.bumpSequence({ bumpTo: '0' }), create('1', Asset.native())],
      { sequence },
    );
    const expected = transaction.getClaimableBalanceId(1);
    expect(balanceIdOf(reply, 1).toXdr('hex')).toBe(expected);
  });

  it('stores relative times as absolute ones', async () => {
    const predicate = Claimant.predicateNot(Claimant.predicateBeforeRelativeTime('60'));
    const reply = await assets.done(alice, [create('1', Asset.native(), [claimant(bob, predicate)])]);
    const { claimants } = (await assets.claimable(balanceIdOf(reply)))!;
    const absolute = Claimant.predicateBeforeAbsoluteTime(String(START_SECONDS + 60));
    expect(claimants[0]!.v0.predicate).toEqual(Claimant.predicateNot(absolute));
  });

  it('lets a balance be clawed back if the line it came from could be, or the issuer set it aside', async () => {
    await assets.hold(alice, '10');
    await assets.done(issuer, [Operation.setOptions({ setFlags: 10 as never })]);
    await assets.hold(bob, '10');
    const extOf = async (source: Keypair) => {
      const reply = await assets.done(source, [create('1')]);
      return (await assets.claimable(balanceIdOf(reply)))!.ext.type;
    };
    expect(await extOf(alice)).toBe('v0');
    expect(await extOf(bob)).toBe('v1');
    expect(await extOf(issuer)).toBe('v1');
  });

  it('is a transfer to the B address, without any memo, or a mint by the issuer', async () => {
    await assets.hold(alice, '10');
    const byAlice = await assets.done(alice, [create('1')], Memo.text('hi'));
    expect(eventsOf(byAlice)).toEqual([
      assets.event(usd, 'transfer', [alice.publicKey(), addressOf(balanceIdOf(byAlice))], i128(10_000_000n)),
    ]);
    const byIssuer = await assets.done(issuer, [create('2')]);
    expect(eventsOf(byIssuer)).toEqual([
      assets.event(usd, 'mint', [addressOf(balanceIdOf(byIssuer))], i128(20_000_000n)),
    ]);
    const native = await assets.done(alice, [create('3', Asset.native())]);
    expect(eventsOf(native)).toEqual([
      assets.event(
        Asset.native(),
        'transfer',
        [alice.publicKey(), addressOf(balanceIdOf(native))],
        i128(30_000_000n),
      ),
    ]);
  });

  it('needs an authorized line with enough on it', async () => {
    expect(await assets.codes(alice, create('1'))).toEqual(['createClaimableBalanceNoTrust']);
    await assets.hold(alice, '10');
    expect(await assets.codes(alice, create('10.0000001'))).toEqual(['createClaimableBalanceUnderfunded']);
    const freeze = { trustor: alice.publicKey(), asset: usd, flags: { authorized: false } };
    await assets.done(issuer, [
      Operation.setOptions({ setFlags: 2 as never }),
      Operation.setTrustLineFlags(freeze),
    ]);
    expect(await assets.codes(alice, create('10.0000001'))).toEqual(['createClaimableBalanceNotAuthorized']);
  });

  it('needs the amount and then the reserve, or a sponsor for the reserve', async () => {
    const carol = Keypair.random();
    const source = carol.publicKey();
    await assets.done(alice, [Operation.createAccount({ destination: source, startingBalance: '2.001' })]);
    const native = (amount: string) => create(amount, Asset.native(), [claimant(alice), claimant(bob)]);
    expect(await assets.codes(carol, native('1.0011'), native('0.1'))).toEqual([
      'createClaimableBalanceUnderfunded',
      'createClaimableBalanceLowReserve',
    ]);
    const reply = await assets.done(
      [bob, carol],
      [
        Operation.beginSponsoringFutureReserves({ sponsoredId: source }),
        create('0.1', Asset.native(), [claimant(alice), claimant(bob)], source),
        Operation.endSponsoringFutureReserves({ source }),
      ],
    );
    expect([await sponsoring(bob), await sponsoring(carol)]).toEqual([2, 0]);
    await assets.done(alice, [
      Operation.claimClaimableBalance({ balanceId: balanceIdOf(reply, 1).toXdr('hex') }),
    ]);
    expect(await sponsoring(bob)).toBe(0);
  });

  it('is malformed without amount or claimants, with one twice, or with an impossible asset or predicate', async () => {
    const code = (change: Partial<ConstructorParameters<typeof xdr.CreateClaimableBalanceOp>[0]>) => {
      const claimants = [claimant(bob).toXdrObject()];
      const operation = { asset: usd.toXdrObject(), amount: 1n, claimants, ...change };
      const body = xdr.OperationBody.createClaimableBalance(new xdr.CreateClaimableBalanceOp(operation));
      return assets.codeOfRaw(alice, body);
    };
    const badCode = new xdr.AlphaNum4({ assetCode: new Uint8Array(4), issuer: issuer.xdrAccountId() });
    const bad = claimant(alice, xdr.ClaimPredicate.claimPredicateNot(null)).toXdrObject();
    const later = claimant(bob, Claimant.predicateBeforeRelativeTime('1')).toXdrObject();
    expect(await code({})).toBe('createClaimableBalanceNoTrust');
    for (const change of [
      { amount: 0n },
      { claimants: [] },
      { claimants: [claimant(bob).toXdrObject(), later] },
      { claimants: [claimant(bob).toXdrObject(), bad] },
      { asset: xdr.Asset.assetTypeCreditAlphanum4(badCode) },
    ]) {
      expect(await code(change)).toBe('createClaimableBalanceMalformed');
    }
  });
});
