// Asks an RPC node what a host function would do: its return value, who has to authorize it, and what it costs.
// CAP-71 credentials, which bind the signing address, are asked for; nodes that do not know them ignore the wish.
import {
  type HostFunction,
  ScVal,
  SorobanAuthorizationEntry,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { contractErrorNumber, contractErrors } from './contractErrors.ts';
import type { Rpc } from './rpc.ts';
import { buildTransaction, invokeHostFunction, unsignedEnvelope } from './transaction.ts';

/** Simulation does not charge it; it only has to be a well-formed account when nobody in particular asks. */
const ANYONE = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';

export type Simulation = {
  returnValue: ScVal;
  auth: SorobanAuthorizationEntry[];
  sorobanData: SorobanTransactionData;
  minResourceFeeStroops: bigint;
  latestLedger: number;
};

/**
 * With `auth`, signatures are checked as on the network; without, the entries to sign are returned.
 * @throws LatchkeyError SIMULATION_FAILED with details {contractError, hostError}
 * @throws LatchkeyError NETWORK_UNAVAILABLE
 */
export async function simulate(
  rpc: Rpc,
  call: { hostFunction: HostFunction; auth?: SorobanAuthorizationEntry[]; source?: string },
): Promise<Simulation> {
  const auth = call.auth ?? [];
  const transaction = buildTransaction({
    source: call.source ?? ANYONE,
    sequenceNumber: 1n,
    feeStroops: 100,
    validUntilSeconds: 0n,
    body: invokeHostFunction(call.hostFunction, auth),
  });
  const reply = await rpc.call('simulateTransaction', {
    transaction: unsignedEnvelope(transaction).toXdr('base64'),
    ...(auth.length === 0 ? { useUpgradedAuth: true } : {}),
  });
  if (reply.error !== undefined) {
    const contractError = contractErrorNumber(reply.error);
    const known = contractError === null ? undefined : contractErrors[contractError];
    throw new LatchkeyError('SIMULATION_FAILED', {
      ...(known ? { message: known.text } : {}),
      details: { contractError, hostError: reply.error.split('\n', 1)[0] },
    });
  }
  const result = reply.results?.[0];
  if (!result || !reply.transactionData || !reply.minResourceFee) {
    throw new LatchkeyError('NETWORK_UNAVAILABLE', {
      message: 'The network node sent an incomplete simulation.',
    });
  }
  return {
    returnValue: ScVal.fromXdr(result.xdr, 'base64'),
    auth: (result.auth ?? []).map((xdr) => SorobanAuthorizationEntry.fromXdr(xdr, 'base64')),
    sorobanData: SorobanTransactionData.fromXdr(reply.transactionData, 'base64'),
    minResourceFeeStroops: BigInt(reply.minResourceFee),
    latestLedger: reply.latestLedger,
  };
}
