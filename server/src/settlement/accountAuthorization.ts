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
import type { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';

/** About five minutes: until then anyone who sees the signature may carry the call out. */
const SIGNATURE_LEDGERS = 60;

/** A call whose one entry waits for its account's signature. */
export type UnsignedCall = {
  hostFunction: HostFunction;
  entry: SorobanAuthorizationEntry;
  payload: Uint8Array;
};

export type AuthorizedCall = { hostFunctionXdr: string; authXdr: string[]; authExpiresAtLedger: number };

/** @throws LatchkeyError SIMULATION_FAILED when the network would refuse the call, or asks for more than this account */
export async function unsignedCall(
  network: { rpc: Rpc; networkPassphrase: string },
  address: string,
  hostFunction: HostFunction,
  signatureLedgers: number,
): Promise<UnsignedCall> {
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
  const dated = withExpiration(entry, latestLedger + signatureLedgers);
  return {
    hostFunction,
    entry: dated,
    payload: await authorizationPayload(dated, network.networkPassphrase),
  };
}

/** @param signature the account's Ed25519 signature over the payload */
export function authorizedCall({ hostFunction, entry }: UnsignedCall, signature: Uint8Array): AuthorizedCall {
  const { address, signatureExpirationLedger } = addressCredentials(entry)!;
  const publicKey = Keypair.fromPublicKey(String(address.toJson())).rawPublicKey();
  return {
    hostFunctionXdr: hostFunction.toXdr('base64'),
    authXdr: [withSignature(entry, accountSignature(publicKey, signature)).toXdr('base64')],
    authExpiresAtLedger: signatureExpirationLedger,
  };
}

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
  const call = await unsignedCall(network, address, hostFunction, signatureLedgers);
  return authorizedCall(call, await sign(call.payload));
}
