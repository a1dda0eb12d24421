import { Asset, Keypair, LiquidityPoolAsset, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

const trust = (limit?: string, asset: Asset = usd) =>
  Operation.changeTrust(limit === undefined ? { asset } : { asset, limit });
const account = async (holder: Keypair) => {
  const key = new xdr.LedgerKeyAccount({ accountId: holder.xdrAccountId() });
  const data = await assets.entry(xdr.LedgerKey.account(key));
  return (data as Extract<xdr.LedgerEntryData, { type: 'account' }>).account;
};
const counts = async (holder: Keypair) => {
  const { ext, numSubEntries } = await account(holder);
  const v2 = ext.type === 'v1' && ext.v1.ext.type === 'v2' ? ext.v1.ext.v2 : null;
  return [numSubEntries, v2?.numSponsored ?? 0, v2?.numSponsoring ?? 0];
};

describe('a new trust line', () => {
  it('is empty, authorized, and counts as a subentry', async () => {
    await assets.done(alice, [trust('100')]);
    const { balance, limit, flags, ext } = (await assets.line(alice))!;
    expect([balance, limit, flags, ext.type]).toEqual([0n, 1_000_000_000n, 1, 'v0']);
    expect(await counts(alice)).toEqual([1, 0, 0]);
  });

  it('takes authorization and clawback from the flags of the issuer', async () => {
    const flagsWhen = async (setFlags: number) => {
      const snapshot = assets.network.net.snapshot();
      await assets.done(issuer, [Operation.setOptions({ setFlags: setFlags as never })]);
      await assets.done(alice, [trust()]);
      const { flags } = (await assets.line(alice))!;
      assets.network.net.revert(snapshot);
      return flags;
    };
    const [REQUIRED, REVOCABLE, CLAWBACK] = [1, 2, 8];
    expect(await flagsWhen(REQUIRED)).toBe(0);
    expect(await flagsWhen(REVOCABLE)).toBe(1);
    expect(await flagsWhen(REVOCABLE | CLAWBACK)).toBe(5);
    expect(await flagsWhen(REQUIRED | REVOCABLE | CLAWBACK)).toBe(4);
  });

  it('is refused without a limit, and without an issuer', async () => {
    const nobody = new Asset('USD', Keypair.random().publicKey());
    expect(await assets.codes(alice, trust('0'))).toEqual(['changeTrustInvalidLimit']);
    expect(await assets.codes(alice, trust('0', nobody), trust('1', nobody))).toEqual([
      'changeTrustInvalidLimit',
      'changeTrustNoIssuer',
    ]);
  });

  it('needs a reserve of the holder, or of its sponsor', async () => {
    const carol = Keypair.random();
    const create = (startingBalance: string) =>
      Operation.createAccount({ destination: carol.publicKey(), startingBalance });
    const source = carol.publicKey();
    await assets.done(alice, [create('1.001')]);
    expect(await assets.codes(carol, trust())).toEqual(['changeTrustLowReserve']);
    await assets.done(
      [bob, carol],
      [
        Operation.beginSponsoringFutureReserves({ sponsoredId: source }),
        Operation.changeTrust({ asset: usd, source }),
        Operation.endSponsoringFutureReserves({ source }),
      ],
    );
    expect(await counts(carol)).toEqual([1, 1, 0]);
    expect(await counts(bob)).toEqual([0, 0, 1]);
    await assets.done(issuer, [Operation.payment({ destination: source, asset: usd, amount: '1' })]);
    await assets.done(carol, [
      Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '1' }),
      trust('0'),
    ]);
    expect(await counts(carol)).toEqual([0, 0, 0]);
    expect(await counts(bob)).toEqual([0, 0, 0]);
  });

  it('is the thousandth at most', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      trust('1', new Asset(`N${index}`, issuer.publicKey())),
    );
    for (let start = 0; start < lines.length; start += 100) {
      await assets.done(alice, lines.slice(start, start + 100));
    }
    expect(await assets.codes(alice, trust())).toEqual(['opTooManySubentries']);
  });
});

describe('an existing trust line', () => {
  beforeEach(() => assets.hold(alice, '10'));

  it('has no limit below its balance', async () => {
    expect(await assets.codes(alice, trust('9.9999999'), trust('10'))).toEqual([
      'changeTrustInvalidLimit',
      'changeTrustSuccess',
    ]);
    expect(await assets.codes(alice, trust('0'))).toEqual(['changeTrustInvalidLimit']);
  });

  it('keeps its flags when the limit changes', async () => {
    await assets.done(issuer, [Operation.setOptions({ setFlags: 3 as never })]);
    await assets.done(alice, [trust('77')]);
    expect(await assets.line(alice)).toMatchObject({ flags: 1, limit: 770_000_000n, balance: 100_000_000n });
  });

  it('disappears with a limit of zero once it is empty, and gives its reserve back', async () => {
    await assets.done(alice, [
      Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '10' }),
      trust('0'),
    ]);
    expect(await assets.line(alice)).toBeNull();
    expect(await counts(alice)).toEqual([0, 0, 0]);
  });

  it('that a liquidity pool of the forked network uses cannot be removed', async () => {
    const line = (await assets.line(alice))!;
    const v2 = new xdr.TrustLineEntryExtensionV2({
      liquidityPoolUseCount: 1,
      ext: xdr.TrustLineEntryExtensionV2Ext.v0(),
    });
    const ext = xdr.TrustLineEntryExt.v1(
      new xdr.TrustLineEntryV1({
        liabilities: new xdr.Liabilities({ buying: 0n, selling: 0n }),
        ext: xdr.TrustLineEntryV1Ext.v2(v2),
      }),
    );
    const used = new xdr.TrustLineEntry({ ...line, balance: 0n, ext });
    const data = xdr.LedgerEntryData.trustline(used);
    const entry = new xdr.LedgerEntry({ lastModifiedLedgerSeq: 0, data, ext: xdr.LedgerEntryExt.v0() });
    await assets.network.net.setLedgerEntry(entry.toXdr('base64'));
    expect(await assets.codes(alice, trust('0'))).toEqual(['changeTrustCannotDelete']);
    expect(await assets.codes(alice, trust('50'))).toEqual(['changeTrustSuccess']);
  });

  it('whose issuer is gone can be removed but not be given a limit', async () => {
    await assets.done(issuer, [Operation.accountMerge({ destination: bob.publicKey() })]);
    expect(await assets.codes(alice, trust('50'))).toEqual(['changeTrustNoIssuer']);
    await assets.done(alice, [
      Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '10' }),
      trust('0'),
    ]);
    expect(await assets.line(alice)).toBeNull();
  });
});

describe('a change of trust', () => {
  it('is malformed for the native asset, an own one, an impossible one, or a negative limit', async () => {
    const code = (line: xdr.ChangeTrustAsset, limit = 1n, signer = alice) =>
      assets.codeOfRaw(signer, xdr.OperationBody.changeTrust(new xdr.ChangeTrustOp({ line, limit })));
    const badCode = new xdr.AlphaNum4({ assetCode: new Uint8Array(4), issuer: issuer.xdrAccountId() });
    expect(await code(xdr.ChangeTrustAsset.assetTypeNative())).toBe('changeTrustMalformed');
    expect(await code(usd.toChangeTrustXdrObject(), 1n, issuer)).toBe('changeTrustMalformed');
    expect(await code(xdr.ChangeTrustAsset.assetTypeCreditAlphanum4(badCode))).toBe('changeTrustMalformed');
    expect(await code(usd.toChangeTrustXdrObject(), -1n)).toBe('changeTrustMalformed');
  });

  it('to a pool share is not supported', async () => {
    const pool = new LiquidityPoolAsset(Asset.native(), usd, 30);
    expect(await assets.codes(alice, Operation.changeTrust({ asset: pool }))).toEqual(['opNotSupported']);
  });
});
