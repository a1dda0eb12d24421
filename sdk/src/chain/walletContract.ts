// Calls to wallets, and what they answer. Nothing here touches the network; what each function does and whose
// authorization it needs is said in contracts/wallet/src/wallet.rs, and contracts.test.ts holds arguments and answers
// to the built contract.
import { ScMapEntry, ScVal } from '@stellar/stellar-sdk/xdr';
import { addressToScVal } from './address.ts';
import { bytesToHex } from './bytes.ts';
import { invokeContract } from './contractCall.ts';
import {
  type CoSigners,
  coSignersToScVals,
  type Role,
  readRegisteredSigner,
  roleToScVal,
  type Signer,
  type SignerKey,
  signerKeyToScVal,
  signerToScVal,
} from './signer.ts';
import {
  readAddress,
  readField,
  readOption,
  readU32,
  readVec,
  scBytes,
  scOption,
  scStruct,
  scU32,
  scVec,
} from './values.ts';

export type Configuration = {
  /** how many admins have to sign a change to the wallet */
  adminThreshold: number;
  /** the guardian's address */
  recovery: string | null;
};

export type WalletInit = Configuration & {
  /** they get the ids 0, 1, … in this order */
  signers: Signer[];
};

export type Settings = Configuration & {
  /** version of what the wallet stores */
  stateVersion: number;
};

/** A policy contract with what it is to hold a signer to, in the policy's own form. */
export type PolicyInstallation = { policy: string; parameters: ScVal };

export function walletInitToScVal(init: WalletInit): ScVal {
  return scStruct({
    admin_threshold: scU32(init.adminThreshold),
    recovery: scOption(init.recovery, addressToScVal),
    signers: scVec(init.signers.map(signerToScVal)),
  });
}

/** The host takes a map only in the order of its keys, which for contract addresses is that of their bytes. */
function policiesToScVal(policies: PolicyInstallation[]): ScVal {
  const inOrder = policies
    .map(({ policy, parameters }) => ({ key: addressToScVal(policy), val: parameters }))
    .map((entry) => ({ ...entry, order: bytesToHex(entry.key.toXdr()) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  return ScVal.scvMap(inOrder.map(({ key, val }) => new ScMapEntry({ key, val })));
}

/** @throws RangeError when the signer is no session */
function sessionUntil(signer: Signer, expiresAtLedger: number): Signer {
  if (signer.role.kind !== 'session') throw new RangeError('An admin does not expire.');
  return { ...signer, role: { ...signer.role, expiresAtLedger } };
}

export const walletCalls = {
  add: (walletId: string, signer: Signer, policies: PolicyInstallation[] = []) =>
    invokeContract(walletId, 'add', [signerToScVal(signer), policiesToScVal(policies)]),
  /**
   * Adds a session whose time has run out, as the indexer has it, under a new id and until another ledger: the same key
   * signs again, and the owner's approval is all it needs. Policies have to be given: policyParameters.ts asks them.
   */
  addSessionAgain: (
    walletId: string,
    signer: Signer,
    expiresAtLedger: number,
    policies: PolicyInstallation[] = [],
  ) => walletCalls.add(walletId, sessionUntil(signer, expiresAtLedger), policies),
  /** Policies that are not named end; those that are named are installed, with these parameters. */
  updateSigner: (
    walletId: string,
    id: number,
    change: { role: Role; coSigners: CoSigners | null; policies: PolicyInstallation[] },
  ) =>
    invokeContract(walletId, 'update_signer', [
      scU32(id),
      roleToScVal(change.role),
      ...coSignersToScVals(change.coSigners),
      policiesToScVal(change.policies),
    ]),
  remove: (walletId: string, id: number) => invokeContract(walletId, 'remove', [scU32(id)]),
  signer: (walletId: string, id: number) => invokeContract(walletId, 'signer', [scU32(id)]),
  /** A few signers a page, from page 0; an empty page is past the end. */
  signers: (walletId: string, page: number) => invokeContract(walletId, 'signers', [scU32(page)]),
  configure: (walletId: string, { adminThreshold, recovery }: Configuration) =>
    invokeContract(walletId, 'configure', [scU32(adminThreshold), scOption(recovery, addressToScVal)]),
  settings: (walletId: string) => invokeContract(walletId, 'settings', []),
  rotateSigner: (walletId: string, id: number, key: SignerKey) =>
    invokeContract(walletId, 'rotate_signer', [scU32(id), signerKeyToScVal(key)]),
  update: (walletId: string, wasmHash: Uint8Array) => invokeContract(walletId, 'update', [scBytes(wasmHash)]),
};

/** What `signers` answers. @throws LatchkeyError SIMULATION_FAILED when it is something else */
export function readSigners(value: ScVal) {
  return readVec(value, readRegisteredSigner);
}

/** What `settings` answers. @throws LatchkeyError SIMULATION_FAILED when it is something else */
export function readSettings(value: ScVal): Settings {
  return {
    adminThreshold: readU32(readField(value, 'admin_threshold')),
    recovery: readOption(readField(value, 'recovery'), readAddress),
    stateVersion: readU32(readField(value, 'state_version')),
  };
}
