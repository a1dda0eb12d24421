// What a merchant typed on the withdrawal form, checked before anything is asked of the service.
// Guarantees: the amount is exact, above zero and within the balance; the destination is well-formed and not the merchant's
// own; a memo is one that this kind of wallet can send. Whether the destination can receive is decided by the network.
import {
  formatAmount,
  type Merchant,
  parseAmount,
  requireDestination,
  withMemoId,
} from '@latchkey/sdk/merchant';
import { merchantFailureOf } from './failure.ts';

export const USDC_DECIMALS = 7;
/** Of a transaction's text memo, in bytes of UTF-8. */
const MAX_MEMO_BYTES = 28;

export interface WithdrawDraft {
  /** Decimal, as typed. */
  amount: string;
  destination: string;
  memo: string;
}

export type DraftErrors = Record<keyof WithdrawDraft, string | null>;

export const NO_ERRORS: DraftErrors = { amount: null, destination: null, memo: null };

export const hasErrors = (errors: DraftErrors): boolean => Object.values(errors).some((it) => it !== null);

function amountError(text: string, available: bigint | null, code: string): string | null {
  if (text.includes(',')) return 'Write the amount with a point and without commas, like 1250.5.';
  try {
    const amount = parseAmount(text, USDC_DECIMALS);
    if (available === null || amount <= available) return null;
    return `You have ${formatAmount(available, USDC_DECIMALS)} ${code}. Enter less, or choose Max.`;
  } catch (error) {
    return merchantFailureOf(error).sentence;
  }
}

function destinationError(to: string, { settlement }: Merchant): string | null {
  if (to === '') return 'Enter the address that should receive the money.';
  if (to === settlement.managedAddress || to === settlement.smartWalletAddress)
    return 'This is an address of your own. Enter the address of another wallet.';
  try {
    requireDestination(to);
    return null;
  } catch (error) {
    return merchantFailureOf(error).sentence;
  }
}

function memoError({ destination, memo }: WithdrawDraft, managed: boolean): string | null {
  if (memo === '') return null;
  if (new TextEncoder().encode(memo).length > MAX_MEMO_BYTES)
    return `A memo has ${MAX_MEMO_BYTES} characters at most; letters with accents count twice.`;
  if (destination.startsWith('M'))
    return 'An address that begins with M has its memo inside. Leave this empty.';
  if (destination.startsWith('C')) return 'A contract takes no memo. Leave this empty.';
  if (managed) return null;
  try {
    if (destination.startsWith('G')) withMemoId(destination, memo);
    return null;
  } catch {
    return 'Your own wallet can send a memo only as a number. If the receiver needs a text, ask for an address that begins with M.';
  }
}

export function draftErrors(draft: WithdrawDraft, merchant: Merchant): DraftErrors {
  const destination = destinationError(draft.destination, merchant);
  return {
    amount: amountError(draft.amount, merchant.settlement.balance, merchant.usdc.code),
    destination,
    memo: destination === null ? memoError(draft, merchant.settlement.managed) : null,
  };
}
