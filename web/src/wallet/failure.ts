// Turns whatever an SDK call threw into what a person reads next to the button: what happened and what to do now.
// Guarantees: each code gets a sentence. Codes whose remedy depends on this app (passkeys, sign-in, recovery) have
// their own below; the others keep the SDK's sentence, which can be more exact than a fixed one. An error that is
// not the SDK's gets a general sentence, so that no internal text reaches the screen.
import { type ErrorCode, LatchkeyError } from '@latchkey/sdk';

/** What a screen shows of an error. */
export interface Failure {
  code: ErrorCode | 'UNEXPECTED';
  sentence: string;
  /** The request field the error is about, as the SDK names it, when it is about one. */
  field: string | null;
}

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  PASSKEY_CANCELLED:
    'The passkey prompt was closed, or it waited too long. Nothing has changed; try again when you are ready.',
  PASSKEY_TIMED_OUT:
    'Your passkey did not answer in time. Nothing has changed; try again and keep the device close.',
  PASSKEY_NO_AUTHENTICATOR:
    'No passkey here can check that it is you. Set up a fingerprint, face or PIN lock on this device, or use your phone or a security key, then try again.',
  PASSKEY_ALREADY_REGISTERED:
    'This device already holds a passkey for this wallet. Sign in with that passkey instead.',
  PASSKEY_WRONG_ORIGIN:
    'Your passkey belongs to another web address than this one. Check the address bar, and open the wallet where you created it.',
  PASSKEY_UNSUPPORTED:
    'This browser has no passkeys. Open the wallet in a current Chrome, Edge, Firefox or Safari.',
  PASSKEY_FAILED:
    'Your passkey reported an error. Unlock the device that holds it (or plug the security key in again), then try again.',
  UNKNOWN_CREDENTIAL:
    'That passkey does not open this wallet. Choose another one; if the right one is gone, recover the wallet.',
  USER_VERIFICATION_REQUIRED:
    'The passkey has to check that it is you, by fingerprint, face or PIN. Try again and confirm when it asks.',
  CHALLENGE_EXPIRED: 'The approval took longer than five minutes, so nothing was done. Start again.',
  NETWORK_UNREACHABLE: 'The service could not be reached. Check your connection, then try again.',
  SESSION_EXPIRED: 'You were signed out, because a session lasts an hour. Sign in to go on.',
  WALLET_NOT_FOUND: 'There is no wallet for this e-mail. Check the spelling, or create a wallet.',
  EMAIL_TAKEN: 'There is a wallet for this e-mail already. Sign in, or recover it if the device is lost.',
  INVALID_ADDRESS:
    'This is not a Stellar address. It has 56 characters and begins with C or G; copy it again from where it came.',
  INSUFFICIENT_BALANCE: 'The wallet does not hold that much. Enter less, or choose Max.',
  RECOVERY_CODE_INVALID: 'That is not the code we sent last. Compare the six digits with the newest e-mail.',
  RECOVERY_CODE_EXPIRED: 'This code is used up, or older than five minutes. Request another one.',
  RATE_LIMITED: 'That was too often in a short time. Wait a few minutes, then try again.',
  AUTHORIZATION_MISMATCH:
    'The service asked for a signature on something other than what you entered, so nothing was signed. Do not try again; tell whoever runs this wallet.',
};

const UNEXPECTED =
  'Something went wrong in this page. Reload it, and look at your balance and activity before you repeat anything.';

/** Codes after which nobody can say yet whether the service took the request. */
const OUTCOME_UNKNOWN: ReadonlySet<Failure['code']> = new Set([
  'NETWORK_UNREACHABLE',
  'CHALLENGE_ALREADY_USED',
  'INTERNAL',
  'UNEXPECTED',
]);

/** Reads an error thrown by the SDK; see the file header for what it guarantees. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof LatchkeyError)) return { code: 'UNEXPECTED', sentence: UNEXPECTED, field: null };
  return {
    code: error.code,
    sentence: SENTENCES[error.code] ?? error.message,
    field: error.details?.field ?? null,
  };
}

/** Whether a transfer may have been taken all the same, although its approval came back with this failure. */
export const mayHaveBeenTaken = (failure: Failure): boolean => OUTCOME_UNKNOWN.has(failure.code);
