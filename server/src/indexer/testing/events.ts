// Events as a node brings them, made by hand: for what no contract of ours would ever publish.
import {
  addressToScVal,
  type Signer,
  scBytes,
  scI128,
  scOption,
  scStruct,
  scSymbol,
  scU32,
  signerToScVal,
} from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import type { ChainEvent } from '../decode.ts';

export function contractId(byte: number): string {
  return StrKey.encodeContract(Buffer.alloc(32, byte));
}

let nextEvent = 0;

export function chainEvent(ledger: number, contract: string, topic: ScVal[], value: ScVal): ChainEvent {
  const toid = String((BigInt(ledger) << 32n) | (1n << 12n)).padStart(19, '0');
  return {
    id: `${toid}-${String(nextEvent++).padStart(10, '0')}`,
    type: 'contract',
    ledger,
    ledgerClosedAt: '2026-11-21T00:00:00Z',
    contractId: contract,
    txHash: 'ab'.repeat(32),
    topic: topic.map((it) => it.toXdr('base64')),
    value: value.toXdr('base64'),
  };
}

export const events = {
  deployed: (ledger: number, factory: string, wallet: string, wasmHash = 1) =>
    chainEvent(
      ledger,
      factory,
      [scSymbol('wallet_deployed'), addressToScVal(wallet)],
      scStruct({
        deployment_salt: scBytes(new Uint8Array(32)),
        salt: scBytes(new Uint8Array(32)),
        wallet_wasm_hash: scBytes(new Uint8Array(32).fill(wasmHash)),
      }),
    ),
  configured: (ledger: number, wallet: string, guardian: string | null) =>
    chainEvent(
      ledger,
      wallet,
      [scSymbol('configured')],
      scStruct({ admin_threshold: scU32(1), recovery: scOption(guardian, addressToScVal) }),
    ),
  updated: (ledger: number, wallet: string, wasmHash: number) =>
    chainEvent(
      ledger,
      wallet,
      [scSymbol('updated')],
      scStruct({ wasm_hash: scBytes(new Uint8Array(32).fill(wasmHash)) }),
    ),
  signerAdded: (ledger: number, wallet: string, id: number, signer: Signer) =>
    chainEvent(
      ledger,
      wallet,
      [scSymbol('signer_added'), scU32(id)],
      scStruct({ signer: signerToScVal(signer) }),
    ),
  signer: (ledger: number, wallet: string, name: string, id: number, fields: Record<string, ScVal> = {}) =>
    chainEvent(ledger, wallet, [scSymbol(name), scU32(id)], scStruct(fields)),
  rotation: (ledger: number, contract: string, name: string, wallet: string, fields: Record<string, ScVal>) =>
    chainEvent(ledger, contract, [scSymbol(name), addressToScVal(wallet)], scStruct(fields)),
  transfer: (ledger: number, token: string, from: string, to: string, amount: bigint, asset?: string) =>
    chainEvent(
      ledger,
      token,
      [
        scSymbol('transfer'),
        addressToScVal(from),
        addressToScVal(to),
        ...(asset === undefined ? [] : [ScVal.scvString(asset)]),
      ],
      scI128(amount),
    ),
};
