// What a wallet's contract says about its signer: who signs now, what is proposed, and how long a rotation takes. Asked
// of the chain whenever it matters, because anyone may execute a due rotation and the guardian may act elsewhere.

import { bytesToBase64Url, type Rpc, simulate, structField, walletCalls } from '@latchkey/sdk/chain';
import type { ScVal } from '@stellar/stellar-sdk/xdr';

export type OnChainRotation = {
  /** base64url credential id of the present signer */
  signerCredentialId: string | null;
  pending: { credentialId: string | null; executableAtMs: number } | null;
};

function credentialIdOf(passkey: ScVal | undefined): string | null {
  const id = passkey && structField(passkey, 'credential_id');
  return id?.type === 'scvBytes' ? bytesToBase64Url(id.value.value) : null;
}

export async function pendingRotation(rpc: Rpc, walletAddress: string): Promise<OnChainRotation['pending']> {
  const { returnValue } = await simulate(rpc, { hostFunction: walletCalls.pendingRotation(walletAddress) });
  const executableAt = structField(returnValue, 'executable_at');
  if (executableAt?.type !== 'scvU64') return null;
  return {
    credentialId: credentialIdOf(structField(returnValue, 'signer')),
    executableAtMs: Number(executableAt.value) * 1000,
  };
}

export async function onChainRotation(rpc: Rpc, walletAddress: string): Promise<OnChainRotation> {
  const { returnValue } = await simulate(rpc, { hostFunction: walletCalls.signer(walletAddress) });
  return {
    signerCredentialId: credentialIdOf(returnValue),
    pending: await pendingRotation(rpc, walletAddress),
  };
}

/** Whether this wallet's rotations have to be proposed first; it was decided when the wallet was made. */
export async function rotationIsDelayed(rpc: Rpc, walletAddress: string): Promise<boolean> {
  const { returnValue } = await simulate(rpc, { hostFunction: walletCalls.recovery(walletAddress) });
  const delay = structField(returnValue, 'rotation_delay_seconds');
  return delay?.type === 'scvU64' && delay.value > 0n;
}
