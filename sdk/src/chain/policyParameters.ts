// What a policy was installed with for a signer, asked of the policy itself: Latchkey's own keep it longer than a session
// lasts, so that a session whose time has run out can be added again under the same limits. What was spent does not
// come along. A policy of somebody else's, or one that keeps nothing any more, has no answer, and is named.
import { LatchkeyError } from '../api/errors.ts';
import { addressToScVal } from './address.ts';
import { invokeContract } from './contractCall.ts';
import type { Rpc } from './rpc.ts';
import { simulate } from './simulate.ts';
import { readField, scU32 } from './values.ts';
import type { PolicyInstallation } from './walletContract.ts';

/** Functions that answer with a policy's parameters, each of one of the policies, and where in the answer they are. */
const VIEWS = [
  { name: 'limits' },
  { name: 'installed', field: 'limits' },
  { name: 'allow_list' },
  { name: 'times' },
  { name: 'approvers' },
] as const;

export type RememberedPolicies = {
  installations: PolicyInstallation[];
  /** contracts that did not say; whoever adds the signer again has to */
  unknown: string[];
};

/** @throws LatchkeyError NETWORK_UNAVAILABLE */
export async function rememberedPolicies(
  rpc: Rpc,
  wallet: string,
  signerId: number,
  policies: string[],
): Promise<RememberedPolicies> {
  const remembered: RememberedPolicies = { installations: [], unknown: [] };
  for (const policy of policies) {
    const parameters = await parametersOf(rpc, policy, wallet, signerId);
    if (parameters) remembered.installations.push({ policy, parameters });
    else remembered.unknown.push(policy);
  }
  return remembered;
}

async function parametersOf(rpc: Rpc, policy: string, wallet: string, signerId: number) {
  const args = [addressToScVal(wallet), scU32(signerId)];
  for (const view of VIEWS) {
    try {
      const hostFunction = invokeContract(policy, view.name, args);
      const { returnValue } = await simulate(rpc, { hostFunction });
      if (returnValue.type === 'scvVoid') return null;
      return 'field' in view ? readField(returnValue, view.field) : returnValue;
    } catch (error) {
      // It has no such function, or the function is another's.
      if (!(error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED')) throw error;
    }
  }
  return null;
}
