// What the wallet kits' submitters send and read: passkey-kit through the client of OpenZeppelin's Channels, which wraps its
// parameters, and smart-account-kit's relayer client, which does not. Codes are those that these clients know, with ours
// beside them; where they have none, ours stands alone.
import { type ErrorCode, LatchkeyError, type SubmissionBody } from '@latchkey/sdk/api';
import type { SponsorRule } from '../relayer/policy.ts';

export type KitAnswer = {
  success: boolean;
  data: Record<string, string | null>;
  error: string | null;
};

const codes: Partial<Record<ErrorCode, string>> = {
  INVALID_REQUEST: 'INVALID_PARAMS',
  API_KEY_REQUIRED: 'UNAUTHORIZED',
  RATE_LIMITED: 'POOL_CAPACITY',
  FEE_ABOVE_LIMIT: 'FEE_LIMIT_EXCEEDED',
  TRANSACTION_FAILED: 'ONCHAIN_FAILED',
};

const codesByRule: Partial<Record<SponsorRule, string>> = {
  'time-bounds': 'INVALID_TIME_BOUNDS',
  'fee-ceiling': 'FEE_LIMIT_EXCEEDED',
  'stroops-per-day': 'FEE_LIMIT_EXCEEDED',
};

/** The request itself, with or without the envelope that Channels' client puts around it. */
export function unwrapped(body: unknown): unknown {
  const isWrapped =
    typeof body === 'object' && body !== null && Object.keys(body).length === 1 && 'params' in body;
  return isWrapped ? body.params : body;
}

export function kitFailure(error: LatchkeyError): KitAnswer {
  const { rule, field } = error.details ?? {};
  const isXdr = error.code === 'INVALID_REQUEST' && (field === 'xdr' || field === 'func' || field === 'auth');
  const code =
    codesByRule[rule as SponsorRule] ?? (isXdr ? 'INVALID_XDR' : (codes[error.code] ?? error.code));
  return {
    success: false,
    data: { code, reason: error.code, ...(typeof rule === 'string' ? { rule } : {}) },
    error: error.message,
  };
}

/** How it stands after waiting: a hash is enough for a client that goes on looking for it. */
export function kitAnswer({ id, status, hash, error }: SubmissionBody): KitAnswer {
  const data = { transactionId: id, hash, status };
  if (error) {
    const { data: codeAndReason } = kitFailure(new LatchkeyError(error.code as ErrorCode));
    return { success: false, data: { ...data, ...codeAndReason }, error: error.message };
  }
  if (hash !== null) return { success: true, data, error: null };
  return {
    success: false,
    data: { ...data, code: 'WAIT_TIMEOUT' },
    error: 'It is waiting still: ask for it by its transactionId.',
  };
}
