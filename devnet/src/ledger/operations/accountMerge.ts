// AccountMergeOp: pays an account's whole balance to another and removes it, with its signers. Refused to accounts
// that hold other entries, sponsor somebody, or whose sequence number would go back if they were created again.
// A later transaction of the account in the same ledger is not looked for.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import {
  accountKey,
  accountWith,
  getAccount,
  publicKeyOf,
  putAccount,
  receivableStroops,
  sponsorshipCounts,
  startingSequenceNumber,
} from '../account.ts';
import { muxedIdOf, transferEvent } from '../classicEvents.ts';
import { removeSigner } from '../signers.ts';
import { ACCOUNT_RESERVES, returnSponsoredReserve, sponsorOfEntry } from '../sponsorship.ts';
import type { OperationContext, OperationHandler } from './operation.ts';

const R = xdr.AccountMergeResult;
const result = (value: xdr.AccountMergeResult) => xdr.OperationResultTr.accountMerge(value);
const failed = (value: xdr.AccountMergeResult) => ({ isSuccess: false, result: result(value) });

export const accountMerge: OperationHandler<Extract<xdr.OperationBody, { type: 'accountMerge' }>> = {
  threshold: 'high',
  // The placeholder of an operation whose transaction failed elsewhere: nothing was paid.
  passed: () => result(R.accountMergeSuccess(0n)),

  check({ destination }, source) {
    return equalBytes(publicKeyOf(destination), source) ? result(R.accountMergeMalformed()) : null;
  },

  apply({ destination }, context) {
    const { delta, source, ledger, frame, events } = context;
    const to = publicKeyOf(destination);
    if (!getAccount(delta, to)) return failed(R.accountMergeNoAccount());
    const account = getAccount(delta, source)!;
    const obstacle = obstacleTo(account, context);
    if (obstacle) return failed(obstacle);
    for (let index = account.signers.length - 1; index >= 0; index--) removeSigner(context, source, index);
    // A sponsor of those signers may have been the receiver, so it is read only now.
    const receiver = getAccount(delta, to)!;
    const { balance } = account;
    if (receivableStroops(receiver) < balance) return failed(R.accountMergeDestFull());
    putAccount(delta, accountWith(receiver, { balance: receiver.balance + balance }), ledger.sequence);
    const sponsor = sponsorOfEntry(delta.get(accountKey(source))!);
    if (sponsor) {
      returnSponsoredReserve(context, { owner: source, sponsor, reserves: ACCOUNT_RESERVES });
    }
    delta.delete(accountKey(source));
    const muxedId = muxedIdOf(destination, frame.tx.memo);
    events.push(transferEvent(ledger, { from: source, to, amountStroops: balance, muxedId }));
    return { isSuccess: true, result: result(R.accountMergeSuccess(balance)) };
  },
};

function obstacleTo(
  account: xdr.AccountEntry,
  { source, ledger, sponsorships }: OperationContext,
): xdr.AccountMergeResult | null {
  if (account.flags & xdr.AccountFlags.authImmutableFlag.value) return R.accountMergeImmutableSet();
  if (account.numSubEntries !== account.signers.length) return R.accountMergeHasSubEntries();
  if (account.seqNum >= startingSequenceNumber(ledger.sequence)) return R.accountMergeSeqnumTooFar();
  const isSponsor = sponsorships.isSponsoring(source) || sponsorshipCounts(account).numSponsoring > 0;
  return isSponsor ? R.accountMergeIsSponsor() : null;
}
