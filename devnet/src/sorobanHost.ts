// The engine's operations with typed inputs and outputs; payloads stay encoded XDR. One instance per network,
// because the engine caches that network's settings and compiled modules. Wrong layouts fail loudly (EngineError).
import type { Engine, LookUp } from './engine.ts';
import { type FrameReader, FrameWriter } from './engineFrame.ts';

const OPERATION = {
  version: 0,
  costParams: 1,
  simulateInvoke: 3,
  simulateExtend: 4,
  simulateRestore: 5,
  applyInvoke: 6,
  resourceFee: 7,
  rentFee: 8,
  entryRentSize: 9,
} as const;

const FLAG_ENFORCE_AUTH = 1;
const FLAG_ROOT_AUTH_ONLY = 2;
const FLAG_ADDRESS_V2 = 4;

const OUTCOME_SUCCESS = 0;
const OUTCOME_ENTRY_ARCHIVED = 2;

/** The ledger that the host believes it runs in. */
export type HostLedger = {
  readonly protocolVersion: number;
  readonly sequence: number;
  readonly closeTimeSeconds: number;
  readonly networkId: Uint8Array;
  readonly baseReserveStroops: number;
};

export type InvokeSimulation = {
  /** Encoded ScVal, or null when the invocation failed. */
  readonly returnValue: Uint8Array | null;
  /** The host's error with its event log, or null. */
  readonly error: string | null;
  /** Encoded SorobanTransactionData, or null when the invocation failed. */
  readonly transactionData: Uint8Array | null;
  readonly instructions: number;
  readonly memoryBytes: number;
  readonly auth: readonly Uint8Array[];
  readonly diagnosticEvents: readonly Uint8Array[];
  readonly changes: readonly { before: Uint8Array | null; after: Uint8Array | null }[];
};

export type EntryOutcome = {
  readonly key: Uint8Array;
  readonly readOnly: boolean;
  /** The encoded LedgerEntry (last-modified ledger 0), or null: deleted if read-write, unchanged if read-only. */
  readonly after: Uint8Array | null;
  readonly ttl: { keyHash: Uint8Array; oldLiveUntil: number; newLiveUntil: number } | null;
};

export type InvokeOutcome =
  | { readonly kind: 'archived'; readonly footprintIndex: number }
  | {
      readonly kind: 'failed';
      readonly instructions: bigint;
      readonly memoryBytes: bigint;
      readonly diagnosticEvents: readonly Uint8Array[];
      readonly error: string;
    }
  | {
      readonly kind: 'success';
      readonly instructions: bigint;
      readonly memoryBytes: bigint;
      readonly diagnosticEvents: readonly Uint8Array[];
      readonly returnValue: Uint8Array;
      readonly rentFeeStroops: bigint;
      readonly events: readonly Uint8Array[];
      readonly entries: readonly EntryOutcome[];
    };

export type DeclaredResources = {
  readonly instructions: number;
  readonly diskReadEntries: number;
  readonly writeEntries: number;
  readonly diskReadBytes: number;
  readonly writeBytes: number;
  readonly eventBytes: number;
  readonly transactionBytes: number;
};

export type RentChange = {
  readonly isPersistent: boolean;
  readonly isCode: boolean;
  readonly oldSizeBytes: number;
  readonly newSizeBytes: number;
  readonly oldLiveUntil: number;
  readonly newLiveUntil: number;
};

export class SorobanHost {
  readonly #engine: Engine;
  readonly #lookUp: LookUp;
  readonly protocolVersion: number;

  constructor(engine: Engine, lookUp: LookUp) {
    this.#engine = engine;
    this.#lookUp = lookUp;
    this.protocolVersion = this.#call(OPERATION.version, new FrameWriter()).u32();
  }

  /** The cost parameters this protocol was calibrated with, each an encoded ContractCostParams. */
  costParams(): { cpu: Uint8Array; memory: Uint8Array } {
    const reply = this.#call(OPERATION.costParams, new FrameWriter());
    return { cpu: reply.bytes(), memory: reply.bytes() };
  }

  simulateInvoke(
    ledger: HostLedger,
    input: {
      hostFunction: Uint8Array;
      source: Uint8Array;
      seed: Uint8Array;
      auth: readonly Uint8Array[];
      authMode: 'enforce' | 'record' | 'record_allow_nonroot';
      useAddressV2: boolean;
      instructionLeeway: number;
    },
    lookUp: LookUp = this.#lookUp,
  ): InvokeSimulation {
    const flags =
      (input.authMode === 'enforce' ? FLAG_ENFORCE_AUTH : 0) |
      (input.authMode === 'record_allow_nonroot' ? 0 : FLAG_ROOT_AUTH_ONLY) |
      (input.useAddressV2 ? FLAG_ADDRESS_V2 : 0);
    const frame = ledgerFrame(ledger)
      .bytes(input.hostFunction)
      .bytes(input.source)
      .bytes(input.seed)
      .u32(flags)
      .u32(input.instructionLeeway)
      .list(input.auth);
    const reply = this.#call(OPERATION.simulateInvoke, frame, lookUp);
    const returnValue = reply.optional();
    const error = reply.optional();
    const transactionData = reply.optional();
    const instructions = reply.u32();
    const memoryBytes = reply.u32();
    const auth = reply.list();
    reply.list(); // the contract events are among the diagnostic ones
    const diagnosticEvents = reply.list();
    const changes = Array.from({ length: reply.u32() }, () => ({
      before: reply.optional(),
      after: reply.optional(),
    }));
    return {
      returnValue,
      error: error && new TextDecoder().decode(error),
      transactionData,
      instructions,
      memoryBytes,
      auth,
      diagnosticEvents,
      changes,
    };
  }

  /** Returns the encoded SorobanTransactionData. */
  simulateExtend(ledger: HostLedger, extendTo: number, keys: readonly Uint8Array[]): Uint8Array {
    return this.#call(OPERATION.simulateExtend, ledgerFrame(ledger).u32(extendTo).list(keys)).bytes();
  }

  /** Returns the encoded SorobanTransactionData. */
  simulateRestore(ledger: HostLedger, keys: readonly Uint8Array[]): Uint8Array {
    return this.#call(OPERATION.simulateRestore, ledgerFrame(ledger).list(keys)).bytes();
  }

  applyInvoke(
    ledger: HostLedger,
    input: {
      hostFunction: Uint8Array;
      source: Uint8Array;
      seed: Uint8Array;
      auth: readonly Uint8Array[];
      resources: Uint8Array;
      restoredIndices: readonly number[];
    },
    lookUp: LookUp,
  ): InvokeOutcome {
    const frame = ledgerFrame(ledger)
      .bytes(input.hostFunction)
      .bytes(input.source)
      .bytes(input.seed)
      .list(input.auth)
      .bytes(input.resources)
      .u32List(input.restoredIndices);
    const reply = this.#call(OPERATION.applyInvoke, frame, lookUp);
    const outcome = reply.u32();
    if (outcome === OUTCOME_ENTRY_ARCHIVED) return { kind: 'archived', footprintIndex: reply.u32() };
    const metered = { instructions: reply.u64(), memoryBytes: reply.u64(), diagnosticEvents: reply.list() };
    if (outcome !== OUTCOME_SUCCESS) return { kind: 'failed', ...metered, error: reply.text() };
    return {
      kind: 'success',
      ...metered,
      returnValue: reply.bytes(),
      rentFeeStroops: reply.i64(),
      events: reply.list(),
      entries: Array.from({ length: reply.u32() }, () => readEntryOutcome(reply)),
    };
  }

  /** Non-refundable fee, and the refundable fee for `eventBytes`, in stroops. */
  resourceFee(resources: DeclaredResources): { nonRefundableStroops: bigint; eventsStroops: bigint } {
    const frame = new FrameWriter()
      .u32(resources.instructions)
      .u32(resources.diskReadEntries)
      .u32(resources.writeEntries)
      .u32(resources.diskReadBytes)
      .u32(resources.writeBytes)
      .u32(resources.eventBytes)
      .u32(resources.transactionBytes);
    const reply = this.#call(OPERATION.resourceFee, frame);
    return { nonRefundableStroops: reply.i64(), eventsStroops: reply.i64() };
  }

  rentFee(ledgerSequence: number, changes: readonly RentChange[]): bigint {
    const words = changes.flatMap((change) => [
      change.isPersistent ? 1 : 0,
      change.isCode ? 1 : 0,
      change.oldSizeBytes,
      change.newSizeBytes,
      change.oldLiveUntil,
      change.newLiveUntil,
    ]);
    return this.#call(OPERATION.rentFee, new FrameWriter().u32(ledgerSequence).u32List(words)).i64();
  }

  entryRentSize(entry: Uint8Array): number {
    return this.#call(OPERATION.entryRentSize, new FrameWriter().bytes(entry)).u32();
  }

  #call(operation: number, frame: FrameWriter, lookUp: LookUp = this.#lookUp): FrameReader {
    return this.#engine.call(operation, frame.frame(), lookUp);
  }
}

function ledgerFrame(ledger: HostLedger): FrameWriter {
  return new FrameWriter()
    .u32(ledger.protocolVersion)
    .u32(ledger.sequence)
    .u64(BigInt(ledger.closeTimeSeconds))
    .bytes(ledger.networkId)
    .u32(ledger.baseReserveStroops);
}

function readEntryOutcome(reply: FrameReader): EntryOutcome {
  const key = reply.bytes();
  const readOnly = reply.u32() !== 0;
  const after = reply.optional();
  const keyHash = reply.optional();
  return {
    key,
    readOnly,
    after,
    ttl: keyHash && { keyHash, oldLiveUntil: reply.u32(), newLiveUntil: reply.u32() },
  };
}
