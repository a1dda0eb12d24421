// Calls to the factory that makes wallets, and what it answers. What each function guarantees is said in
// contracts/factory/src/factory.rs; contracts.test.ts holds arguments and answers to the built contract.
import type { ScVal } from '@stellar/stellar-sdk/xdr';
import { addressToScVal } from './address.ts';
import { invokeContract } from './contractCall.ts';
import { readBytes, readField, readOption, scBytes, scStruct, scSymbol, scVec } from './values.ts';
import { type WalletInit, walletInitToScVal } from './walletContract.ts';

/** One of the calls that follow a deployment. */
export type FirstCall = { contract: string; functionName: string; args: ScVal[] };

/** The code of a wallet that the factory made: at first, and now. */
export type Provenance = { deployedWasmHash: Uint8Array; presentWasmHash: Uint8Array };

export const factoryCalls = {
  deploy: (factoryId: string, salt: Uint8Array, init: WalletInit) =>
    invokeContract(factoryId, 'deploy', [scBytes(salt), walletInitToScVal(init)]),
  deployAndCall: (factoryId: string, salt: Uint8Array, init: WalletInit, calls: FirstCall[]) =>
    invokeContract(factoryId, 'deploy_and_call', [
      scBytes(salt),
      walletInitToScVal(init),
      scVec(calls.map(firstCallToScVal)),
    ]),
  addressOf: (factoryId: string, salt: Uint8Array, init: WalletInit) =>
    invokeContract(factoryId, 'address_of', [scBytes(salt), walletInitToScVal(init)]),
  provenance: (factoryId: string, walletId: string, deploymentSalt: Uint8Array) =>
    invokeContract(factoryId, 'provenance', [addressToScVal(walletId), scBytes(deploymentSalt)]),
  walletWasmHash: (factoryId: string) => invokeContract(factoryId, 'wallet_wasm_hash', []),
};

function firstCallToScVal({ contract, functionName, args }: FirstCall): ScVal {
  return scStruct({
    arguments: scVec(args),
    contract: addressToScVal(contract),
    function: scSymbol(functionName),
  });
}

/** What `provenance` answers. @throws LatchkeyError SIMULATION_FAILED when it is something else */
export function readProvenance(value: ScVal): Provenance | null {
  return readOption(value, (provenance) => ({
    deployedWasmHash: readBytes(readField(provenance, 'deployed_wasm_hash')),
    presentWasmHash: readBytes(readField(provenance, 'present_wasm_hash')),
  }));
}
