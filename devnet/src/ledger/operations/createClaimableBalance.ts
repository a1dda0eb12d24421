// CreateClaimableBalanceOp: sets an amount aside for up to ten claimants. The reserve, one for each claimant, is paid by
// the creator or whoever sponsors it. A balance of an asset that can be clawed back can be clawed back too.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { getAccount, touchAccount } from '../account.ts';
import { isCredit, isIssuer, isValidAsset } from '../asset.ts';
import {
  absolutePredicate,
  claimableBalanceId,
  clawbackExt,
  isValidPredicate,
  putClaimableBalance,
} from '../claimableBalance.ts';
import { accountAddress, claimableBalanceAddress, movementEvent } from '../classicEvents.ts';
import { changeHolding, type HoldingProblem } from '../holding.ts';
import { entryExt, takeClaimableReserve, withoutReserve } from '../sponsorship.ts';
import { getTrustLine, isClawbackEnabled } from '../trustline.ts';
import type { OperationContext, OperationHandler } from './operation.ts';

const R = xdr.CreateClaimableBalanceResult;
const result = (value: xdr.CreateClaimableBalanceResult) =>
  xdr.OperationResultTr.createClaimableBalance(value);

const NO_ID = xdr.ClaimableBalanceId.claimableBalanceIdTypeV0(new Uint8Array(32));

type Body = Extract<xdr.OperationBody, { type: 'createClaimableBalance' }>;

export const createClaimableBalance: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.createClaimableBalanceSuccess(NO_ID)),

  check({ createClaimableBalanceOp: { asset, amount, claimants } }) {
    const destinations = new Set(claimants.map(({ v0 }) => v0.destination.toXdr('hex')));
    const isMalformed =
      !isValidAsset(asset) ||
      amount <= 0n ||
      claimants.length === 0 ||
      destinations.size < claimants.length ||
      !claimants.every(({ v0 }) => isValidPredicate(v0.predicate));
    return isMalformed ? result(R.createClaimableBalanceMalformed()) : null;
  },

  apply({ createClaimableBalanceOp: { asset, amount, claimants } }, context) {
    const { delta, source, ledger, frame, operationIndex, events } = context;
    touchAccount(delta, source, ledger.sequence);
    const problem = changeHolding(delta, source, asset, -amount, ledger.sequence);
    if (problem) return { isSuccess: false, result: result(FAILURES[problem]()) };
    const reserve = takeClaimableReserve(context, source, claimants.length);
    if (reserve.problem) {
      return withoutReserve(reserve.problem, result(R.createClaimableBalanceLowReserve()));
    }
    const transaction = { source: frame.source, seqNum: frame.tx.seqNum };
    const balanceId = claimableBalanceId(transaction, operationIndex);
    const balance = new xdr.ClaimableBalanceEntry({
      balanceId,
      claimants: claimants.map((claimant) => stored(claimant, ledger.closeTimeSeconds)),
      asset,
      amount,
      ext: clawbackExt(isClawable(asset, context)),
    });
    putClaimableBalance(delta, balance, entryExt(reserve.sponsor), ledger.sequence);
    const [from, to] = [accountAddress(source), claimableBalanceAddress(balanceId)];
    events.push(movementEvent(ledger, { asset, from, to, amount, muxedId: null }));
    return { isSuccess: true, result: result(R.createClaimableBalanceSuccess(balanceId)) };
  },
};

function stored({ v0: { destination, predicate } }: xdr.Claimant, closeTimeSeconds: number): xdr.Claimant {
  const absolute = absolutePredicate(predicate, closeTimeSeconds);
  return xdr.Claimant.claimantTypeV0(new xdr.ClaimantV0({ destination, predicate: absolute }));
}

function isClawable(asset: xdr.Asset, { delta, source }: OperationContext): boolean {
  if (!isCredit(asset)) return false;
  if (!isIssuer(source, asset)) return isClawbackEnabled(getTrustLine(delta, source, asset)!);
  return (getAccount(delta, source)!.flags & xdr.AccountFlags.authClawbackEnabledFlag.value) !== 0;
}

const FAILURES: Record<HoldingProblem, () => xdr.CreateClaimableBalanceResult> = {
  noTrustLine: R.createClaimableBalanceNoTrust,
  notAuthorized: R.createClaimableBalanceNotAuthorized,
  outOfBounds: R.createClaimableBalanceUnderfunded,
};
