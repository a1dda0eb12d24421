// Claimable balances (CAP-23): id, storage, and the predicates that say who may claim when. A stored predicate knows
// absolute times only; relative ones are counted from the close time of the ledger that created the balance.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { sha256 } from '../sha256.ts';
import { accountIdOf, INT64_MAX } from './account.ts';
import { type EntrySource, type KeyText, keyText, type LedgerDelta } from './entryStore.ts';
import type { OperationContext } from './operations/operation.ts';
import { returnSponsoredReserve, sponsorOfEntry } from './sponsorship.ts';

const CLAWBACK_ENABLED = xdr.ClaimableBalanceFlags.claimableBalanceClawbackEnabledFlag.value;
const MAX_PREDICATE_DEPTH = 4;

/** The id of a balance follows from the place of the operation that creates it. */
export function claimableBalanceId(
  transaction: { readonly source: Uint8Array; readonly seqNum: bigint },
  operationIndex: number,
): xdr.ClaimableBalanceId {
  const preimage = xdr.HashIdPreimage.envelopeTypeOpId(
    new xdr.HashIdPreimageOperationId({
      sourceAccount: accountIdOf(transaction.source),
      seqNum: transaction.seqNum,
      opNum: operationIndex,
    }),
  );
  return xdr.ClaimableBalanceId.claimableBalanceIdTypeV0(sha256(preimage.toXdr()));
}

export function claimableBalanceKey(balanceId: xdr.ClaimableBalanceId): KeyText {
  const key = new xdr.LedgerKeyClaimableBalance({ balanceId });
  return keyText(xdr.LedgerKey.claimableBalance(key).toXdr());
}

export function getClaimableBalance(
  source: EntrySource,
  id: xdr.ClaimableBalanceId,
): xdr.ClaimableBalanceEntry | null {
  const stored = source.get(claimableBalanceKey(id));
  if (!stored) return null;
  const { data } = xdr.LedgerEntry.fromXdr(stored.xdr);
  return data.type === 'claimableBalance' ? data.claimableBalance : null;
}

/** @param ext names the sponsor, which every claimable balance has */
export function putClaimableBalance(
  delta: LedgerDelta,
  balance: xdr.ClaimableBalanceEntry,
  ext: xdr.LedgerEntryExt,
  sequence: number,
): void {
  const entry = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: sequence,
    data: xdr.LedgerEntryData.claimableBalance(balance),
    ext,
  });
  delta.put(claimableBalanceKey(balance.balanceId), { xdr: entry.toXdr(), ttl: null });
}

/** Removes a balance that was claimed or clawed back, and returns its reserve to its sponsor. */
export function removeClaimableBalance(
  context: Pick<OperationContext, 'delta' | 'ledger'>,
  { balanceId, claimants }: xdr.ClaimableBalanceEntry,
): void {
  const key = claimableBalanceKey(balanceId);
  const sponsor = sponsorOfEntry(context.delta.get(key)!);
  if (sponsor) returnSponsoredReserve(context, { owner: null, sponsor, reserves: claimants.length });
  context.delta.delete(key);
}

/** The extension of a balance that its issuer may claw back, or none. */
export function clawbackExt(isEnabled: boolean): xdr.ClaimableBalanceEntryExt {
  if (!isEnabled) return xdr.ClaimableBalanceEntryExt.v0();
  return xdr.ClaimableBalanceEntryExt.v1(
    new xdr.ClaimableBalanceEntryExtensionV1({
      ext: xdr.ClaimableBalanceEntryExtensionV1Ext.v0(),
      flags: CLAWBACK_ENABLED,
    }),
  );
}

export function isClawbackEnabled({ ext }: xdr.ClaimableBalanceEntry): boolean {
  return ext.type === 'v1' && (ext.v1.flags & CLAWBACK_ENABLED) !== 0;
}

/** Two operands for "and" and "or", one for "not", no negative times, and at most four levels. */
export function isValidPredicate(predicate: xdr.ClaimPredicate, depth = 1): boolean {
  if (depth > MAX_PREDICATE_DEPTH) return false;
  const areValid = (operands: readonly (xdr.ClaimPredicate | null)[], wanted: number) =>
    operands.length === wanted &&
    operands.every((operand) => operand !== null && isValidPredicate(operand, depth + 1));
  switch (predicate.type) {
    case 'claimPredicateUnconditional':
      return true;
    case 'claimPredicateAnd':
      return areValid(predicate.andPredicates, 2);
    case 'claimPredicateOr':
      return areValid(predicate.orPredicates, 2);
    case 'claimPredicateNot':
      return areValid([predicate.notPredicate], 1);
    case 'claimPredicateBeforeAbsoluteTime':
      return predicate.absBefore >= 0n;
    case 'claimPredicateBeforeRelativeTime':
      return predicate.relBefore >= 0n;
  }
}

/** Whether a valid predicate is as it is stored: without relative times. */
export function isAbsolute(predicate: xdr.ClaimPredicate): boolean {
  switch (predicate.type) {
    case 'claimPredicateAnd':
      return predicate.andPredicates.every(isAbsolute);
    case 'claimPredicateOr':
      return predicate.orPredicates.every(isAbsolute);
    case 'claimPredicateNot':
      return isAbsolute(predicate.notPredicate!);
    default:
      return predicate.type !== 'claimPredicateBeforeRelativeTime';
  }
}

/** A valid predicate with its relative times counted from `closeTimeSeconds`. */
export function absolutePredicate(
  predicate: xdr.ClaimPredicate,
  closeTimeSeconds: number,
): xdr.ClaimPredicate {
  const absolute = (operand: xdr.ClaimPredicate) => absolutePredicate(operand, closeTimeSeconds);
  switch (predicate.type) {
    case 'claimPredicateAnd':
      return xdr.ClaimPredicate.claimPredicateAnd(predicate.andPredicates.map(absolute));
    case 'claimPredicateOr':
      return xdr.ClaimPredicate.claimPredicateOr(predicate.orPredicates.map(absolute));
    case 'claimPredicateNot':
      return xdr.ClaimPredicate.claimPredicateNot(absolute(predicate.notPredicate!));
    case 'claimPredicateBeforeRelativeTime': {
      const time = predicate.relBefore + BigInt(closeTimeSeconds);
      return xdr.ClaimPredicate.claimPredicateBeforeAbsoluteTime(time < INT64_MAX ? time : INT64_MAX);
    }
    default:
      return predicate;
  }
}

/** Whether a stored predicate lets its claimant claim in a ledger that closes at this time. */
export function isFulfilled(predicate: xdr.ClaimPredicate, closeTimeSeconds: number): boolean {
  const holds = (operand: xdr.ClaimPredicate) => isFulfilled(operand, closeTimeSeconds);
  switch (predicate.type) {
    case 'claimPredicateUnconditional':
      return true;
    case 'claimPredicateAnd':
      return predicate.andPredicates.every(holds);
    case 'claimPredicateOr':
      return predicate.orPredicates.some(holds);
    case 'claimPredicateNot':
      return !holds(predicate.notPredicate!);
    case 'claimPredicateBeforeAbsoluteTime':
      return predicate.absBefore > BigInt(closeTimeSeconds);
    case 'claimPredicateBeforeRelativeTime':
      throw new Error('a stored predicate has a relative time');
  }
}
