// What the sponsor pays for, decided before any key is touched; everything not named here is refused, with the rule that
// refused it. A call of our own must be the one function its kind names, and for a deployment our factory; which token
// a transfer is of is not limited here, only how much it may cost and how many an account may ask for
// (relayer/worker.ts). What holders of API keys may ask for is decided in relayer/callPolicy.ts. No authorization entry
// may lean on us: neither by source-account credentials, which our signature on the transaction would satisfy, nor by
// the address of the sponsor or of a channel account.

import { addressCredentials } from '@latchkey/sdk/chain';
import type { HostFunction, InvokeContractArgs, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../db/schema.ts';

export type SponsorRule =
  | 'contract-call'
  | 'function-of-kind'
  | 'factory'
  | 'no-own-signature'
  | 'no-own-address'
  | 'signed'
  | 'known-wallet'
  | 'allowed-call'
  | 'one-operation'
  | 'own-sequence-number'
  | 'time-bounds'
  | 'fee-ceiling'
  | 'restore'
  | 'queue-per-key'
  | 'submissions-per-day'
  | 'stroops-per-day'
  | 'wallet-submissions-per-day';

export class SponsorRefusal extends Error {
  override readonly name = 'SponsorRefusal';
  readonly rule: SponsorRule;
  constructor(rule: SponsorRule, message: string) {
    super(message);
    this.rule = rule;
  }
}

const allowedFunction: Partial<Record<SubmissionKind, string>> = {
  deploy: 'deploy',
  transfer: 'transfer',
  rotate: 'rotate_signer',
  'propose-rotation': 'propose',
  'cancel-rotation': 'cancel',
  'execute-rotation': 'execute',
};

/** @throws SponsorRefusal */
export function contractCallOf(hostFunction: HostFunction): InvokeContractArgs {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract')
    throw new SponsorRefusal('contract-call', 'only contract calls are sponsored');
  return hostFunction.value;
}

/** The addresses that authorize the call. @throws SponsorRefusal when one of them is ours */
export function authorizers(auth: SorobanAuthorizationEntry[], own: readonly string[]): string[] {
  return auth.map((entry) => {
    const credentials = addressCredentials(entry);
    if (!credentials) {
      throw new SponsorRefusal(
        'no-own-signature',
        "no entry may be authorized by the sponsor's own signature",
      );
    }
    const address = String(credentials.address.toJson());
    if (own.includes(address)) throw new SponsorRefusal('no-own-address', 'no entry may name the sponsor');
    return address;
  });
}

/**
 * @param ours addresses that may authorize nothing: the sponsor and the channel account in use
 * @throws SponsorRefusal naming the rule that was broken
 */
export function requireSponsorable(
  call: { kind: SubmissionKind; hostFunction: HostFunction; auth: SorobanAuthorizationEntry[] },
  ours: { own: readonly string[]; factoryId: string },
): void {
  const { contractAddress, functionName } = contractCallOf(call.hostFunction);
  const expected = allowedFunction[call.kind];
  if (call.kind !== 'call' && String(functionName) !== expected)
    throw new SponsorRefusal('function-of-kind', `${call.kind} may only call ${expected}`);
  if (call.kind === 'deploy' && contractAddress.toJson() !== ours.factoryId) {
    throw new SponsorRefusal('factory', 'wallets are deployed by the configured factory only');
  }
  authorizers(call.auth, ours.own);
}
