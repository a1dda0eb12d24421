// A call of a contract as a host function, and where a contract's instance is kept on the ledger. Whether the contract
// has the function is not known here.
import {
  ContractDataDurability,
  HostFunction,
  InvokeContractArgs,
  LedgerKey,
  LedgerKeyContractData,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { parseAddress } from './address.ts';

export function invokeContract(contractId: string, functionName: string, args: ScVal[]): HostFunction {
  return HostFunction.hostFunctionTypeInvokeContract(
    new InvokeContractArgs({ contractAddress: parseAddress(contractId, 'contractId'), functionName, args }),
  );
}

/** Ledger key of a contract's instance: present exactly when the contract exists. */
export function contractInstanceKey(contractId: string): LedgerKey {
  return LedgerKey.contractData(
    new LedgerKeyContractData({
      contract: parseAddress(contractId, 'contractId'),
      key: ScVal.scvLedgerKeyContractInstance(),
      durability: ContractDataDurability.persistent,
    }),
  );
}
