// What to do after a return by the sponsor failed. It is never signed anew once anybody may have seen what was signed, but
// looked for by its nonce. Used, it was paid, by whomever; unused and still valid, the very same entry is sent again; after
// that nobody can tell any more, and it is left to the operator.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Submission, SubmissionWork } from '../db/submissions.ts';
import { lookForNonce } from './migrationTransfer.ts';

export type ReturnAgain =
  | { what: 'paid' }
  /** it was never sent, so nobody has seen what was signed */
  | { what: 'anew' }
  | { what: 'same'; work: SubmissionWork }
  | { what: 'unknown' };

/**
 * @param wasShown whether its entry was in an envelope that was made, of this submission or an earlier one
 * @throws LatchkeyError NETWORK_UNAVAILABLE
 */
export async function returnAgain(rpc: Rpc, before: Submission, wasShown: boolean): Promise<ReturnAgain> {
  if (!wasShown) return { what: 'anew' };
  const { isUsed, latestLedger } = await lookForNonce(rpc, before);
  if (isUsed) return { what: 'paid' };
  const { host_function_xdr: hostFunctionXdr, auth_expires_at_ledger: expiresAtLedger } = before;
  if (expiresAtLedger === null || latestLedger >= expiresAtLedger) return { what: 'unknown' };
  const authXdr = JSON.parse(before.auth_xdr) as string[];
  return { what: 'same', work: { hostFunctionXdr, authXdr, authExpiresAtLedger: expiresAtLedger } };
}
