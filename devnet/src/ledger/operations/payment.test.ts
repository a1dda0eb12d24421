import { Account, Asset, Keypair, Memo, MuxedAccount, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, eventsOf, i128, openAssetNetwork } from '../../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

const pay = (to: Keypair | string, amount: string, asset = usd) =>
  Operation.payment({ destination: typeof to === 'string' ? to : to.publicKey(), asset, amount });
const trust = (limit?: string) =>
  Operation.changeTrust(limit === undefined ? { asset: usd } : { asset: usd, limit });

describe('a payment in a credit asset', () => {
  it('moves the amount between trust lines', async () => {
    await assets.hold(alice, '100');
    await assets.done(bob, [trust()]);
    await assets.done(alice, [pay(bob, '30.0000001')]);
    expect((await assets.line(alice))!.balance).toBe(699_999_999n);
    expect((await assets.line(bob))!.balance).toBe(300_000_001n);
  });

  it('comes out of nothing from the issuer and goes to nothing at the issuer, who needs no line', async () => {
    await assets.hold(alice, '100');
    expect((await assets.line(alice))!.balance).toBe(1_000_000_000n);
    await assets.done(alice, [pay(issuer, '100')]);
    expect((await assets.line(alice))!.balance).toBe(0n);
    expect(await assets.line(issuer)).toBeNull();
  });

  it('reaches the issuer even when its account is gone, and nobody else whose account is', async () => {
    await assets.hold(alice, '100');
    await assets.done(issuer, [Operation.accountMerge({ destination: bob.publicKey() })]);
    expect(await assets.codes(alice, pay(issuer, '100'), pay(Keypair.random(), '1'))).toEqual([
      'paymentSuccess',
      'paymentNoDestination',
    ]);
  });

  it('needs a line of the receiver with room for it, then a line of the sender with enough on it', async () => {
    expect(await assets.codes(alice, pay(bob, '1'))).toEqual(['paymentNoTrust']);
    await assets.done(bob, [trust('10')]);
    expect(await assets.codes(alice, pay(bob, '10.0000001'), pay(bob, '10'))).toEqual([
      'paymentLineFull',
      'paymentSrcNoTrust',
    ]);
    await assets.hold(alice, '5');
    expect(await assets.codes(alice, pay(bob, '5.0000001'), pay(bob, '5'))).toEqual([
      'paymentUnderfunded',
      'paymentSuccess',
    ]);
  });

  it('stops at a line that is not authorized, in both directions', async () => {
    await assets.hold(alice, '5');
    await assets.done(issuer, [Operation.setOptions({ setFlags: 3 as never })]);
    await assets.done(bob, [trust()]);
    expect(await assets.codes(alice, pay(bob, '1'))).toEqual(['paymentNotAuthorized']);
    const flags = { authorized: false, authorizedToMaintainLiabilities: true };
    const freeze = Operation.setTrustLineFlags({ trustor: alice.publicKey(), asset: usd, flags });
    await assets.done(issuer, [freeze]);
    expect(await assets.codes(alice, pay(issuer, '1'))).toEqual(['paymentSrcNotAuthorized']);
    expect(await assets.codes(issuer, pay(alice, '1'))).toEqual(['paymentNotAuthorized']);
  });

  it('to oneself needs room for the amount, and changes nothing', async () => {
    await assets.done(alice, [trust('10')]);
    await assets.done(issuer, [pay(alice, '6')]);
    expect(await assets.codes(alice, pay(alice, '4.0000001'), pay(alice, '4'))).toEqual([
      'paymentLineFull',
      'paymentSuccess',
    ]);
    expect((await assets.line(alice))!.balance).toBe(60_000_000n);
  });

  it('is malformed without an amount or with an impossible asset', async () => {
    const malformed = (asset: xdr.Asset, amount: bigint) => {
      const destination = xdr.MuxedAccount.keyTypeEd25519(bob.rawPublicKey());
      const op = new xdr.PaymentOp({ destination, asset, amount });
      return assets.codeOfRaw(alice, xdr.OperationBody.payment(op));
    };
    const code4 = (assetCode: Uint8Array) =>
      xdr.Asset.assetTypeCreditAlphanum4(new xdr.AlphaNum4({ assetCode, issuer: issuer.xdrAccountId() }));
    expect(await malformed(usd.toXdrObject(), 0n)).toBe('paymentMalformed');
    expect(await malformed(usd.toXdrObject(), -1n)).toBe('paymentMalformed');
    expect(await malformed(code4(new Uint8Array([85, 0, 68, 0])), 1n)).toBe('paymentMalformed');
    expect(await malformed(code4(new Uint8Array(4)), 1n)).toBe('paymentMalformed');
  });
});

describe('a native payment to oneself', () => {
  it('succeeds whatever the amount, and emits its event', async () => {
    const reply = await assets.done(alice, [pay(alice, '99999999', Asset.native())]);
    const me = alice.publicKey();
    expect(eventsOf(reply)).toEqual([
      assets.event(Asset.native(), 'transfer', [me, me], i128(999_999_990_000_000n)),
    ]);
  });
});

describe('the event of a payment', () => {
  beforeEach(() => assets.hold(alice, '100'));

  it('is a transfer between holders, a mint from the issuer and a burn to the issuer', async () => {
    await assets.done(bob, [trust()]);
    const transfer = assets.event(usd, 'transfer', [alice.publicKey(), bob.publicKey()], i128(10_000_000n));
    const mint = assets.event(usd, 'mint', [bob.publicKey()], i128(20_000_000n));
    const burn = assets.event(usd, 'burn', [alice.publicKey()], i128(30_000_000n));
    expect(eventsOf(await assets.done(alice, [pay(bob, '1')]))).toEqual([transfer]);
    expect(eventsOf(await assets.done(issuer, [pay(bob, '2')]))).toEqual([mint]);
    expect(eventsOf(await assets.done(alice, [pay(issuer, '3')]))).toEqual([burn]);
  });

  it('is a transfer when the issuer pays itself', async () => {
    const self = [issuer.publicKey(), issuer.publicKey()];
    const expected = assets.event(usd, 'transfer', self, i128(10_000_000n));
    expect(eventsOf(await assets.done(issuer, [pay(issuer, '1')]))).toEqual([expected]);
  });

  it('names a long asset code in full', async () => {
    const long = new Asset('LATCHKEYCOIN', issuer.publicKey());
    await assets.done(alice, [Operation.changeTrust({ asset: long })]);
    const reply = await assets.done(issuer, [pay(alice, '1', long)]);
    expect(eventsOf(reply)).toEqual([assets.event(long, 'mint', [alice.publicKey()], i128(10_000_000n))]);
  });

  it('carries the id of a muxed destination before any memo, for a mint too but not for a burn', async () => {
    const muxed = (keypair: Keypair) =>
      new MuxedAccount(new Account(keypair.publicKey(), '0'), '7').accountId();
    const withId = (id: xdr.ScVal) =>
      xdr.ScVal.scvMap([
        new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol('amount'), val: i128(10_000_000n) }),
        new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol('to_muxed_id'), val: id }),
      ]);
    const seven = xdr.ScVal.scvU64(7n);
    const memo = Memo.text('hi');
    const mint = await assets.done(issuer, [pay(muxed(alice), '1')], memo);
    expect(eventsOf(mint)).toEqual([assets.event(usd, 'mint', [alice.publicKey()], withId(seven))]);
    const burn = await assets.done(alice, [pay(muxed(issuer), '1')], memo);
    expect(eventsOf(burn)).toEqual([assets.event(usd, 'burn', [alice.publicKey()], i128(10_000_000n))]);
    const memos = [
      [memo, xdr.ScVal.scvString('hi')],
      [Memo.id('9'), xdr.ScVal.scvU64(9n)],
      [Memo.hash(Buffer.alloc(32, 1)), xdr.ScVal.scvBytes(Buffer.alloc(32, 1))],
      [Memo.return(Buffer.alloc(32, 2)), xdr.ScVal.scvBytes(Buffer.alloc(32, 2))],
    ] as const;
    const self = [alice.publicKey(), alice.publicKey()];
    for (const [plain, id] of memos) {
      const reply = await assets.done(alice, [pay(alice, '1')], plain);
      expect(eventsOf(reply)).toEqual([assets.event(usd, 'transfer', self, withId(id))]);
    }
  });
});
