import { Asset, Claimant, Keypair, Operation } from '@stellar/stellar-sdk';
import { beforeEach, expect, it } from 'vitest';
import { type AssetNetwork, balanceIdOf, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { sponsored } from '../../testing/sponsoredEntries.ts';
import { metaOf, type TransactionReply } from '../../testing/testNetwork.ts';

let assets: AssetNetwork;

beforeEach(async () => {
  assets = await openAssetNetwork();
});

/** The accounts that an operation of a transaction reports as updated. */
function accountsIn(reply: TransactionReply, operationIndex = 0): string[] {
  return metaOf(reply)
    .operations[operationIndex]!.changes.flatMap((change) =>
      change.type === 'ledgerEntryUpdated' && change.updated.data.type === 'account'
        ? [String(change.updated.data.account.accountId.toJson())]
        : [],
    )
    .sort();
}

const addresses = (...keypairs: Keypair[]) => keypairs.map((keypair) => keypair.publicKey()).sort();

it('a claimable balance reports its creator and claimant, also where only their lines change', async () => {
  const { alice, bob, usd, network } = assets;
  const carol = await network.account();
  for (const holder of [alice, bob]) await assets.hold(holder, '10');
  const create = Operation.createClaimableBalance({
    asset: usd,
    amount: '5',
    claimants: [new Claimant(bob.publicKey())],
    source: alice.publicKey(),
  });
  const created = await assets.done([carol, alice], sponsored(carol, alice, create));
  expect(accountsIn(created, 1)).toEqual(addresses(alice, carol));
  const balanceId = balanceIdOf(created, 1).toXdr('hex');
  const claimed = await assets.done(bob, [Operation.claimClaimableBalance({ balanceId })]);
  expect(accountsIn(claimed)).toEqual(addresses(bob, carol));
});

it('a clawed back claimable balance reports the issuer', async () => {
  const { alice, bob, issuer, usd } = assets;
  await assets.done(issuer, [Operation.setOptions({ setFlags: 10 as never })]);
  await assets.hold(alice, '10');
  const claimants = [new Claimant(bob.publicKey())];
  const created = await assets.done(alice, [
    Operation.createClaimableBalance({ asset: usd, amount: '5', claimants }),
  ]);
  const balanceId = balanceIdOf(created).toXdr('hex');
  const taken = await assets.done(issuer, [Operation.clawbackClaimableBalance({ balanceId })]);
  expect(accountsIn(taken)).toEqual(addresses(alice, issuer));
});

it('an operation that changes nothing reports what it would have changed', async () => {
  const { alice } = assets;
  const signer = { ed25519PublicKey: Keypair.random().publicKey() };
  await assets.done(alice, [
    Operation.setOptions({ signer: { ...signer, weight: 1 } }),
    Operation.manageData({ name: 'a', value: '1' }),
  ]);
  const account = alice.publicKey();
  const reply = await assets.done(alice, [
    Operation.setOptions({}),
    Operation.setOptions({}),
    Operation.bumpSequence({ bumpTo: '0' }),
    Operation.bumpSequence({ bumpTo: '0' }),
    Operation.revokeAccountSponsorship({ account }),
    Operation.revokeSignerSponsorship({ account, signer }),
    Operation.revokeDataSponsorship({ account, name: 'a' }),
    Operation.payment({ destination: account, asset: Asset.native(), amount: '1' }),
  ]);
  const kinds = metaOf(reply).operations.map(({ changes }) =>
    changes.map((change) => (change.type === 'ledgerEntryUpdated' ? change.updated.data.type : change.type)),
  );
  const unchanged = (kind: string) => ['ledgerEntryState', kind];
  expect(kinds).toEqual([...Array(6).fill(unchanged('account')), unchanged('data'), []]);
});
