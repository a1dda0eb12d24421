// What a person typed on the send screen, checked before anything is asked of the service.
// Guarantees: the amount is exact (no floating point), above zero and within the balance; the address is well-formed,
// by the SDK's rules, and not the wallet's own. Whether it can receive is decided by the chain.
import { type Balance, parseAddress, parseAmount } from '@latchkey/sdk';
import { failureOf } from './failure.ts';

export interface TransferDraft {
  to: string;
  /** Decimal, as typed. */
  amount: string;
}

export interface DraftErrors {
  to: string | null;
  amount: string | null;
}

/** Takes out what copying adds to an address: blanks and line breaks, inside and at both ends. */
export const cleanAddress = (text: string): string => text.replace(/\s+/g, '');

/** Takes out what copying adds to an amount: blanks. A comma stays: it could mean either thing. */
export const cleanAmount = (text: string): string => text.replace(/\s+/g, '');

/** The errors of a draft, each null when that field is fine. */
export function draftErrors(draft: TransferDraft, ownAddress: string, balance: Balance): DraftErrors {
  return { to: addressError(draft.to, ownAddress), amount: amountError(draft.amount, balance) };
}

function addressError(to: string, ownAddress: string): string | null {
  if (to === '') return 'Enter the address of the wallet that should receive the money.';
  if (to === ownAddress) return 'This is your own wallet\u2019s address. Enter the address of another one.';
  try {
    parseAddress(to);
    return null;
  } catch (error) {
    return failureOf(error).sentence;
  }
}

function amountError(text: string, { decimals, amount: available, symbol }: Balance): string | null {
  if (text.includes(',')) return 'Write the amount with a point and without commas, like 1250.5.';
  try {
    if (parseAmount(text, decimals) <= available) return null;
    return `The wallet does not hold that much ${symbol}. Enter less, or choose Max.`;
  } catch (error) {
    return failureOf(error).sentence;
  }
}
