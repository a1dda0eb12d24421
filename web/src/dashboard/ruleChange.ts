// Whether a change of the withdrawal rules lets more through than before, which takes a step-up and a day. The service
// decides it again; here it decides what the form asks for.
import { parseAmount, type WithdrawalRules } from '@latchkey/sdk/merchant';
import { USDC_DECIMALS } from './withdrawForm.ts';

/** `dailyLimit` as typed; empty for none. A limit that is no amount counts as looser: the service says what is wrong. */
export function isLooser(
  present: Pick<WithdrawalRules, 'dailyLimit' | 'allowListOnly'>,
  next: { dailyLimit: string; allowListOnly: boolean },
): boolean {
  if (present.allowListOnly && !next.allowListOnly) return true;
  if (present.dailyLimit === null) return next.dailyLimit !== '' && !isAmount(next.dailyLimit);
  return !isAmount(next.dailyLimit) || parseAmount(next.dailyLimit, USDC_DECIMALS) > present.dailyLimit;
}

function isAmount(text: string): boolean {
  try {
    parseAmount(text, USDC_DECIMALS);
    return true;
  } catch {
    return false;
  }
}
