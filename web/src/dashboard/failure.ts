// What a merchant reads next to the button when a call failed: what happened and what to do now. Codes whose remedy depends
// on the dashboard have their sentence here; all others keep the one of the wallet's pages or of the SDK.
import { type ErrorCode, isErrorCode } from '@latchkey/sdk/merchant';
import { type Failure, failureOf } from '../wallet/failure.ts';

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  PASSKEY_ALREADY_REGISTERED:
    'This device holds a passkey for this wallet already. Choose another one in the prompt, such as your phone or a security key, then try again.',
  PASSKEY_UNSUPPORTED:
    'This browser has no passkeys. Open the dashboard in a current Chrome, Edge, Firefox or Safari, then try again.',
  PASSKEY_WRONG_ORIGIN:
    'Your passkey belongs to another web address than this one. Check the address bar, open the dashboard where you set it up, then try again.',
  UNKNOWN_CREDENTIAL: 'That passkey does not belong to this wallet. Try again and choose another one.',
  SESSION_EXPIRED: 'You were signed out, because the session has ended. Sign in to go on.',
  MERCHANT_EXISTS: 'There is an account with this e-mail already. Sign in instead.',
  MERCHANT_NOT_FOUND: 'There is no account with this e-mail. Check the spelling, or sign up.',
  MERCHANT_PASSKEY_REQUIRED: 'This account has a passkey now. Sign in with it instead of a code.',
  EMAIL_CODE_INVALID: 'That is not the code we sent last. Compare the eight digits with the newest e-mail.',
  EMAIL_CODE_EXPIRED: 'This code is used up or too old. Ask for another one.',
  TOTP_INVALID:
    'These digits are not right, or were used already. Wait until your app shows the next ones, then enter them.',
  INVALID_ADDRESS:
    'This is not a Stellar address. It begins with G, M or C; copy it again from where it came.',
  DESTINATION_NOT_ALLOWED:
    'Your rules allow withdrawals to listed addresses only, and this is none of them. Add it under Settings first.',
  DAILY_LIMIT_EXCEEDED:
    'This would exceed the daily limit you set. Enter less, or raise the limit under Settings.',
  MEMO_REQUIRED: 'Whoever holds this destination asks for a memo. Enter the one they gave you.',
  SETTLEMENT_NOT_READY: 'Your settlement account is still being made. Try again in a few seconds.',
  MIGRATION_IN_PROGRESS: 'The wallet is moving at the moment. Try again once that has finished.',
  PREPARED_EXPIRED: 'This review has expired, and nothing was sent. Review it again to get a fresh one.',
  PREPARED_MISMATCH:
    'What came back is not what was reviewed, so nothing was sent. Review it again to get a fresh one.',
  LAST_DEVICE: 'This is the only device that can sign for the wallet. Add another one first.',
  AUTHORIZATION_MISMATCH:
    'The service asked for a signature on something other than what you see here, so nothing was signed. Do not try again; tell whoever runs this service.',
};

/** Reads an error thrown by the client. */
export function merchantFailureOf(error: unknown): Failure {
  const failure = failureOf(error);
  const own = failure.code === 'UNEXPECTED' ? undefined : SENTENCES[failure.code];
  return own === undefined ? failure : { ...failure, sentence: own };
}

/** A sentence for a failure that the service stored, such as that of a migration's step. */
export function sentenceOf(stored: { code: string; message: string }): string {
  return (isErrorCode(stored.code) ? SENTENCES[stored.code] : undefined) ?? stored.message;
}
