import { Asset, Claimant, Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import {
  accountLedgerKey,
  dataLedgerKey,
  readAccount,
  readEntry,
  sponsored,
  xlm,
} from '../../testing/sponsoredEntries.ts';
import { resultOf } from '../../testing/testNetwork.ts';

let world: AssetNetwork;
let owner: Keypair;
let sponsor: Keypair;
let other: Keypair;

beforeAll(async () => {
  world = await openAssetNetwork();
});

beforeEach(async () => {
  owner = await world.network.account();
  sponsor = await world.network.account();
  other = await world.network.account();
});

const counts = async (keypair: Keypair) => (await readAccount(world.network.net, keypair))!;
const sponsorOf = async (key: xdr.LedgerKey) => (await readEntry(world.network.net, key))!.sponsor;
const setData = () => Operation.manageData({ name: 'a', value: '1', source: owner.publicKey() });
const revokeData = (source: Keypair) =>
  Operation.revokeDataSponsorship({ account: owner.publicKey(), name: 'a', source: source.publicKey() });
const SIGNER = { ed25519PublicKey: Keypair.random().publicKey() };
const revokeSigner = (source: Keypair) =>
  Operation.revokeSignerSponsorship({
    account: owner.publicKey(),
    signer: SIGNER,
    source: source.publicKey(),
  });

/** Leaves an account as much as it needs and this. */
async function leave(keypair: Keypair, stroops: bigint) {
  const { account, numSubEntries, numSponsoring, numSponsored } = await counts(keypair);
  const reserve = BigInt(2 + numSubEntries + numSponsoring - numSponsored) * 5_000_000n;
  const amount = xlm(account.balance - reserve - stroops - 100n);
  await world.done(keypair, [
    Operation.payment({ destination: world.issuer.publicKey(), asset: Asset.native(), amount }),
  ]);
}

describe('the reserve of an entry', () => {
  it('goes from its sponsor back to its owner', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, setData()));
    await world.done(sponsor, [revokeData(sponsor)]);
    expect(await sponsorOf(dataLedgerKey(owner, 'a'))).toBeNull();
    expect(await counts(owner)).toMatchObject({ numSubEntries: 1, numSponsored: 0 });
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 0 });
  });

  it('goes from its owner to a sponsor', async () => {
    await world.done(owner, [setData()]);
    await world.done([sponsor, owner], sponsored(sponsor, owner, revokeData(owner)));
    expect(await sponsorOf(dataLedgerKey(owner, 'a'))).toBe(sponsor.publicKey());
    expect(await counts(owner)).toMatchObject({ numSubEntries: 1, numSponsored: 1 });
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 1 });
  });

  it('goes from one sponsor to another', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, setData()));
    await world.done([sponsor, other], sponsored(other, sponsor, revokeData(sponsor)));
    expect(await sponsorOf(dataLedgerKey(owner, 'a'))).toBe(other.publicKey());
    expect(await counts(owner)).toMatchObject({ numSubEntries: 1, numSponsored: 1 });
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 0, numSponsored: 0 });
    expect(await counts(other)).toMatchObject({ numSponsoring: 1 });
  });

  it('goes back to the owner when the owner sponsors its sponsor', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, setData()));
    await world.done([sponsor, owner], sponsored(owner, sponsor, revokeData(sponsor)));
    expect(await sponsorOf(dataLedgerKey(owner, 'a'))).toBeNull();
    expect(await counts(owner)).toMatchObject({ numSponsored: 0, numSponsoring: 0 });
  });

  it('stays with an owner whom nobody sponsors', async () => {
    await world.done(owner, [setData(), revokeData(owner)]);
    expect(await sponsorOf(dataLedgerKey(owner, 'a'))).toBeNull();
  });

  it('of an account is two, and moves as one', async () => {
    const created = Keypair.random();
    const create = Operation.createAccount({ destination: created.publicKey(), startingBalance: '2' });
    const revoke = (source: Keypair) =>
      Operation.revokeAccountSponsorship({ account: created.publicKey(), source: source.publicKey() });
    await world.done([sponsor, created], sponsored(sponsor, created, create));
    await world.done([sponsor, other], sponsored(other, sponsor, revoke(sponsor)));
    expect(await sponsorOf(accountLedgerKey(created))).toBe(other.publicKey());
    expect(await counts(other)).toMatchObject({ numSponsoring: 2 });
    await world.done(other, [revoke(other)]);
    expect(await counts(created)).toMatchObject({ sponsor: null, numSponsored: 0 });
    await world.done([sponsor, created], sponsored(sponsor, created, revoke(created)));
    expect(await counts(created)).toMatchObject({ sponsor: sponsor.publicKey(), numSponsored: 2 });
  });

  it('of a trust line moves too', async () => {
    const trust = Operation.changeTrust({ asset: world.usd, source: owner.publicKey() });
    await world.done([sponsor, owner], sponsored(sponsor, owner, trust));
    const revoke = Operation.revokeTrustlineSponsorship({ account: owner.publicKey(), asset: world.usd });
    expect(await world.codes(sponsor, revoke)).toEqual(['revokeSponsorshipSuccess']);
    expect(await counts(owner)).toMatchObject({ numSubEntries: 1, numSponsored: 0 });
  });

  it('of a claimable balance can only go to another sponsor', async () => {
    const claimants = [owner, other].map((keypair) => new Claimant(keypair.publicKey()));
    const create = { asset: Asset.native(), amount: '5', claimants };
    const reply = await world.done(sponsor, [Operation.createClaimableBalance(create)]);
    const { result } = resultOf(reply);
    const inner = result.type === 'txSuccess' ? result.results[0]! : null;
    const made = (inner as { tr: { value: { balanceId: xdr.ClaimableBalanceId } } }).tr.value;
    const balanceId = Buffer.from(made.balanceId.toXdr()).toString('hex');
    const revoke = (source: Keypair) =>
      Operation.revokeClaimableBalanceSponsorship({ balanceId, source: source.publicKey() });
    expect(await world.codes(sponsor, revoke(sponsor))).toEqual(['revokeSponsorshipOnlyTransferable']);
    expect(await world.codes(owner, revoke(owner))).toEqual(['revokeSponsorshipNotSponsor']);
    await world.done([sponsor, other], sponsored(other, sponsor, revoke(sponsor)));
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 0 });
    expect(await counts(other)).toMatchObject({ numSponsoring: 2 });
  });
});

describe('the reserve of a signer', () => {
  const add = () => Operation.setOptions({ signer: { ...SIGNER, weight: 1 }, source: owner.publicKey() });

  it('goes back to the owner, and from the owner to a sponsor', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, add()));
    await world.done(sponsor, [revokeSigner(sponsor)]);
    expect(await counts(owner)).toMatchObject({ numSubEntries: 1, numSponsored: 0, signerSponsors: [null] });
    await world.done([other, owner], sponsored(other, owner, revokeSigner(owner)));
    expect(await counts(owner)).toMatchObject({ numSponsored: 1, signerSponsors: [other.publicKey()] });
    expect(await counts(other)).toMatchObject({ numSponsoring: 1 });
  });

  it('goes from one sponsor to another', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, add()));
    await world.done([sponsor, other], sponsored(other, sponsor, revokeSigner(sponsor)));
    expect(await counts(owner)).toMatchObject({ numSponsored: 1, signerSponsors: [other.publicKey()] });
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 0 });
  });

  it('is not handed on by somebody else, nor where there is no such signer or account', async () => {
    expect(await world.codes(owner, revokeSigner(owner))).toEqual(['revokeSponsorshipDoesNotExist']);
    const nobody = { account: Keypair.random().publicKey(), signer: SIGNER };
    expect(await world.codes(owner, Operation.revokeSignerSponsorship(nobody))).toEqual([
      'revokeSponsorshipDoesNotExist',
    ]);
    await world.done([sponsor, owner], sponsored(sponsor, owner, add()));
    expect(await world.codes(owner, revokeSigner(owner))).toEqual(['revokeSponsorshipNotSponsor']);
  });

  it('is not taken over by an owner or sponsor who cannot pay it', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, add()));
    await leave(owner, 4_999_999n);
    expect(await world.codes(sponsor, revokeSigner(sponsor))).toEqual(['revokeSponsorshipLowReserve']);
    await leave(other, 4_999_999n);
    const move = sponsored(other, sponsor, revokeSigner(sponsor));
    expect((await world.codes([sponsor, other], ...move))[1]).toBe('revokeSponsorshipLowReserve');
  });
});

describe('a reserve is not handed on', () => {
  it('where there is no such entry', async () => {
    expect(await world.codes(owner, revokeData(owner))).toEqual(['revokeSponsorshipDoesNotExist']);
  });

  it('by anybody but who pays it', async () => {
    await world.done(owner, [setData()]);
    expect(await world.codes(other, revokeData(other))).toEqual(['revokeSponsorshipNotSponsor']);
    await world.done([sponsor, owner], sponsored(sponsor, owner, revokeData(owner)));
    expect(await world.codes(owner, revokeData(owner))).toEqual(['revokeSponsorshipNotSponsor']);
    await world.done(sponsor, [revokeData(sponsor)]);
    expect(await world.codes(sponsor, revokeData(sponsor))).toEqual(['revokeSponsorshipNotSponsor']);
  });

  it('to an owner who cannot pay it', async () => {
    await world.done([sponsor, owner], sponsored(sponsor, owner, setData()));
    await leave(owner, 4_999_999n);
    expect(await world.codes(sponsor, revokeData(sponsor))).toEqual(['revokeSponsorshipLowReserve']);
  });

  it('of entries that have none, or that cannot be', async () => {
    const accountId = owner.xdrAccountId();
    const asset = (code: string, issuer: Keypair) =>
      xdr.TrustLineAsset.assetTypeCreditAlphanum4(
        new xdr.AlphaNum4({
          assetCode: new TextEncoder().encode(code.padEnd(4, '\0')),
          issuer: issuer.xdrAccountId(),
        }),
      );
    const line = (value: xdr.TrustLineAsset) =>
      xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId, asset: value }));
    const keys = [
      line(xdr.TrustLineAsset.assetTypeNative()),
      line(asset('U.D', other)),
      line(asset('USD', owner)),
      xdr.LedgerKey.offer(new xdr.LedgerKeyOffer({ sellerId: accountId, offerId: 0n })),
      dataLedgerKey(owner, ''),
      dataLedgerKey(owner, 'ü'),
      xdr.LedgerKey.contractCode(new xdr.LedgerKeyContractCode({ hash: new Uint8Array(32) })),
      xdr.LedgerKey.ttl(new xdr.LedgerKeyTtl({ keyHash: new Uint8Array(32) })),
      xdr.LedgerKey.liquidityPool(
        new xdr.LedgerKeyLiquidityPool({ liquidityPoolId: new xdr.PoolId(new Uint8Array(32)) }),
      ),
    ];
    const codeOf = (key: xdr.LedgerKey) =>
      world.codeOfRaw(
        owner,
        xdr.OperationBody.revokeSponsorship(xdr.RevokeSponsorshipOp.revokeSponsorshipLedgerEntry(key)),
      );
    for (const key of keys) expect(await codeOf(key)).toBe('revokeSponsorshipMalformed');
    const plausible = [
      line(asset('USD', other)),
      xdr.LedgerKey.offer(new xdr.LedgerKeyOffer({ sellerId: accountId, offerId: 1n })),
    ];
    for (const key of plausible) expect(await codeOf(key)).toBe('revokeSponsorshipDoesNotExist');
  });
});
