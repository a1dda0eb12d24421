// The guardian: the classic account that may give a wallet a new signer. Its key signs authorization entries for
// `rotate_signer` on a wallet and `propose` on a contract that delays it, and nothing else: an entry that is not the
// very call is refused here. New wallets name the account itself as guardian, or the contract where a delay is set.

import { LatchkeyError } from '@latchkey/sdk/api';
import {
  accountSignature,
  addressCredentials,
  authorizationPayload,
  authorizesOnly,
  type Rpc,
  readRecoverySettings,
  recoveryCalls,
  simulate,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { HostFunction } from '@stellar/stellar-sdk/xdr';
import { ConfigError } from '../config.ts';

/** About an hour: long enough to outlast an outage of the node. */
const SIGNATURE_LEDGERS = 720;
const GUARDED = new Set(['rotate_signer', 'propose']);

function isGuarded(call: HostFunction): boolean {
  return call.type === 'hostFunctionTypeInvokeContract' && GUARDED.has(String(call.value.functionName));
}

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
      const asExpected =
        entry &&
        others.length === 0 &&
        isGuarded(hostFunction) &&
        authorizesOnly(entry, hostFunction) &&
        addressCredentials(entry)?.address.toJson() === address;
      if (!asExpected) {
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

/**
 * The address that new wallets name as guardian. A contract is asked once whether it is the one that is configured,
 * because a wallet with another would be one that this service can never recover.
 *
 * @throws ConfigError when it is not, LatchkeyError NETWORK_UNAVAILABLE while the node does not answer
 */
export function createWalletGuardian(deps: {
  rpc: Rpc;
  guardianAddress: string;
  rotationDelaySeconds: bigint;
  recoveryContractId: string | null;
}): () => Promise<string> {
  const { rpc, guardianAddress, rotationDelaySeconds, recoveryContractId } = deps;
  if (recoveryContractId === null) return async () => guardianAddress;
  let isConfirmed = false;

  async function isAsConfigured(recoveryId: string): Promise<boolean> {
    try {
      const { returnValue } = await simulate(rpc, { hostFunction: recoveryCalls.settings(recoveryId) });
      const { guardian, delaySeconds } = readRecoverySettings(returnValue);
      return guardian === guardianAddress && delaySeconds === rotationDelaySeconds;
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') return false;
      throw error;
    }
  }

  return async () => {
    if (!isConfirmed && !(await isAsConfigured(recoveryContractId))) {
      throw new ConfigError(
        'RECOVERY_CONTRACT_ID is no recovery contract with this guardian and RECOVERY_DELAY_SECONDS: npm run deploy makes one.',
      );
    }
    isConfirmed = true;
    return recoveryContractId;
  };
}
