// What a settled or pending submission means to the person who asked for it.
import { type ErrorCode, isErrorCode, LatchkeyError, type TransferReceiptBody } from '@latchkey/sdk/api';
import type { Submission } from '../db/submissions.ts';

/** How long a request waits for the network before it answers "pending". */
export const SETTLE_TIMEOUT_MS = 20_000;

export function submissionError(row: Submission): LatchkeyError {
  const code: ErrorCode = isErrorCode(row.error_code) ? row.error_code : 'TRANSACTION_FAILED';
  return new LatchkeyError(code, { ...(row.error_message ? { message: row.error_message } : {}) });
}

export function receiptOf(row: Submission): TransferReceiptBody {
  const status = row.state === 'confirmed' || row.state === 'failed' ? row.state : 'pending';
  const error = status === 'failed' ? submissionError(row) : null;
  return {
    id: row.id,
    status,
    transactionHash: row.hash,
    ledger: row.ledger,
    ...(error ? { error: { code: error.code, message: error.message } } : {}),
  };
}
