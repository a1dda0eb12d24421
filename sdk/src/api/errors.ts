// Every error Latchkey can name, in one table: the HTTP status it travels with, whether the same request may
// succeed later, and a sentence for the person who sees it. Codes are stable; texts may be improved.

/** `status` 0 marks errors that arise in the browser and never travel over HTTP. */
const table = {
  INVALID_REQUEST: [400, false, 'The request is not in the expected form.'],
  INVALID_EMAIL: [422, false, 'Enter an e-mail address such as ana@example.org.'],
  INVALID_ADDRESS: [422, false, 'Enter a Stellar address: 56 characters, starting with G or C.'],
  INVALID_AMOUNT: [422, false, 'Enter an amount greater than zero, such as 12.5.'],
  UNKNOWN_TOKEN: [422, false, 'There is no token contract at this address on the network.'],
  INSUFFICIENT_BALANCE: [422, false, 'The wallet does not hold that much.'],
  DESTINATION_CANNOT_RECEIVE: [422, false, 'The destination cannot receive this token yet.'],
  BODY_TOO_LARGE: [413, false, 'The request body is larger than 64 KiB.'],
  LENGTH_REQUIRED: [411, false, 'Send the body with a Content-Length header.'],
  UNSUPPORTED_MEDIA_TYPE: [415, false, 'Send the body as application/json.'],
  NOT_FOUND: [404, false, 'There is nothing at this address.'],
  METHOD_NOT_ALLOWED: [405, false, 'This path does not take that method.'],
  EMAIL_TAKEN: [409, false, 'There is already a wallet for this e-mail. Sign in, or recover it.'],
  WALLET_NOT_FOUND: [404, false, 'There is no wallet for this e-mail or address here.'],
  WALLET_NOT_READY: [409, true, 'The wallet is still being created on the network. Try again in a moment.'],
  CHALLENGE_UNKNOWN: [400, false, 'This approval does not belong to anything we asked for. Start again.'],
  CHALLENGE_EXPIRED: [410, false, 'This approval took longer than five minutes. Start again.'],
  CHALLENGE_ALREADY_USED: [409, false, 'This approval was used before. Start again.'],
  CHALLENGE_WRONG_ACCOUNT: [403, false, 'This approval was asked of another account.'],
  CHALLENGE_WRONG_PURPOSE: [403, false, 'This approval was given for something else.'],
  WRONG_ORIGIN: [403, false, 'The passkey was used on another site.'],
  WRONG_RELYING_PARTY: [403, false, 'The passkey belongs to another site.'],
  USER_PRESENCE_REQUIRED: [403, false, 'The authenticator did not confirm that someone was there.'],
  USER_VERIFICATION_REQUIRED: [
    403,
    false,
    'The authenticator did not verify you by fingerprint, face or PIN.',
  ],
  UNKNOWN_CREDENTIAL: [403, false, 'This passkey does not belong to this account.'],
  CREDENTIAL_ALREADY_REGISTERED: [409, false, 'This passkey is registered already. Sign in with it.'],
  UNSUPPORTED_KEY_ALGORITHM: [422, false, 'Only ES256 (P-256) passkeys can sign for a wallet.'],
  SIGNATURE_INVALID: [403, false, 'The signature of the passkey is not valid.'],
  SIGNATURE_DOES_NOT_MATCH_TRANSACTION: [
    409,
    false,
    'The passkey approved something other than what was sent.',
  ],
  SESSION_REQUIRED: [401, false, 'Sign in first.'],
  SESSION_EXPIRED: [401, false, 'Your session has ended. Sign in again.'],
  RECOVERY_CODE_REQUIRED: [401, false, 'Enter the 6-digit code that we sent by e-mail.'],
  RECOVERY_CODE_INVALID: [403, false, 'That is not the code we sent.'],
  RECOVERY_CODE_EXPIRED: [403, false, 'That code is no longer valid. Ask for a new one.'],
  ROTATION_IN_PROGRESS: [409, true, 'A recovery of this wallet is under way already.'],
  ROTATION_NOT_PENDING: [409, false, 'There is no recovery to cancel.'],
  API_KEY_REQUIRED: [401, false, 'Send an API key of this service: Authorization: Bearer lk_….'],
  NOT_SPONSORED: [403, false, 'This service does not pay for that.'],
  RATE_LIMITED: [429, true, 'Too many requests. Wait a little and try again.'],
  IDEMPOTENCY_KEY_REUSED: [409, false, 'This Idempotency-Key was used for a different request.'],
  SIMULATION_FAILED: [422, false, 'The network would refuse this transaction.'],
  FEE_ABOVE_LIMIT: [503, true, 'The network fee is above what this service pays at the moment.'],
  TRANSACTION_FAILED: [422, false, 'The network refused the transaction. Nothing was moved.'],
  TRANSACTION_EXPIRED: [
    410,
    false,
    'The transaction was not included in time. Nothing was moved; send it again.',
  ],
  OUTCOME_UNKNOWN: [
    503,
    false,
    'The network no longer says what became of this. Look at the balance before you repeat it.',
  ],
  MERCHANT_EXISTS: [409, false, 'There is already a merchant with this e-mail. Sign in.'],
  MERCHANT_NOT_FOUND: [404, false, 'There is no merchant with this e-mail.'],
  EMAIL_CODE_INVALID: [403, false, 'This code is not right.'],
  EMAIL_CODE_EXPIRED: [410, false, 'This code has expired or was tried too often. Ask for another one.'],
  TOTP_REQUIRED: [403, false, 'Enter the six digits that your authenticator app shows.'],
  TOTP_INVALID: [403, false, 'These digits are not right, or were used already. Wait for the next ones.'],
  MERCHANT_PASSKEY_REQUIRED: [403, false, 'Sign in with your passkey.'],
  STEP_UP_REQUIRED: [403, false, 'Confirm this with your passkey or your authenticator app.'],
  SCOPE_MISSING: [403, false, 'This API key may not do that.'],
  NETWORK_NOT_OFFERED: [409, false, 'This service does not serve that network.'],
  SETTLEMENT_NOT_READY: [409, true, 'The settlement account is still being made. Try again in a moment.'],
  SETTLEMENT_NOT_MANAGED: [409, false, 'This wallet is in the hands of its owner: the passkey has to sign.'],
  SETTLEMENT_IS_MANAGED: [
    409,
    false,
    'This wallet is managed by the service: there is no passkey that signs for it.',
  ],
  ALREADY_UPGRADED: [409, false, 'This settlement wallet was upgraded already.'],
  MIGRATION_IN_PROGRESS: [409, true, 'The wallet is moving at the moment. Try again when that has finished.'],
  MIGRATION_NOT_WAITING: [409, false, 'The migration does not wait for this.'],
  GATE_STALE: [
    409,
    false,
    'There is less in the wallet than when this was shown. Look at the balance and confirm it again.',
  ],
  SEED_GONE: [409, false, 'There is no seed for this wallet any more.'],
  FUNDS_LEFT_BEHIND: [409, false, 'There is still money on the former network. Withdraw it first.'],
  KEK_VERSION_MISSING: [500, false, 'A key encryption key that is still needed is not configured.'],
  SEALED_SEED_DAMAGED: [500, false, 'A sealed seed cannot be opened.'],
  DESTINATION_NOT_ALLOWED: [422, false, 'This destination is not on the list of allowed destinations.'],
  DAILY_LIMIT_EXCEEDED: [422, false, 'This would exceed the daily limit.'],
  MEMO_REQUIRED: [422, false, 'This destination asks for a memo.'],
  MEMO_NOT_POSSIBLE: [
    422,
    false,
    'A passkey wallet can send a memo only as a number, which becomes part of the address.',
  ],
  PREPARED_EXPIRED: [410, false, 'What was prepared has expired. Prepare it again.'],
  PREPARED_MISMATCH: [409, false, 'What was submitted is not what was prepared. Nothing was sent.'],
  LAST_DEVICE: [409, false, 'This is the only device that can sign for the wallet. Add another one first.'],
  NETWORK_UNAVAILABLE: [503, true, 'The Stellar network cannot be reached at the moment.'],
  INTERNAL: [500, true, 'Something went wrong on our side. Nothing was lost; try again.'],

  NETWORK_UNREACHABLE: [0, true, 'The service cannot be reached. Check your connection.'],
  AUTHORIZATION_MISMATCH: [
    0,
    false,
    'What the service asks you to sign is not what you asked for. It was not signed.',
  ],
  PASSKEY_UNSUPPORTED: [0, false, 'This browser has no passkeys.'],
  PASSKEY_CANCELLED: [0, true, 'The passkey prompt was closed or timed out.'],
  PASSKEY_TIMED_OUT: [0, true, 'The passkey prompt timed out.'],
  PASSKEY_NO_AUTHENTICATOR: [0, false, 'No authenticator here can verify you by fingerprint, face or PIN.'],
  PASSKEY_ALREADY_REGISTERED: [
    0,
    false,
    'This device has a passkey for this wallet already. Sign in with it.',
  ],
  PASSKEY_WRONG_ORIGIN: [0, false, 'Passkeys of this wallet do not work on this address.'],
  PASSKEY_FAILED: [0, true, 'The authenticator reported an error.'],
} as const satisfies Record<string, readonly [number, boolean, string]>;

export type ErrorCode = keyof typeof table;

export type ErrorDetails = { field?: string } & Record<string, unknown>;

export type ErrorTraits = { status: number; retryable: boolean; text: string };

export const errorCodes = Object.keys(table) as ErrorCode[];

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

export function errorTraits(code: ErrorCode): ErrorTraits {
  const [status, retryable, text] = table[code];
  return { status, retryable, text };
}

/** The one error class of Latchkey. `message` is a sentence for a person; `details.field` names the bad input. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, options: { message?: string; details?: ErrorDetails; cause?: unknown } = {}) {
    super(options.message ?? table[code][2], 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
  }

  get retryable(): boolean {
    return errorTraits(this.code).retryable;
  }
}
