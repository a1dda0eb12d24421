// Calls to tokens (SEP-41), and what a transfer that is about to be signed says. Whether a contract keeps to SEP-41 is
// for whoever calls it to find out.
import type { InvokeContractArgs } from '@stellar/stellar-sdk/xdr';
import { addressToScVal, scValToAddress } from './address.ts';
import { invokeContract } from './contractCall.ts';
import { recipientToScVal } from './recipient.ts';
import { scI128, scValToI128 } from './values.ts';

export const tokenCalls = {
  /** `to` may be an M… address; asset contracts take those, other tokens may not. */
  transfer: (tokenId: string, from: string, to: string, amount: bigint) =>
    invokeContract(tokenId, 'transfer', [addressToScVal(from), recipientToScVal(to), scI128(amount)]),
  balance: (tokenId: string, address: string) =>
    invokeContract(tokenId, 'balance', [addressToScVal(address)]),
  decimals: (tokenId: string) => invokeContract(tokenId, 'decimals', []),
  symbol: (tokenId: string) => invokeContract(tokenId, 'symbol', []),
};

export type TransferCall = { token: string; from: string; to: string; amount: bigint };

/** What a transfer's invocation says, read from the entry that is signed; null when it is any other call. */
export function readTransferCall(call: InvokeContractArgs): TransferCall | null {
  if (String(call.functionName) !== 'transfer' || call.args.length !== 3) return null;
  const [from, to] = [scValToAddress(call.args[0]), scValToAddress(call.args[1])];
  const amount = scValToI128(call.args[2]);
  if (from === null || to === null || amount === null) return null;
  return { token: String(call.contractAddress.toJson()), from, to, amount };
}
