// ClaimClaimableBalanceOp: moves a whole claimable balance to one of its claimants, once its predicate allows it, and
// gives the reserve back to whoever paid it.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { touchAccount } from '../account.ts';
import { getClaimableBalance, isFulfilled, removeClaimableBalance } from '../claimableBalance.ts';
import { accountAddress, claimableBalanceAddress, movementEvent, muxedIdOf } from '../classicEvents.ts';
import { changeHolding, type HoldingProblem } from '../holding.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.ClaimClaimableBalanceResult;
const result = (value: xdr.ClaimClaimableBalanceResult) => xdr.OperationResultTr.claimClaimableBalance(value);
const failed = (value: xdr.ClaimClaimableBalanceResult) => ({ isSuccess: false, result: result(value) });

type Body = Extract<xdr.OperationBody, { type: 'claimClaimableBalance' }>;

export const claimClaimableBalance: OperationHandler<Body> = {
  threshold: 'low',
  passed: () => result(R.claimClaimableBalanceSuccess()),
  check: () => null,

  apply({ claimClaimableBalanceOp: { balanceId } }, context) {
    const { delta, source, ledger, frame, operationIndex, events } = context;
    const balance = getClaimableBalance(delta, balanceId);
    if (!balance) return failed(R.claimClaimableBalanceDoesNotExist());
    const { asset, amount } = balance;
    const claimant = balance.claimants.find(({ v0 }) => equalBytes(v0.destination.value.toBytes(), source));
    if (!claimant || !isFulfilled(claimant.v0.predicate, ledger.closeTimeSeconds)) {
      return failed(R.claimClaimableBalanceCannotClaim());
    }
    const problem = changeHolding(delta, source, asset, amount, ledger.sequence);
    if (problem) return failed(FAILURES[problem]());
    removeClaimableBalance(context, balance);
    touchAccount(delta, source, ledger.sequence);
    const { tx } = frame;
    const muxedId = muxedIdOf(tx.operations[operationIndex]!.sourceAccount ?? tx.sourceAccount, tx.memo);
    const [from, to] = [claimableBalanceAddress(balanceId), accountAddress(source)];
    events.push(movementEvent(ledger, { asset, from, to, amount, muxedId }));
    return { isSuccess: true, result: result(R.claimClaimableBalanceSuccess()) };
  },
};

const FAILURES: Record<HoldingProblem, () => xdr.ClaimClaimableBalanceResult> = {
  noTrustLine: R.claimClaimableBalanceNoTrust,
  notAuthorized: R.claimClaimableBalanceNotAuthorized,
  outOfBounds: R.claimClaimableBalanceLineFull,
};
