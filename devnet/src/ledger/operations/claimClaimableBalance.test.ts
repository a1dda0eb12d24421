import {
  Account,
  Asset,
  Claimant,
  type Keypair,
  Memo,
  MuxedAccount,
  Operation,
  xdr,
} from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AssetNetwork,
  addressOf,
  balanceIdOf,
  eventsOf,
  i128,
  openAssetNetwork,
} from '../../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

/** A balance of 5 that alice set aside. */
async function setAside(claimants: Claimant[], asset = usd, by = alice): Promise<xdr.ClaimableBalanceId> {
  const operation = Operation.createClaimableBalance({ asset, amount: '5', claimants });
  return balanceIdOf(await assets.done(by, [operation]));
}
const claim = (id: xdr.ClaimableBalanceId, source?: string) =>
  Operation.claimClaimableBalance({
    balanceId: id.toXdr('hex'),
    ...(source === undefined ? {} : { source }),
  });
const forBob = (predicate?: xdr.ClaimPredicate) => [new Claimant(bob.publicKey(), predicate)];

describe('claiming a balance', () => {
  it('pays all of it, once, and frees the reserve of its creator', async () => {
    await assets.hold(alice, '5');
    const id = await setAside(forBob());
    await assets.done(bob, [Operation.changeTrust({ asset: usd })]);
    expect(await assets.codes(bob, claim(id), claim(id))).toEqual([
      'claimClaimableBalanceSuccess',
      'claimClaimableBalanceDoesNotExist',
    ]);
    await assets.done(bob, [claim(id)]);
    expect((await assets.line(bob))!.balance).toBe(50_000_000n);
    expect(await assets.claimable(id)).toBeNull();
    // An account that still sponsors something could not be merged.
    await assets.done(alice, [Operation.changeTrust({ asset: usd, limit: '0' })]);
    await assets.done(alice, [Operation.accountMerge({ destination: bob.publicKey() })]);
  });

  it('pays the native asset to the stroop', async () => {
    const id = await setAside(forBob(), Asset.native());
    const before = await assets.network.balance(bob.publicKey());
    await assets.done(bob, [claim(id)]);
    expect(await assets.network.balance(bob.publicKey())).toBe(before + 50_000_000n - 100n);
  });

  it('is for claimants only, and only while their predicate allows it', async () => {
    const id = await setAside(
      forBob(Claimant.predicateNot(Claimant.predicateBeforeRelativeTime('60'))),
      Asset.native(),
    );
    expect(await assets.codes(alice, claim(id))).toEqual(['claimClaimableBalanceCannotClaim']);
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceCannotClaim']);
    assets.network.net.warp({ seconds: 59 });
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceCannotClaim']);
    assets.network.net.warp({ seconds: 1 });
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceSuccess']);
  });

  it('needs an authorized line with room for it', async () => {
    await assets.hold(alice, '5');
    const id = await setAside(forBob());
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceNoTrust']);
    await assets.done(bob, [Operation.changeTrust({ asset: usd, limit: '4.9999999' })]);
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceLineFull']);
    const freeze = { trustor: bob.publicKey(), asset: usd, flags: { authorized: false } };
    await assets.done(issuer, [
      Operation.setOptions({ setFlags: 2 as never }),
      Operation.setTrustLineFlags(freeze),
    ]);
    expect(await assets.codes(bob, claim(id))).toEqual(['claimClaimableBalanceNotAuthorized']);
  });

  it('is a transfer from the B address, and a burn by the issuer', async () => {
    await assets.hold(alice, '10');
    const id = await setAside(forBob());
    const toIssuer = await setAside([new Claimant(issuer.publicKey())]);
    await assets.done(bob, [Operation.changeTrust({ asset: usd })]);
    const amount = i128(50_000_000n);
    expect(eventsOf(await assets.done(bob, [claim(id)]))).toEqual([
      assets.event(usd, 'transfer', [addressOf(id), bob.publicKey()], amount),
    ]);
    expect(eventsOf(await assets.done(issuer, [claim(toIssuer)], Memo.text('hi')))).toEqual([
      assets.event(usd, 'burn', [addressOf(toIssuer)], amount),
    ]);
  });

  it('carries the memo, or the id of a muxed claimant, as payments do', async () => {
    const [first, second] = [
      await setAside(forBob(), Asset.native()),
      await setAside(forBob(), Asset.native()),
    ];
    const muxed = new MuxedAccount(new Account(bob.publicKey(), '0'), '7').accountId();
    const idIn = (event: string) => {
      const { data } = xdr.ContractEvent.fromXdr(event, 'base64').body.v0;
      return (data as Extract<xdr.ScVal, { type: 'scvMap' }>).map![1]!.val;
    };
    const plain = await assets.done(bob, [claim(first)], Memo.text('hi'));
    expect(idIn(eventsOf(plain)[0]!)).toEqual(xdr.ScVal.scvString('hi'));
    const byMuxed = await assets.done(bob, [claim(second, muxed)], Memo.text('hi'));
    expect(idIn(eventsOf(byMuxed)[0]!)).toEqual(xdr.ScVal.scvU64(7n));
  });
});
