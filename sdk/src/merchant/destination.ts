// Where a merchant may withdraw to, as text, and what a memo does to it: a contract call carries no memo, so a number
// becomes part of the address of an account. Whether the destination can receive is decided by service and network.
import { LatchkeyError } from '../api/errors.ts';
import { muxedAddress, parseRecipient } from '../chain/recipient.ts';

const ID = /^\d{1,20}$/;
const MAX_ID = 2n ** 64n - 1n;

/** @throws LatchkeyError INVALID_ADDRESS naming the field `destination` */
export function requireDestination(text: string): void {
  parseRecipient(text, 'destination');
}

/**
 * What the token's contract is told to pay.
 * @throws LatchkeyError MEMO_NOT_POSSIBLE for a memo that is no number of 64 bits, or goes with anything but an account
 */
export function withMemoId(destination: string, memo: string | null): string {
  if (memo === null) return destination;
  const isAccount = parseRecipient(destination).kind === 'account';
  if (!isAccount || !ID.test(memo) || BigInt(memo) > MAX_ID) {
    throw new LatchkeyError('MEMO_NOT_POSSIBLE', { details: { field: 'memo' } });
  }
  return muxedAddress(destination, BigInt(memo));
}
