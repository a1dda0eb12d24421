// How tests call developers' powers, and the operations they try them on.
import { Address, Asset, nativeToScVal, Operation, type xdr } from '@stellar/stellar-sdk';
import type { Devnet } from '../index.ts';

export type Position = { latestLedger: number; latestLedgerCloseTime: string };

export const callPower = <Result = Position>(net: Devnet, method: string, params?: unknown) =>
  net.rpc(`devnet_${method}`, params) as Promise<Result>;

export const pay = (destination: string, amount = '1'): xdr.Operation =>
  Operation.payment({ destination, asset: Asset.native(), amount });

/** A call of the native asset's contract. */
export const transfer = (net: Devnet, from: string, to: string): xdr.Operation =>
  Operation.invokeContractFunction({
    contract: net.nativeTokenContractId,
    function: 'transfer',
    args: [
      Address.fromString(from).toScVal(),
      Address.fromString(to).toScVal(),
      nativeToScVal(5n, { type: 'i128' }),
    ],
  });
