// Signers of an account: kept sorted by key, each with its weight and with whoever pays its reserve. A signer that
// pre-authorizes one transaction goes when that transaction has been applied, whether it succeeded or not.
// The number of signers and the weights are the callers' to check; signatures are in signatureChecker.ts.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes, toLatin1 } from '../bytes.ts';
import {
  accountIdOf,
  accountWith,
  getAccount,
  putAccount,
  signerSponsors,
  withExtension,
} from './account.ts';
import { LedgerDelta } from './entryStore.ts';
import type { OperationContext } from './operations/operation.ts';
import {
  type ReserveProblem,
  returnSubentryReserve,
  type Sponsor,
  takeSubentryReserve,
} from './sponsorship.ts';

type Accounts = Pick<OperationContext, 'delta' | 'ledger'>;

/** Where the signer stands in the account's list, or -1. */
export function signerIndex(account: xdr.AccountEntry, key: xdr.SignerKey): number {
  const wanted = sortText(key);
  return account.signers.findIndex((signer) => sortText(signer.key) === wanted);
}

export function signerSponsor(account: xdr.AccountEntry, index: number): Sponsor {
  return signerSponsors(account)[index]?.value.toBytes() ?? null;
}

/** Adds a signer that the account does not have. Returns why there is no reserve for it, or null. */
export function addSigner(
  context: Accounts & Pick<OperationContext, 'sponsorships'>,
  owner: Uint8Array,
  signer: xdr.Signer,
): ReserveProblem | null {
  const { sponsor, problem } = takeSubentryReserve(context, owner);
  if (problem) return problem;
  const account = getAccount(context.delta, owner)!;
  const text = sortText(signer.key);
  const later = account.signers.findIndex((other) => sortText(other.key) > text);
  const index = later < 0 ? account.signers.length : later;
  const signers = account.signers.toSpliced(index, 0, signer);
  const sponsors = signerSponsors(account).toSpliced(index, 0, sponsor && accountIdOf(sponsor));
  putAccount(context.delta, withSigners(account, signers, sponsors), context.ledger.sequence);
  return null;
}

export function changeSigner(context: Accounts, owner: Uint8Array, index: number, signer: xdr.Signer): void {
  const account = getAccount(context.delta, owner)!;
  const signers = account.signers.with(index, signer);
  putAccount(context.delta, accountWith(account, { signers }), context.ledger.sequence);
}

/** Removes a signer and gives its reserve back to whoever paid it. */
export function removeSigner(context: Accounts, owner: Uint8Array, index: number): void {
  const account = getAccount(context.delta, owner)!;
  const sponsors = signerSponsors(account);
  const remaining = withSigners(account, account.signers.toSpliced(index, 1), sponsors.toSpliced(index, 1));
  putAccount(context.delta, remaining, context.ledger.sequence);
  returnSubentryReserve(context, owner, signerSponsor(account, index));
}

/** Notes who pays a signer's reserve from now on; the reserve itself is moved in sponsorship.ts. */
export function putSignerSponsor(
  context: Accounts,
  owner: Uint8Array,
  index: number,
  sponsor: Sponsor,
): void {
  const account = getAccount(context.delta, owner)!;
  const sponsors = signerSponsors(account).with(index, sponsor && accountIdOf(sponsor));
  putAccount(context.delta, withSigners(account, account.signers, sponsors), context.ledger.sequence);
}

/** Takes the signer that pre-authorized this transaction from every account that has it among those given. */
export function removePreAuthSigners(
  context: Accounts,
  owners: readonly Uint8Array[],
  transactionHash: Uint8Array,
): void {
  const key = xdr.SignerKey.signerKeyTypePreAuthTx(transactionHash);
  const distinct = new Map(owners.map((owner) => [toLatin1(owner), owner])).values();
  for (const owner of distinct) {
    const account = getAccount(context.delta, owner);
    const index = account && account.signers.length > 0 ? signerIndex(account, key) : -1;
    if (index >= 0) removeIfReserved(context, owner, index);
  }
}

/** A signer whose reserve nobody paid can only have been set from outside; it must not keep a ledger from closing. */
function removeIfReserved({ delta, ledger }: Accounts, owner: Uint8Array, index: number): void {
  const attempt = new LedgerDelta(delta);
  try {
    removeSigner({ delta: attempt, ledger }, owner, index);
  } catch {
    return;
  }
  attempt.commitTo(delta);
}

/** Whether signers stand as an account keeps them: in order of their keys, none twice. */
export function areSorted(signers: readonly xdr.Signer[]): boolean {
  const keys = signers.map(({ key }) => sortText(key));
  return keys.every((key, index) => index === 0 || keys[index - 1]! < key);
}

/** Sponsors are listed only where there are some, or were. */
function withSigners(
  account: xdr.AccountEntry,
  signers: xdr.Signer[],
  signerSponsoringIDs: (xdr.AccountId | null)[],
): xdr.AccountEntry {
  const isListed =
    signerSponsoringIDs.some(Boolean) || (account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2');
  const changed = accountWith(account, { signers });
  return isListed ? withExtension(changed, { signerSponsoringIDs }) : changed;
}

/** By kind, then key, then payload, a shorter payload first where it begins a longer one. */
function sortText(key: xdr.SignerKey): string {
  switch (key.type) {
    case 'signerKeyTypeEd25519':
      return `0${toLatin1(key.ed25519.toBytes())}`;
    case 'signerKeyTypePreAuthTx':
      return `1${toLatin1(key.preAuthTx.toBytes())}`;
    case 'signerKeyTypeHashX':
      return `2${toLatin1(key.hashX.toBytes())}`;
    case 'signerKeyTypeEd25519SignedPayload': {
      const { ed25519, payload } = key.ed25519SignedPayload;
      return `3${toLatin1(concatBytes(ed25519.toBytes(), payload))}`;
    }
  }
}
