// Decimal amounts as people type them, to and from integers in a token's smallest unit. Exact in both directions:
// no floating point, no rounding. Whether the amount is affordable is not decided here.
import { LatchkeyError } from './errors.ts';

/** i128, the type of SEP-41 amounts. */
const MAX_AMOUNT = 2n ** 127n - 1n;
const DECIMAL = /^(\d{1,39})(?:\.(\d{1,39}))?$/;

/**
 * Reads "12.5" as 125000000n for 7 decimals.
 * @throws LatchkeyError INVALID_AMOUNT, with a sentence saying which rule was broken
 */
export function parseAmount(text: string, decimals: number): bigint {
  const refuse = (message: string) =>
    new LatchkeyError('INVALID_AMOUNT', { message, details: { field: 'amount' } });
  const match = DECIMAL.exec(text.trim());
  if (!match) throw refuse('Enter the amount in digits, such as 12.5.');
  const [, whole = '0', fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) throw refuse(`This token has at most ${decimals} decimal places.`);
  const amount = BigInt(whole + significant.padEnd(decimals, '0'));
  if (amount === 0n) throw refuse('Enter an amount greater than zero.');
  if (amount > MAX_AMOUNT) throw refuse('This amount is larger than any token can hold.');
  return amount;
}

/** Writes 125000000n as "12.5" for 7 decimals: no grouping, no trailing zeros. */
export function formatAmount(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}
