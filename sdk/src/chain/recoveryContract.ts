// Calls to the contract that puts a delay into recoveries, and what it answers. A wallet names such a contract as its
// guardian; behind it stands the guardian who may propose. Held to the built contract by contracts.test.ts.
import type { ScVal } from '@stellar/stellar-sdk/xdr';
import { addressToScVal } from './address.ts';
import { invokeContract } from './contractCall.ts';
import { readSignerKey, type SignerKey, signerKeyToScVal } from './signer.ts';
import { readAddress, readField, readOption, readU32, readU64, scU32, scU64 } from './values.ts';

/** A proposal that nobody executes ends this long after it could have been executed. */
export const PROPOSAL_LIFETIME_SECONDS = 30 * 24 * 60 * 60;

export type RecoverySettings = { guardian: string; delaySeconds: bigint };

export type PendingRotation = {
  /** signer whose key is to be replaced */
  id: number;
  key: SignerKey;
  /** unix seconds from which anyone can execute it */
  executableAtSeconds: bigint;
};

export const recoveryCalls = {
  propose: (recoveryId: string, walletId: string, id: number, key: SignerKey) =>
    invokeContract(recoveryId, 'propose', [addressToScVal(walletId), scU32(id), signerKeyToScVal(key)]),
  cancel: (recoveryId: string, walletId: string) =>
    invokeContract(recoveryId, 'cancel', [addressToScVal(walletId)]),
  execute: (recoveryId: string, walletId: string) =>
    invokeContract(recoveryId, 'execute', [addressToScVal(walletId)]),
  pending: (recoveryId: string, walletId: string) =>
    invokeContract(recoveryId, 'pending', [addressToScVal(walletId)]),
  settings: (recoveryId: string) => invokeContract(recoveryId, 'settings', []),
};

/** Arguments of the constructor. */
export function recoverySettingsToScVals({ guardian, delaySeconds }: RecoverySettings): ScVal[] {
  return [addressToScVal(guardian), scU64(delaySeconds)];
}

/** What `pending` answers. @throws LatchkeyError SIMULATION_FAILED when it is something else */
export function readPendingRotation(value: ScVal): PendingRotation | null {
  return readOption(value, (pending) => ({
    id: readU32(readField(pending, 'id')),
    key: readSignerKey(readField(pending, 'key')),
    executableAtSeconds: readU64(readField(pending, 'executable_at')),
  }));
}

/** What `settings` answers. @throws LatchkeyError SIMULATION_FAILED when it is something else */
export function readRecoverySettings(value: ScVal): RecoverySettings {
  return {
    guardian: readAddress(readField(value, 'guardian')),
    delaySeconds: readU64(readField(value, 'delay_seconds')),
  };
}
