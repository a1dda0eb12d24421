// What the sponsor pays for, decided before any key is touched; everything not named here is refused, with the rule that
// refused it. A call of our own must be the one function its kind names, and for a deployment our factory; which token
// a transfer is of is not limited here, only how much it may cost and how many an account may ask for
// (relayer/worker.ts). What holders of API keys may ask for is decided in relayer/callPolicy.ts. No authorization entry
// may lean on us: neither by source-account credentials, which our signature on the transaction would satisfy, nor by
// the address of the sponsor or of a channel account. The one exception is ours as well: what a merged account brought the
// sponsor is returned to a wallet by the sponsor's own transfer; how much is not limited here.

import { addressCredentials, readTransferCall } from '@latchkey/sdk/chain';
import type { HostFunction, InvokeContractArgs, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../db/schema.ts';

export type SponsorRule =
  | 'contract-call'
  | 'function-of-kind'
  | 'factory'
  | 'no-own-signature'
  | 'no-own-address'
  | 'return'
  | 'signed'
  | 'known-wallet'
  | 'known-code'
  | 'allowed-call'
  | 'one-operation'
  | 'own-sequence-number'
  | 'sequence-number'
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
  'deploy-settlement': 'deploy',
  'withdraw-settlement': 'transfer',
  'migrate-settlement': 'transfer',
  'return-settlement': 'transfer',
  'add-settlement-device': 'add',
  'remove-settlement-device': 'remove',
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

/** That it is one transfer of the native token from the sponsor to a contract, authorized as such and nothing more. */
function requireReturn(
  call: InvokeContractArgs,
  auth: SorobanAuthorizationEntry[],
  sponsorAddress: string,
  nativeTokenId: string,
): void {
  const transfer = readTransferCall(call);
  const [entry] = auth;
  const authorized = entry?.rootInvocation.function;
  const isReturn =
    transfer?.token === nativeTokenId && transfer.from === sponsorAddress && transfer.to.startsWith('C');
  const isAuthorizedAlone =
    auth.length === 1 &&
    String(addressCredentials(entry!)?.address.toJson()) === sponsorAddress &&
    authorized?.type === 'sorobanAuthorizedFunctionTypeContractFn' &&
    authorized.value.toXdr('base64') === call.toXdr('base64') &&
    entry!.rootInvocation.subInvocations.length === 0;
  if (!isReturn || !isAuthorizedAlone)
    throw new SponsorRefusal('return', 'the sponsor only returns its native token to a wallet');
}

/**
 * What a holder of an API key asked for (`call`) was judged by the terms of that key before it became a row: here again
 * only that it does not lean on us.
 * @param ours `own`: addresses that may authorize nothing: the sponsor first, and the channel account in use
 * @throws SponsorRefusal naming the rule that was broken
 */
export function requireSponsorable(
  call: { kind: SubmissionKind; hostFunction: HostFunction; auth: SorobanAuthorizationEntry[] },
  ours: { own: readonly [sponsor: string, ...others: string[]]; factoryId: string; nativeTokenId: string },
): void {
  if (call.kind === 'call') {
    authorizers(call.auth, ours.own);
    return;
  }
  const invocation = contractCallOf(call.hostFunction);
  const { contractAddress, functionName } = invocation;
  const expected = allowedFunction[call.kind];
  if (String(functionName) !== expected)
    throw new SponsorRefusal('function-of-kind', `${call.kind} may only call ${expected ?? 'nothing'}`);
  if (expected === 'deploy' && contractAddress.toJson() !== ours.factoryId) {
    throw new SponsorRefusal('factory', 'wallets are deployed by the configured factory only');
  }
  if (call.kind === 'return-settlement')
    requireReturn(invocation, call.auth, ours.own[0], ours.nativeTokenId);
  else authorizers(call.auth, ours.own);
}
