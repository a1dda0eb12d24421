// What an account, trust line, data entry or claimable balance must be by itself, whatever else the ledger holds: the
// form that stellar-core's invariants ask of what an operation leaves behind. Entries of other kinds pass. Whether the
// entry fits the others, such as a sponsor that exists, is not looked at.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { signerSponsors } from './account.ts';
import { type CreditAsset, isIssuer, isValidAsset } from './asset.ts';
import { isAbsolute, isValidPredicate } from './claimableBalance.ts';
import { isPrintable } from './printable.ts';
import { areSorted } from './signers.ts';

const MAX_WEIGHT = 255;
const INT32_MAX = 0x7fff_ffff;

/** Returns what is wrong with an entry, or null. */
export function malformationOf({ data }: xdr.LedgerEntry): string | null {
  switch (data.type) {
    case 'account':
      return accountMalformation(data.account);
    case 'trustline':
      return lineMalformation(data.trustLine);
    case 'data':
      return data.data.dataName.length > 0 && isPrintable(data.data.dataName)
        ? null
        : 'the name of a data entry must be printable ASCII';
    case 'claimableBalance':
      return claimableMalformation(data.claimableBalance);
    default:
      return null;
  }
}

function accountMalformation(account: xdr.AccountEntry): string | null {
  const { balance, seqNum, numSubEntries, signers } = account;
  if (balance < 0n || seqNum < 0n) return 'balance and sequence number of an account must not be negative';
  if (numSubEntries < signers.length || numSubEntries > INT32_MAX) {
    return 'the subentries of an account count its signers too';
  }
  if (!areSorted(signers)) return 'the signers of an account must be sorted by key, each once';
  if (signers.some(({ weight }) => weight < 1 || weight > MAX_WEIGHT)) {
    return `a signer's weight must be from 1 to ${MAX_WEIGHT}`;
  }
  return signerSponsors(account).length === signers.length
    ? null
    : 'an account that lists sponsors of signers must list one, or null, for each';
}

function lineMalformation({ accountId, asset, balance, limit }: xdr.TrustLineEntry): string | null {
  if (balance < 0n || limit < 1n || balance > limit) {
    return 'the balance of a trust line must be from 0 to its limit, which is at least 1';
  }
  if (asset.type === 'assetTypePoolShare') return null;
  const credit = xdr.Asset.fromXdr(asset.toXdr()) as CreditAsset;
  const isLine = asset.type !== 'assetTypeNative' && isValidAsset(credit);
  return isLine && !isIssuer(accountId.value.toBytes(), credit)
    ? null
    : "a trust line is in a valid asset that is neither native nor the holder's own";
}

function claimableMalformation({ claimants, asset, amount }: xdr.ClaimableBalanceEntry): string | null {
  if (amount < 1n || !isValidAsset(asset)) return 'a claimable balance is a positive amount of a valid asset';
  const isClaimable = ({ v0: { predicate } }: xdr.Claimant) =>
    isValidPredicate(predicate) && isAbsolute(predicate);
  return claimants.length > 0 && claimants.every(isClaimable)
    ? null
    : 'a claimable balance has claimants, whose predicates are complete and know absolute times only';
}
