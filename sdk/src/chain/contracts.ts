// Calls to the Latchkey contracts and to SEP-41 tokens as host functions, and their values back into plain objects.
// Nothing here touches the network. Argument order and struct fields follow contracts/README.md and are held to the
// contracts' own specification by contracts.test.ts.
import {
  ContractDataDurability,
  HostFunction,
  Int128Parts,
  InvokeContractArgs,
  LedgerKey,
  LedgerKeyContractData,
  ScMapEntry,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { addressToScVal, parseAddress, scValToAddress } from './address.ts';

export type PasskeySigner = {
  /** 65 bytes, uncompressed SEC1 point on P-256 */
  publicKey: Uint8Array;
  credentialId: Uint8Array;
  /** sha256 of the relying party id */
  rpIdHash: Uint8Array;
  origin: string;
};

export type WalletInit = {
  signer: PasskeySigner;
  guardian: string | null;
  rotationDelaySeconds: bigint;
};

const TWO_64 = 1n << 64n;

export const scSymbol = (name: string) => ScVal.scvSymbol(name);
export const scBytes = (bytes: Uint8Array) => ScVal.scvBytes(bytes);
export const scU64 = (value: bigint) => ScVal.scvU64(value);
export const scI128 = (value: bigint) =>
  ScVal.scvI128(new Int128Parts({ hi: value >> 64n, lo: BigInt.asUintN(64, value) }));

/** A `#[contracttype]` struct: a map with its field names as symbols, in the order the host demands (sorted). */
function scStruct(fields: Record<string, ScVal>): ScVal {
  return ScVal.scvMap(
    Object.keys(fields)
      .sort()
      .map((name) => new ScMapEntry({ key: scSymbol(name), val: fields[name]! })),
  );
}

export function passkeyToScVal(signer: PasskeySigner): ScVal {
  return scStruct({
    public_key: scBytes(signer.publicKey),
    credential_id: scBytes(signer.credentialId),
    rp_id_hash: scBytes(signer.rpIdHash),
    origin: ScVal.scvString(signer.origin),
  });
}

export function walletInitToScVal(init: WalletInit): ScVal {
  return scStruct({
    signer: passkeyToScVal(init.signer),
    guardian: init.guardian === null ? ScVal.scvVoid() : addressToScVal(init.guardian),
    rotation_delay_seconds: scU64(init.rotationDelaySeconds),
  });
}

export function invokeContract(contractId: string, functionName: string, args: ScVal[]): HostFunction {
  return HostFunction.hostFunctionTypeInvokeContract(
    new InvokeContractArgs({ contractAddress: parseAddress(contractId, 'contractId'), functionName, args }),
  );
}

export const factoryCalls = {
  deploy: (factoryId: string, salt: Uint8Array, init: WalletInit) =>
    invokeContract(factoryId, 'deploy', [scBytes(salt), walletInitToScVal(init)]),
  addressOf: (factoryId: string, salt: Uint8Array, init: WalletInit) =>
    invokeContract(factoryId, 'address_of', [scBytes(salt), walletInitToScVal(init)]),
};

export const walletCalls = {
  rotateSigner: (walletId: string, signer: PasskeySigner) =>
    invokeContract(walletId, 'rotate_signer', [passkeyToScVal(signer)]),
  proposeRotation: (walletId: string, signer: PasskeySigner) =>
    invokeContract(walletId, 'propose_rotation', [passkeyToScVal(signer)]),
  cancelRotation: (walletId: string) => invokeContract(walletId, 'cancel_rotation', []),
  executeRotation: (walletId: string) => invokeContract(walletId, 'execute_rotation', []),
  pendingRotation: (walletId: string) => invokeContract(walletId, 'pending_rotation', []),
  recovery: (walletId: string) => invokeContract(walletId, 'recovery', []),
  signer: (walletId: string) => invokeContract(walletId, 'signer', []),
};

/** SEP-41 token interface. */
export const tokenCalls = {
  transfer: (tokenId: string, from: string, to: string, amount: bigint) =>
    invokeContract(tokenId, 'transfer', [addressToScVal(from), addressToScVal(to), scI128(amount)]),
  balance: (tokenId: string, address: string) =>
    invokeContract(tokenId, 'balance', [addressToScVal(address)]),
  decimals: (tokenId: string) => invokeContract(tokenId, 'decimals', []),
  symbol: (tokenId: string) => invokeContract(tokenId, 'symbol', []),
};

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

export function scValToI128(value: ScVal | undefined): bigint | null {
  return value?.type === 'scvI128' ? value.value.hi * TWO_64 + value.value.lo : null;
}

/** Value of a struct's field, or undefined. */
export function structField(value: ScVal, field: string): ScVal | undefined {
  if (value.type !== 'scvMap' || !value.value) return undefined;
  return value.value.find((entry) => entry.key.type === 'scvSymbol' && String(entry.key.value) === field)
    ?.val;
}

/** What a transfer's invocation says, read from the entry that is signed; null when it is any other call. */
export type TransferCall = { token: string; from: string; to: string; amount: bigint };

export function readTransferCall(call: InvokeContractArgs): TransferCall | null {
  if (String(call.functionName) !== 'transfer' || call.args.length !== 3) return null;
  const [from, to] = [scValToAddress(call.args[0]), scValToAddress(call.args[1])];
  const amount = scValToI128(call.args[2]);
  if (from === null || to === null || amount === null) return null;
  return { token: String(call.contractAddress.toJson()), from, to, amount };
}

/** Signature value of a classic account (G…) in an authorization entry: one ed25519 key and its signature. */
export function accountSignature(publicKey: Uint8Array, signature: Uint8Array): ScVal {
  return ScVal.scvVec([scStruct({ public_key: scBytes(publicKey), signature: scBytes(signature) })]);
}
