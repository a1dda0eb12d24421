// Reads entries together with whoever pays their reserves, and builds sponsorships, for the tests of reserves.
import { type Keypair, Operation, StrKey, xdr } from '@stellar/stellar-sdk';
import type { Devnet } from '../index.ts';

export type SponsoredEntry = { readonly data: xdr.LedgerEntryData; readonly sponsor: string | null };

export async function readEntry(net: Devnet, key: xdr.LedgerKey): Promise<SponsoredEntry | null> {
  const { entries } = (await net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
    entries: { xdr: string; extXdr: string }[];
  };
  const found = entries[0];
  if (!found) return null;
  const ext = xdr.LedgerEntryExt.fromXdr(found.extXdr, 'base64');
  const sponsoringId = ext.type === 'v1' ? ext.v1.sponsoringId : null;
  return {
    data: xdr.LedgerEntryData.fromXdr(found.xdr, 'base64'),
    sponsor: sponsoringId && addressOf(sponsoringId),
  };
}

export function accountLedgerKey(keypair: Keypair): xdr.LedgerKey {
  return xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: keypair.xdrAccountId() }));
}

export function dataLedgerKey(keypair: Keypair, dataName: string): xdr.LedgerKey {
  return xdr.LedgerKey.data(new xdr.LedgerKeyData({ accountId: keypair.xdrAccountId(), dataName }));
}

/** What an account's reserve is made of; null for an account that does not exist. */
export async function readAccount(net: Devnet, keypair: Keypair) {
  const found = await readEntry(net, accountLedgerKey(keypair));
  if (found?.data.type !== 'account') return null;
  const { account } = found.data;
  const v2 = account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2' ? account.ext.v1.ext.v2 : null;
  return {
    account,
    sponsor: found.sponsor,
    numSubEntries: account.numSubEntries,
    numSponsoring: v2?.numSponsoring ?? 0,
    numSponsored: v2?.numSponsored ?? 0,
    signers: account.signers.map(({ key, weight }) => [String(key.toJson()), weight] as const),
    signerSponsors: v2?.signerSponsoringIDs.map((id) => id && addressOf(id)) ?? null,
  };
}

/** Operations whose reserves for `sponsored` are paid by `sponsor`. */
export function sponsored(sponsor: Keypair, owner: Keypair, ...operations: xdr.Operation[]): xdr.Operation[] {
  return [
    Operation.beginSponsoringFutureReserves({ sponsoredId: owner.publicKey(), source: sponsor.publicKey() }),
    ...operations,
    Operation.endSponsoringFutureReserves({ source: owner.publicKey() }),
  ];
}

/** An amount as the SDK's operations take it. */
export function xlm(stroops: bigint): string {
  return `${stroops / 10_000_000n}.${String(stroops % 10_000_000n).padStart(7, '0')}`;
}

function addressOf(accountId: xdr.AccountId): string {
  return StrKey.encodeEd25519PublicKey(Buffer.from(accountId.value.toBytes()));
}
