// What an account holds of an asset, whatever the asset: its native balance, its trust line, or, for the issuer, any
// amount at all. Moving an amount is a change of two holdings; that the two add up is the caller's business.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { accountWith, availableStroops, getAccount, putAccount, receivableStroops } from './account.ts';
import { isCredit, isIssuer } from './asset.ts';
import type { LedgerDelta } from './entryStore.ts';
import { getTrustLine, isAuthorized, putTrustLine, withAmountAdded } from './trustline.ts';

/** `outOfBounds`: less than may be spent, or more than may be received. */
export type HoldingProblem = 'noTrustLine' | 'notAuthorized' | 'outOfBounds';

/** Adds `amount` (takes, when negative) and answers null, or says why that cannot be and changes nothing. */
export function changeHolding(
  delta: LedgerDelta,
  holder: Uint8Array,
  asset: xdr.Asset,
  amount: bigint,
  sequence: number,
): HoldingProblem | null {
  if (!isCredit(asset)) return changeNativeBalance(delta, holder, amount, sequence);
  if (isIssuer(holder, asset)) return null;
  const line = getTrustLine(delta, holder, asset);
  if (!line) return 'noTrustLine';
  if (!isAuthorized(line)) return 'notAuthorized';
  const changed = withAmountAdded(line, amount);
  if (!changed) return 'outOfBounds';
  putTrustLine(delta, changed, sequence);
  return null;
}

function changeNativeBalance(
  delta: LedgerDelta,
  holder: Uint8Array,
  amount: bigint,
  sequence: number,
): HoldingProblem | null {
  const account = getAccount(delta, holder)!;
  const isPossible =
    amount < 0n ? availableStroops(account) >= -amount : receivableStroops(account) >= amount;
  if (!isPossible) return 'outOfBounds';
  putAccount(delta, accountWith(account, { balance: account.balance + amount }), sequence);
  return null;
}
