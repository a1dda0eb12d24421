// A contract call that one classic account authorizes, simulated and signed with its key: for transfers out of a managed
// account, and of what a merged one brought the sponsor. An entry that is anything but this very call of this account is
// refused before the key is used. What the call is, and whether its owner wants it, is for the caller to know.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  accountSignature,
  addressCredentials,
  authorizationPayload,
  authorizesOnly,
  type Rpc,
  simulate,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { HostFunction } from '@stellar/stellar-sdk/xdr';

/** About five minutes: until then anyone who sees the signature may carry the call out. */
const SIGNATURE_LEDGERS = 60;

export type AuthorizedCall = { hostFunctionXdr: string; authXdr: string[]; authExpiresAtLedger: number };

/**
 * @param sign makes the account's Ed25519 signature
 * @throws LatchkeyError SIMULATION_FAILED when the network would refuse the call
 */
export async function authorizeAsAccount(
  network: { rpc: Rpc; networkPassphrase: string },
  address: string,
  hostFunction: HostFunction,
  sign: (payload: Uint8Array) => Promise<Uint8Array>,
  signatureLedgers = SIGNATURE_LEDGERS,
): Promise<AuthorizedCall> {
  const { auth, latestLedger } = await simulate(network.rpc, { hostFunction });
  const [entry, ...others] = auth;
  const isAsExpected =
    entry &&
    others.length === 0 &&
    authorizesOnly(entry, hostFunction) &&
    addressCredentials(entry)?.address.toJson() === address;
  if (!isAsExpected) {
    throw new LatchkeyError('SIMULATION_FAILED', {
      message: 'The network asks for another authorization than this transfer needs.',
    });
  }
  const authExpiresAtLedger = latestLedger + signatureLedgers;
  const dated = withExpiration(entry, authExpiresAtLedger);
  const payload = await authorizationPayload(dated, network.networkPassphrase);
  const signature = accountSignature(Keypair.fromPublicKey(address).rawPublicKey(), await sign(payload));
  return {
    hostFunctionXdr: hostFunction.toXdr('base64'),
    authXdr: [withSignature(dated, signature).toXdr('base64')],
    authExpiresAtLedger,
  };
}
