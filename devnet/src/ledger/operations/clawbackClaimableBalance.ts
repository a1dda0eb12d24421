// ClawbackClaimableBalanceOp: the issuer destroys a claimable balance of its asset that allows it. The reserve goes
// back to whoever paid it.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { touchAccount } from '../account.ts';
import { isIssuer } from '../asset.ts';
import { getClaimableBalance, isClawbackEnabled, removeClaimableBalance } from '../claimableBalance.ts';
import { claimableBalanceAddress, clawbackEvent } from '../classicEvents.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.ClawbackClaimableBalanceResult;
const result = (value: xdr.ClawbackClaimableBalanceResult) =>
  xdr.OperationResultTr.clawbackClaimableBalance(value);
const failed = (value: xdr.ClawbackClaimableBalanceResult) => ({ isSuccess: false, result: result(value) });

type Body = Extract<xdr.OperationBody, { type: 'clawbackClaimableBalance' }>;

export const clawbackClaimableBalance: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.clawbackClaimableBalanceSuccess()),
  check: () => null,

  apply({ clawbackClaimableBalanceOp: { balanceId } }, context) {
    const { delta, source, ledger, events } = context;
    const balance = getClaimableBalance(delta, balanceId);
    if (!balance) return failed(R.clawbackClaimableBalanceDoesNotExist());
    if (!isIssuer(source, balance.asset)) return failed(R.clawbackClaimableBalanceNotIssuer());
    if (!isClawbackEnabled(balance)) return failed(R.clawbackClaimableBalanceNotClawbackEnabled());
    removeClaimableBalance(context, balance);
    touchAccount(delta, source, ledger.sequence);
    const from = claimableBalanceAddress(balanceId);
    events.push(clawbackEvent(ledger, { asset: balance.asset, from, amount: balance.amount }));
    return { isSuccess: true, result: result(R.clawbackClaimableBalanceSuccess()) };
  },
};
