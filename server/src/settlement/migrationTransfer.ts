// A transfer among a migration's submissions: what it moves, read back from the stored call itself, so that amounts are never
// kept twice; and whether it was carried out, by whomever: its signed entry belongs to no transaction, and is public once it
// was sent.
import {
  addressCredentials,
  nonceKey,
  type Rpc,
  readTransferCall,
  type TransferCall,
} from '@latchkey/sdk/chain';
import { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';

/** null for a submission that is no call of a token's `transfer` */
export function sentTransfer(submission: Submission): TransferCall | null {
  if (submission.host_function_xdr === '') return null;
  const call = HostFunction.fromXdr(submission.host_function_xdr, 'base64');
  return call.type === 'hostFunctionTypeInvokeContract' ? readTransferCall(call.value) : null;
}

/**
 * Whether the nonce of its signed entry is used. The ledger keeps that as long as the signature is valid: unused after that
 * says nothing.
 * @throws LatchkeyError NETWORK_UNAVAILABLE
 */
export async function lookForNonce(
  rpc: Rpc,
  submission: Submission,
): Promise<{ isUsed: boolean; latestLedger: number }> {
  const credentials = (JSON.parse(submission.auth_xdr) as string[]).flatMap(
    (xdr) => addressCredentials(SorobanAuthorizationEntry.fromXdr(xdr, 'base64')) ?? [],
  );
  const keys = credentials.map((it) => nonceKey(it).toXdr('base64'));
  const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys });
  return { isUsed: entries.length > 0, latestLedger };
}
