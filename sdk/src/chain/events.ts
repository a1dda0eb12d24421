// Events of Latchkey's contracts, as getEvents brings them (topics and value): what the wallet, the factory and a
// recovery contract say happened. The readers answer null for everything else, so that a stream of all events can be
// put through them. Who published an event is not known here: anybody's contract can publish one that looks alike.
// Held to the built contracts by events.test.ts.
import type { ScVal } from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { readSigner, readSignerKey, type Signer, type SignerKey } from './signer.ts';
import { readAddress, readBytes, readField, readOption, readU32, readU64 } from './values.ts';

export type WalletEvent =
  | { kind: 'signer-added' | 'signer-updated'; id: number; signer: Signer }
  | { kind: 'signer-removed'; id: number }
  /** the signer keeps its id, role, co-signers and policies */
  | { kind: 'signer-rotated'; id: number; key: SignerKey }
  | { kind: 'policy-added' | 'policy-removed'; id: number; policy: string }
  | { kind: 'configured'; adminThreshold: number; recovery: string | null }
  /** the wallet's code was replaced */
  | { kind: 'updated'; wasmHash: Uint8Array };

export type FactoryEvent = {
  kind: 'wallet-deployed';
  wallet: string;
  deploymentSalt: Uint8Array;
  salt: Uint8Array;
  walletWasmHash: Uint8Array;
};

export type RecoveryEvent =
  | {
      kind: 'rotation-proposed';
      wallet: string;
      id: number;
      key: SignerKey;
      /** unix seconds from which anyone can execute it */
      executableAtSeconds: bigint;
    }
  | { kind: 'rotation-cancelled' | 'rotation-executed'; wallet: string; id: number; key: SignerKey };

type Reader<T> = { topics: number; read: (topic: ScVal, value: ScVal) => T };

/** By the name that is an event's first topic; `topics` counts the others, of which there is one at most. */
const walletReaders: Record<string, Reader<WalletEvent>> = {
  signer_added: {
    topics: 1,
    read: (id, value) => ({
      kind: 'signer-added',
      id: readU32(id),
      signer: readSigner(readField(value, 'signer')),
    }),
  },
  signer_updated: {
    topics: 1,
    read: (id, value) => ({
      kind: 'signer-updated',
      id: readU32(id),
      signer: readSigner(readField(value, 'signer')),
    }),
  },
  signer_removed: { topics: 1, read: (id) => ({ kind: 'signer-removed', id: readU32(id) }) },
  signer_rotated: {
    topics: 1,
    read: (id, value) => ({
      kind: 'signer-rotated',
      id: readU32(id),
      key: readSignerKey(readField(value, 'key')),
    }),
  },
  policy_added: {
    topics: 1,
    read: (id, value) => ({
      kind: 'policy-added',
      id: readU32(id),
      policy: readAddress(readField(value, 'policy')),
    }),
  },
  policy_removed: {
    topics: 1,
    read: (id, value) => ({
      kind: 'policy-removed',
      id: readU32(id),
      policy: readAddress(readField(value, 'policy')),
    }),
  },
  configured: {
    topics: 0,
    read: (_, value) => ({
      kind: 'configured',
      adminThreshold: readU32(readField(value, 'admin_threshold')),
      recovery: readOption(readField(value, 'recovery'), readAddress),
    }),
  },
  updated: {
    topics: 0,
    read: (_, value) => ({ kind: 'updated', wasmHash: readBytes(readField(value, 'wasm_hash')) }),
  },
};

const factoryReaders: Record<string, Reader<FactoryEvent>> = {
  wallet_deployed: {
    topics: 1,
    read: (wallet, value) => ({
      kind: 'wallet-deployed',
      wallet: readAddress(wallet),
      deploymentSalt: readBytes(readField(value, 'deployment_salt')),
      salt: readBytes(readField(value, 'salt')),
      walletWasmHash: readBytes(readField(value, 'wallet_wasm_hash')),
    }),
  },
};

const rotation = (wallet: ScVal, value: ScVal) => ({
  wallet: readAddress(wallet),
  id: readU32(readField(value, 'id')),
  key: readSignerKey(readField(value, 'key')),
});

const recoveryReaders: Record<string, Reader<RecoveryEvent>> = {
  rotation_proposed: {
    topics: 1,
    read: (wallet, value) => ({
      kind: 'rotation-proposed',
      ...rotation(wallet, value),
      executableAtSeconds: readU64(readField(value, 'executable_at')),
    }),
  },
  rotation_cancelled: {
    topics: 1,
    read: (wallet, value) => ({ kind: 'rotation-cancelled', ...rotation(wallet, value) }),
  },
  rotation_executed: {
    topics: 1,
    read: (wallet, value) => ({ kind: 'rotation-executed', ...rotation(wallet, value) }),
  },
};

/** First topics of the events that the readers know: the name, and how many topics follow. */
export const eventTopics = {
  wallet: topicsOf(walletReaders),
  factory: topicsOf(factoryReaders),
  recovery: topicsOf(recoveryReaders),
};

function topicsOf(readers: Record<string, Reader<unknown>>): { name: string; more: number }[] {
  return Object.entries(readers).map(([name, { topics }]) => ({ name, more: topics }));
}

function readWith<T>(readers: Record<string, Reader<T>>, topics: ScVal[], value: ScVal): T | null {
  const [name, topic, ...others] = topics;
  if (name?.type !== 'scvSymbol' || others.length > 0) return null;
  const text = String(name.value);
  const reader = Object.hasOwn(readers, text) ? readers[text] : undefined;
  if (reader === undefined || reader.topics !== topics.length - 1) return null;
  try {
    return reader.read(topic ?? value, value);
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') return null;
    throw error;
  }
}

export function readWalletEvent(topics: ScVal[], value: ScVal): WalletEvent | null {
  return readWith(walletReaders, topics, value);
}

export function readFactoryEvent(topics: ScVal[], value: ScVal): FactoryEvent | null {
  return readWith(factoryReaders, topics, value);
}

export function readRecoveryEvent(topics: ScVal[], value: ScVal): RecoveryEvent | null {
  return readWith(recoveryReaders, topics, value);
}
