import { Keypair, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import type { CreditAsset } from './asset.ts';
import { LedgerDelta } from './entryStore.ts';
import { getTrustLine, putTrustLine, type TrustLine, trustLineAsset, withAmountAdded } from './trustline.ts';

const holder = Keypair.random();
const asset = xdr.Asset.assetTypeCreditAlphanum4(
  new xdr.AlphaNum4({ assetCode: 'USD', issuer: Keypair.random().xdrAccountId() }),
) as CreditAsset;

/** A line of 50 out of 100, with what open offers bind. */
function line(buying: bigint, selling: bigint, sponsor?: Keypair): TrustLine {
  const liabilities = new xdr.Liabilities({ buying, selling });
  const entry = new xdr.TrustLineEntry({
    accountId: holder.xdrAccountId(),
    asset: trustLineAsset(asset),
    balance: 50n,
    limit: 100n,
    flags: 1,
    ext: xdr.TrustLineEntryExt.v1(
      new xdr.TrustLineEntryV1({ liabilities, ext: xdr.TrustLineEntryV1Ext.v0() }),
    ),
  });
  const sponsorship = new xdr.LedgerEntryExtensionV1({
    sponsoringId: sponsor?.xdrAccountId() ?? null,
    ext: xdr.LedgerEntryExtensionV1Ext.v0(),
  });
  return { entry, ext: sponsor ? xdr.LedgerEntryExt.v1(sponsorship) : xdr.LedgerEntryExt.v0() };
}

describe('a trust line', () => {
  it('does not spend what its offers sell, nor receive what they buy', () => {
    expect(withAmountAdded(line(10n, 20n), -30n)?.entry.balance).toBe(20n);
    expect(withAmountAdded(line(10n, 20n), -31n)).toBeNull();
    expect(withAmountAdded(line(10n, 20n), 40n)?.entry.balance).toBe(90n);
    expect(withAmountAdded(line(10n, 20n), 41n)).toBeNull();
  });

  it('keeps its liabilities and its sponsor when its balance changes', () => {
    const sponsor = Keypair.random();
    const delta = new LedgerDelta({ get: () => undefined });
    putTrustLine(delta, withAmountAdded(line(10n, 20n, sponsor), 1n)!, 7);
    const stored = getTrustLine(delta, holder.rawPublicKey(), asset)!;
    const expected = line(10n, 20n, sponsor);
    expect(stored.ext).toEqual(expected.ext);
    expect(stored.entry).toEqual(new xdr.TrustLineEntry({ ...expected.entry, balance: 51n }));
  });
});
