import { Asset, Keypair, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestNetwork, type TestNetwork } from '../testing/testNetwork.ts';

let network: TestNetwork;
const alice = Keypair.random();

beforeAll(async () => {
  network = await openTestNetwork();
});

/** What setting the entry is answered with. */
async function answerTo(data: xdr.LedgerEntryData): Promise<string> {
  const entry = new xdr.LedgerEntry({ lastModifiedLedgerSeq: 0, data, ext: xdr.LedgerEntryExt.v0() });
  return network.net.setLedgerEntry(entry.toXdr('base64')).then(
    () => 'accepted',
    (error) => (error as Error).message,
  );
}

const signer = (first: number, weight = 1) =>
  new xdr.Signer({ key: xdr.SignerKey.signerKeyTypeHashX(new Uint8Array(32).fill(first)), weight });

function account(fields: Partial<ConstructorParameters<typeof xdr.AccountEntry>[0]>): xdr.LedgerEntryData {
  return xdr.LedgerEntryData.account(
    new xdr.AccountEntry({
      accountId: alice.xdrAccountId(),
      balance: 100_000_000n,
      seqNum: 1n,
      numSubEntries: 2,
      inflationDest: null,
      flags: 0,
      homeDomain: '',
      thresholds: new Uint8Array([1, 0, 0, 0]),
      signers: [signer(1), signer(2)],
      ext: xdr.AccountEntryExt.v0(),
      ...fields,
    }),
  );
}

function sponsoring(signerSponsoringIDs: (xdr.AccountId | null)[]): xdr.AccountEntryExt {
  const v2 = new xdr.AccountEntryExtensionV2({
    numSponsored: 0,
    numSponsoring: 0,
    signerSponsoringIDs,
    ext: xdr.AccountEntryExtensionV2Ext.v0(),
  });
  return xdr.AccountEntryExt.v1(
    new xdr.AccountEntryExtensionV1({
      liabilities: new xdr.Liabilities({ buying: 0n, selling: 0n }),
      ext: xdr.AccountEntryExtensionV1Ext.v2(v2),
    }),
  );
}

describe('an account set from outside', () => {
  it('may have sorted signers that count as subentries, and list who pays for them', async () => {
    expect(await answerTo(account({}))).toBe('accepted');
    expect(await answerTo(account({ ext: sponsoring([null, null]) }))).toBe('accepted');
  });

  it('is refused where no operation could have left it so', async () => {
    expect(await answerTo(account({ balance: -1n }))).toMatch('must not be negative');
    expect(await answerTo(account({ seqNum: -1n }))).toMatch('must not be negative');
    expect(await answerTo(account({ numSubEntries: 1 }))).toMatch('count its signers');
    expect(await answerTo(account({ signers: [signer(2), signer(1)] }))).toMatch('sorted by key');
    expect(await answerTo(account({ signers: [signer(1), signer(1)] }))).toMatch('each once');
    expect(await answerTo(account({ signers: [signer(1, 256), signer(2)] }))).toMatch('from 1 to 255');
    expect(await answerTo(account({ ext: sponsoring([null]) }))).toMatch('one, or null, for each');
  });
});

describe('a trust line set from outside', () => {
  const issued = new Asset('USD', Keypair.random().publicKey());
  const line = (balance: bigint, limit: bigint, asset = issued) =>
    xdr.LedgerEntryData.trustline(
      new xdr.TrustLineEntry({
        accountId: alice.xdrAccountId(),
        asset: asset.toTrustLineXdrObject(),
        balance,
        limit,
        flags: 1,
        ext: xdr.TrustLineEntryExt.v0(),
      }),
    );

  it('is in an asset of somebody else, with a balance up to its limit', async () => {
    expect(await answerTo(line(5n, 5n))).toBe('accepted');
    expect(await answerTo(line(6n, 5n))).toMatch('from 0 to its limit');
    expect(await answerTo(line(-1n, 5n))).toMatch('from 0 to its limit');
    expect(await answerTo(line(0n, 0n))).toMatch('at least 1');
    expect(await answerTo(line(0n, 5n, Asset.native()))).toMatch('neither native');
    expect(await answerTo(line(0n, 5n, new Asset('USD', alice.publicKey())))).toMatch("holder's own");
  });
});

it('a data entry set from outside has a printable name', async () => {
  const data = (dataName: string) =>
    xdr.LedgerEntryData.data(
      new xdr.DataEntry({
        accountId: alice.xdrAccountId(),
        dataName,
        dataValue: new Uint8Array([1]),
        ext: xdr.DataEntryExt.v0(),
      }),
    );
  expect(await answerTo(data('a'))).toBe('accepted');
  expect(await answerTo(data(''))).toMatch('printable');
  expect(await answerTo(data('a\n'))).toMatch('printable');
});

it('a claimable balance set from outside can be claimed by somebody, at an absolute time', async () => {
  const P = xdr.ClaimPredicate;
  const balance = (predicates: xdr.ClaimPredicate[], amount = 1n) =>
    xdr.LedgerEntryData.claimableBalance(
      new xdr.ClaimableBalanceEntry({
        balanceId: xdr.ClaimableBalanceId.claimableBalanceIdTypeV0(new Uint8Array(32)),
        claimants: predicates.map((predicate) =>
          xdr.Claimant.claimantTypeV0(new xdr.ClaimantV0({ destination: alice.xdrAccountId(), predicate })),
        ),
        asset: Asset.native().toXdrObject(),
        amount,
        ext: xdr.ClaimableBalanceEntryExt.v0(),
      }),
    );
  const relative = P.claimPredicateBeforeRelativeTime(5n);
  expect(await answerTo(balance([P.claimPredicateNot(P.claimPredicateBeforeAbsoluteTime(5n))]))).toBe(
    'accepted',
  );
  expect(await answerTo(balance([]))).toMatch('has claimants');
  expect(await answerTo(balance([P.claimPredicateUnconditional()], 0n))).toMatch('positive amount');
  expect(await answerTo(balance([P.claimPredicateNot(null)]))).toMatch('complete');
  for (const nested of [
    relative,
    P.claimPredicateNot(relative),
    P.claimPredicateAnd([P.claimPredicateUnconditional(), relative]),
    P.claimPredicateOr([relative, P.claimPredicateUnconditional()]),
  ]) {
    expect(await answerTo(balance([nested]))).toMatch('absolute times only');
  }
});
