// Who pays the reserve of an entry (CAP-33): reserves are taken when an entry is created, moved between accounts, and
// given back when it is removed; the counts on owner and sponsor, and the owner's subentries, follow. Reserves are
// counted in base reserves: 1 for a trust line, offer, data entry or signer, 2 for an account, 1 for each claimant of a
// claimable balance. The accounts are changed in the delta, so a copy read before a call is out of date after it.
// The entry itself, with its sponsor, is the caller's to store: `entryExt` makes that part of it.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toLatin1 } from '../bytes.ts';
import {
  accountIdOf,
  accountWith,
  availableStroops,
  BASE_RESERVE_STROOPS,
  getAccount,
  putAccount,
  sponsorshipCounts,
  withExtension,
} from './account.ts';
import type { KeyText, StoredEntry } from './entryStore.ts';
import type { OperationContext, OperationOutcome } from './operations/operation.ts';

const MAX_SUBENTRIES = 1_000;
const UINT32_MAX = 0xffff_ffff;
export const ACCOUNT_RESERVES = 2;

type Accounts = Pick<OperationContext, 'delta' | 'ledger'>;
type Context = Accounts & Pick<OperationContext, 'sponsorships'>;

/** Public key of the account that pays a reserve in place of the owner; null when the owner pays. */
export type Sponsor = Uint8Array | null;

export type ReserveProblem = 'lowReserve' | 'tooManySubentries' | 'tooManySponsoring';
export type Reserve<Payer extends Sponsor = Sponsor> =
  | { readonly sponsor: Payer; readonly problem?: never }
  | { readonly problem: ReserveProblem; readonly sponsor?: never };

/** Between begin and end, within one transaction: whose future reserves are paid by whom. */
export class OpenSponsorships {
  readonly #sponsors = new Map<string, Uint8Array>();

  get isEmpty(): boolean {
    return this.#sponsors.size === 0;
  }

  sponsorOf(publicKey: Uint8Array): Sponsor {
    return this.#sponsors.get(toLatin1(publicKey)) ?? null;
  }

  isSponsoring(publicKey: Uint8Array): boolean {
    const wanted = toLatin1(publicKey);
    return [...this.#sponsors.values()].some((sponsor) => toLatin1(sponsor) === wanted);
  }

  begin(sponsored: Uint8Array, sponsor: Uint8Array): void {
    this.#sponsors.set(toLatin1(sponsored), sponsor);
  }

  end(sponsored: Uint8Array): void {
    this.#sponsors.delete(toLatin1(sponsored));
  }
}

/** Takes the reserve of a new trust line, offer, data entry or signer of an account. */
export function takeSubentryReserve(context: Context, owner: Uint8Array, reserves = 1): Reserve {
  const { delta, ledger, sponsorships } = context;
  const account = getAccount(delta, owner)!;
  if (account.numSubEntries > MAX_SUBENTRIES - reserves || isSumTooGreat(account, reserves)) {
    return { problem: 'tooManySubentries' };
  }
  const sponsor = sponsorships.sponsorOf(owner);
  const problem = sponsor
    ? moveReserve(context, { owner, reserves, from: null, to: sponsor })
    : availableStroops(account) < stroopsOf(reserves)
      ? 'lowReserve'
      : null;
  if (problem) return { problem };
  const charged = getAccount(delta, owner)!;
  putAccount(
    delta,
    accountWith(charged, { numSubEntries: charged.numSubEntries + reserves }),
    ledger.sequence,
  );
  return { sponsor };
}

/** Gives back what `takeSubentryReserve` took, when the entry is removed. */
export function returnSubentryReserve(
  context: Accounts,
  owner: Uint8Array,
  sponsor: Sponsor,
  reserves = 1,
): void {
  const { delta, ledger } = context;
  if (sponsor) returnSponsoredReserve(context, { owner, sponsor, reserves });
  const account = getAccount(delta, owner)!;
  const numSubEntries = account.numSubEntries - reserves;
  if (numSubEntries < 0) throw new Error('an account gives up more subentries than it has');
  putAccount(delta, accountWith(account, { numSubEntries }), ledger.sequence);
}

/** Takes the reserve of an account that is in the delta already, without any sponsor. */
export function takeAccountReserve(context: Context, created: Uint8Array): Reserve {
  const sponsor = context.sponsorships.sponsorOf(created);
  const problem = sponsor
    ? moveReserve(context, { owner: created, reserves: ACCOUNT_RESERVES, from: null, to: sponsor })
    : getAccount(context.delta, created)!.balance < stroopsOf(ACCOUNT_RESERVES)
      ? 'lowReserve'
      : null;
  return problem ? { problem } : { sponsor };
}

/** Takes the reserve of a claimable balance, which always has a sponsor: its creator, or who sponsors the creator. */
export function takeClaimableReserve(
  context: Context,
  creator: Uint8Array,
  claimants: number,
): Reserve<Uint8Array> {
  const sponsor = context.sponsorships.sponsorOf(creator) ?? creator;
  const problem = moveReserve(context, { owner: null, reserves: claimants, from: null, to: sponsor });
  return problem ? { problem } : { sponsor };
}

/** Gives the reserve of a removed account or claimable balance back to its sponsor. */
export function returnSponsoredReserve(
  context: Accounts,
  { owner, sponsor, reserves }: { owner: Uint8Array | null; sponsor: Uint8Array; reserves: number },
): void {
  changeCount(context, sponsor, 'numSponsoring', -reserves);
  if (owner) changeCount(context, owner, 'numSponsored', -reserves);
}

/**
 * Lets `to` pay reserves that `from` paid, where null stands for the owner. Claimable balances have no owner.
 * Returns why it cannot be, with nothing changed, or null.
 */
export function moveReserve(
  context: Accounts,
  { owner, reserves, from, to }: { owner: Uint8Array | null; reserves: number; from: Sponsor; to: Sponsor },
): ReserveProblem | null {
  const payer = getAccount(context.delta, (to ?? owner)!)!;
  if (availableStroops(payer) < stroopsOf(reserves)) return 'lowReserve';
  if (to && isSumTooGreat(payer, reserves)) return 'tooManySponsoring';
  if (to) changeCount(context, to, 'numSponsoring', reserves);
  if (from) changeCount(context, from, 'numSponsoring', -reserves);
  const sponsored = (to ? reserves : 0) - (from ? reserves : 0);
  if (owner && sponsored !== 0) changeCount(context, owner, 'numSponsored', sponsored);
  return null;
}

/** The sponsor stored with an entry. */
export function sponsorOfEntry(stored: StoredEntry): Sponsor {
  const { ext } = xdr.LedgerEntry.fromXdr(stored.xdr);
  return ext.type === 'v1' && ext.v1.sponsoringId ? ext.v1.sponsoringId.value.toBytes() : null;
}

/** The extension of an entry that names its sponsor. An entry that once had one keeps the extension. */
export function entryExt(sponsor: Sponsor, previous?: xdr.LedgerEntryExt): xdr.LedgerEntryExt {
  if (!sponsor && previous?.type !== 'v1') return xdr.LedgerEntryExt.v0();
  return xdr.LedgerEntryExt.v1(
    new xdr.LedgerEntryExtensionV1({
      sponsoringId: sponsor && accountIdOf(sponsor),
      ext: xdr.LedgerEntryExtensionV1Ext.v0(),
    }),
  );
}

/** Replaces the sponsor of a stored entry. */
export function putEntrySponsor({ delta, ledger }: Accounts, key: KeyText, sponsor: Sponsor): void {
  const entry = xdr.LedgerEntry.fromXdr(delta.get(key)!.xdr);
  const changed = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: ledger.sequence,
    data: entry.data,
    ext: entryExt(sponsor, entry.ext),
  });
  delta.put(key, { xdr: changed.toXdr(), ttl: null });
}

/** The outcome of an operation that found no reserve; `lowReserve` is its own code for that. */
export function withoutReserve(problem: ReserveProblem, lowReserve: xdr.OperationResultTr): OperationOutcome {
  switch (problem) {
    case 'lowReserve':
      return { isSuccess: false, result: lowReserve };
    case 'tooManySubentries':
      return { isSuccess: false, exceeded: 'opTooManySubentries' };
    case 'tooManySponsoring':
      return { isSuccess: false, exceeded: 'opTooManySponsoring' };
  }
}

function changeCount(
  { delta, ledger }: Accounts,
  publicKey: Uint8Array,
  name: 'numSponsoring' | 'numSponsored',
  change: number,
): void {
  const account = getAccount(delta, publicKey)!;
  const count = sponsorshipCounts(account)[name] + change;
  if (count < 0) throw new Error(`${name} of an account would be negative`);
  putAccount(delta, withExtension(account, { [name]: count }), ledger.sequence);
}

/** Subentries and sponsored reserves together are counted in 32 bits. */
function isSumTooGreat(account: xdr.AccountEntry, reserves: number): boolean {
  return sponsorshipCounts(account).numSponsoring + account.numSubEntries + reserves > UINT32_MAX;
}

function stroopsOf(reserves: number): bigint {
  return BigInt(reserves) * BigInt(BASE_RESERVE_STROOPS);
}
