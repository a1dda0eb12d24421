// What the sponsor pays for, decided before any key is touched; everything not named here is refused. A call must be
// the one function its kind names, and for a deployment our factory; which token a transfer is of is not limited here,
// only how much it may cost and how many an account may ask for (relayer/worker.ts). No authorization entry may lean on the sponsor: neither by source-account
// credentials, which the sponsor's signature on the transaction would satisfy, nor by its address.

import { addressCredentials } from '@latchkey/sdk/chain';
import type { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../db/schema.ts';

export class SponsorRefusal extends Error {
  override readonly name = 'SponsorRefusal';
}

const allowedFunction: Record<SubmissionKind, string> = {
  deploy: 'deploy',
  transfer: 'transfer',
  rotate: 'rotate_signer',
  'propose-rotation': 'propose',
  'cancel-rotation': 'cancel',
  'execute-rotation': 'execute',
};

/** @throws SponsorRefusal naming the rule that was broken */
export function requireSponsorable(
  call: { kind: SubmissionKind; hostFunction: HostFunction; auth: SorobanAuthorizationEntry[] },
  own: { sponsorAddress: string; factoryId: string },
): void {
  const { hostFunction } = call;
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract')
    throw new SponsorRefusal('only contract calls are sponsored');
  const { contractAddress, functionName } = hostFunction.value;
  const expected = allowedFunction[call.kind];
  if (String(functionName) !== expected) throw new SponsorRefusal(`${call.kind} may only call ${expected}`);
  if (call.kind === 'deploy' && contractAddress.toJson() !== own.factoryId) {
    throw new SponsorRefusal('wallets are deployed by the configured factory only');
  }
  for (const entry of call.auth) {
    const credentials = addressCredentials(entry);
    if (!credentials) throw new SponsorRefusal("no entry may be authorized by the sponsor's own signature");
    if (credentials.address.toJson() === own.sponsorAddress)
      throw new SponsorRefusal('no entry may name the sponsor');
  }
}
