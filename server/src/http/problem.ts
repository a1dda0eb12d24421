// Errors as RFC 9457 problem details. What is not a LatchkeyError is INTERNAL to the outside: its text stays in the
// log. Input that does not fit the wire contract gets the code of the field that is wrong.
import { type ErrorCode, errorTraits, LatchkeyError, type Problem } from '@latchkey/sdk/api';
import { HTTPException } from 'hono/http-exception';
import type { ZodError } from 'zod';
import { isUnstorableText } from '../db/refusals.ts';

const codeByField: Record<string, ErrorCode> = {
  email: 'INVALID_EMAIL',
  amount: 'INVALID_AMOUNT',
  fromWalletAddress: 'INVALID_ADDRESS',
  toWalletAddress: 'INVALID_ADDRESS',
  token: 'INVALID_ADDRESS',
};

export function inputError(error: ZodError): LatchkeyError {
  const [issue] = error.issues;
  const field = issue?.path.join('.') || 'body';
  const code = codeByField[field] ?? 'INVALID_REQUEST';
  const message =
    code === 'INVALID_REQUEST' ? `${field}: ${issue?.message ?? 'is not as expected'}.` : undefined;
  return new LatchkeyError(code, { ...(message ? { message } : {}), details: { field } });
}

export function toLatchkeyError(error: unknown): LatchkeyError {
  // Hono's own refusal of a body that does not parse.
  if (error instanceof HTTPException && error.status === 400) {
    return new LatchkeyError('INVALID_REQUEST', {
      message: 'The body is not valid JSON.',
      details: { field: 'body' },
      cause: error,
    });
  }
  if (isUnstorableText(error)) {
    return new LatchkeyError('INVALID_REQUEST', {
      message: 'The request holds a character that cannot be stored.',
      cause: error,
    });
  }
  return error instanceof LatchkeyError ? error : new LatchkeyError('INTERNAL', { cause: error });
}

export function problemOf(error: LatchkeyError, requestId: string): Problem {
  const { status, text } = errorTraits(error.code);
  const { field, rule } = error.details ?? {};
  return {
    type: `urn:latchkey:error:${error.code}`,
    title: text,
    status: status || 500,
    detail: error.message,
    code: error.code,
    requestId,
    ...(field ? { field } : {}),
    ...(typeof rule === 'string' ? { rule } : {}),
  };
}
