// The guardian: the classic account that may give a wallet a new signer. Its key signs authorization entries for
// `rotate_signer` and `propose_rotation` on one wallet, and nothing else: anything else in an entry is refused here.

import { LatchkeyError } from '@latchkey/sdk/api';
import {
  accountSignature,
  addressCredentials,
  authorizationPayload,
  type Rpc,
  simulate,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { HostFunction } from '@stellar/stellar-sdk/xdr';

/** About an hour: long enough to outlast an outage of the node. */
const SIGNATURE_LEDGERS = 720;
const GUARDED = new Set(['rotate_signer', 'propose_rotation']);

export type Guardian = {
  readonly address: string;
  /** Simulates the call and signs the guardian's entry. @throws LatchkeyError SIMULATION_FAILED */
  authorize(hostFunction: HostFunction): Promise<{ authXdr: string[]; authExpiresAtLedger: number }>;
};

export function createGuardian(deps: { rpc: Rpc; secretKey: string; networkPassphrase: string }): Guardian {
  const keypair = Keypair.fromSecret(deps.secretKey);
  const address = keypair.publicKey();
  return {
    address,
    async authorize(hostFunction) {
      const { auth, latestLedger } = await simulate(deps.rpc, { hostFunction });
      const [entry, ...others] = auth;
      const call = entry?.rootInvocation;
      const asExpected =
        others.length === 0 &&
        call?.subInvocations.length === 0 &&
        call.function.type === 'sorobanAuthorizedFunctionTypeContractFn' &&
        GUARDED.has(String(call.function.value.functionName)) &&
        addressCredentials(entry!)?.address.toJson() === address;
      if (!entry || !asExpected) {
        throw new LatchkeyError('SIMULATION_FAILED', { message: 'This wallet has another guardian.' });
      }
      const authExpiresAtLedger = latestLedger + SIGNATURE_LEDGERS;
      const dated = withExpiration(entry, authExpiresAtLedger);
      const payload = await authorizationPayload(dated, deps.networkPassphrase);
      const signature = accountSignature(keypair.rawPublicKey(), keypair.sign(Buffer.from(payload)));
      return { authXdr: [withSignature(dated, signature).toXdr('base64')], authExpiresAtLedger };
    },
  };
}
