// What the chain says about a wallet's signer: who signs now, what is proposed, and how its guardian can replace the
// key. Asked whenever it matters, because anyone may execute a due rotation, and guardian and owner may act elsewhere.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  bytesToBase64Url,
  type Rpc,
  readPendingRotation,
  readRecoverySettings,
  readRegisteredSigner,
  readSettings,
  recoveryCalls,
  type SignerKey,
  simulate,
  walletCalls,
} from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import { OWNER_SIGNER_ID } from './ownerSigner.ts';

export type PendingOnChain = {
  /** the contract that keeps it, which is the wallet's guardian */
  recoveryId: string;
  /** base64url credential id of the proposed key; null when that is no passkey */
  credentialId: string | null;
  executableAtMs: number;
};

export type OnChainRotation = {
  /** base64url credential id of the owner's present key */
  signerCredentialId: string | null;
  pending: PendingOnChain | null;
};

/** `recoveryId` is the contract that a rotation has to be proposed to; null when the guardian rotates at once. */
export type RotationPath = { recoveryId: string | null };

function credentialIdOf(key: SignerKey): string | null {
  return key.kind === 'passkey' ? bytesToBase64Url(key.passkey.credentialId) : null;
}

async function guardianOf(rpc: Rpc, walletAddress: string): Promise<string | null> {
  const { returnValue } = await simulate(rpc, { hostFunction: walletCalls.settings(walletAddress) });
  return readSettings(returnValue).recovery;
}

/** `fallback` for what a contract does not answer, because it has no such function or nothing to say. */
async function unlessRefused<T>(asked: Promise<T>, fallback: T): Promise<T> {
  return asked.catch((error: unknown) => {
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') return fallback;
    throw error;
  });
}

/** The rotation that waits for its delay. A guardian that is no contract, or none of ours, keeps none. */
export async function pendingRotation(rpc: Rpc, walletAddress: string): Promise<PendingOnChain | null> {
  const recoveryId = await guardianOf(rpc, walletAddress);
  if (recoveryId === null || !StrKey.isValidContract(recoveryId)) return null;
  const hostFunction = recoveryCalls.pending(recoveryId, walletAddress);
  const asked = simulate(rpc, { hostFunction }).then(({ returnValue }) => readPendingRotation(returnValue));
  const pending = await unlessRefused(asked, null);
  if (!pending) return null;
  return {
    recoveryId,
    credentialId: pending.id === OWNER_SIGNER_ID ? credentialIdOf(pending.key) : null,
    executableAtMs: Number(pending.executableAtSeconds) * 1000,
  };
}

export async function onChainRotation(rpc: Rpc, walletAddress: string): Promise<OnChainRotation> {
  const hostFunction = walletCalls.signer(walletAddress, OWNER_SIGNER_ID);
  const asked = simulate(rpc, { hostFunction }).then(({ returnValue }) =>
    credentialIdOf(readRegisteredSigner(returnValue).signer.key),
  );
  return {
    signerCredentialId: await unlessRefused(asked, null),
    pending: await pendingRotation(rpc, walletAddress),
  };
}

/**
 * How `guardianAddress` can replace this wallet's key; that was decided when the wallet was made.
 * @throws LatchkeyError SIMULATION_FAILED when it cannot
 */
export async function rotationPath(
  rpc: Rpc,
  walletAddress: string,
  guardianAddress: string,
): Promise<RotationPath> {
  const guardian = await guardianOf(rpc, walletAddress);
  if (guardian === guardianAddress) return { recoveryId: null };
  if (guardian !== null && StrKey.isValidContract(guardian)) {
    const asked = simulate(rpc, { hostFunction: recoveryCalls.settings(guardian) });
    const settings = asked.then(({ returnValue }) => readRecoverySettings(returnValue));
    if ((await unlessRefused(settings, null))?.guardian === guardianAddress) return { recoveryId: guardian };
  }
  throw new LatchkeyError('SIMULATION_FAILED', { message: 'This wallet has another guardian, or none.' });
}
