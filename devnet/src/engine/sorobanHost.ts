// The engine's operations with typed inputs and outputs; payloads stay encoded XDR. One instance per network, while
// networks share an engine: it knows a network's settings by a key made from their content. The owner of the ledger
// tells when a setting changed; nobody checks that. Wrong layouts fail loudly (EngineError).
import type { Engine, LookUp } from './engine.ts';
import { type FrameReader, FrameWriter } from './engineFrame.ts';
import { type InvocationTrace, readInvocationTrace } from './invocationTrace.ts';
import { settingsKey } from './settingsKey.ts';

export const OPERATION = {
  version: 0,
  costParams: 1,
  simulateInvoke: 3,
  simulateExtend: 4,
  simulateRestore: 5,
  applyInvoke: 6,
  resourceFee: 7,
  rentFee: 8,
  entryRentSize: 9,
  traceInvoke: 10,
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

/** What an invocation and its simulation have in common. */
type Invocation = {
  /** Encoded HostFunction. */
  readonly hostFunction: Uint8Array;
  /** Encoded AccountId of the operation's source. */
  readonly source: Uint8Array;
  readonly seed: Uint8Array;
  /** Encoded SorobanAuthorizationEntries. */
  readonly auth: readonly Uint8Array[];
  /**
   * Encoded ScAddress whose signatures are not checked. Its authorization entries must be there all the same, as
   * simulation records them; what signature they carry does not matter, and neither does an expiry that has passed.
   */
  readonly impersonated?: Uint8Array | null;
};

export type AuthMode = 'enforce' | 'record' | 'record_allow_nonroot';

export type SimulationInput = Invocation & {
  readonly authMode: AuthMode;
  readonly useAddressV2: boolean;
  readonly instructionLeeway: number;
};

export type ApplyInput = Invocation & {
  /** Encoded SorobanResources. */
  readonly resources: Uint8Array;
  readonly restoredIndices: readonly number[];
};

export type TraceInput = Invocation & {
  readonly authMode: AuthMode;
  /** Encoded SorobanResources; null to find the footprint as simulation does. */
  readonly resources: Uint8Array | null;
  readonly restoredIndices: readonly number[];
};

export type TraceOutcome =
  | { readonly kind: 'archived'; readonly footprintIndex: number }
  | { readonly kind: 'traced'; readonly trace: InvocationTrace };

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
  #settingsKey: bigint | null = null;
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
    input: SimulationInput,
    lookUp: LookUp = this.#lookUp,
  ): InvokeSimulation {
    const frame = this.#ledgerFrame(ledger, lookUp)
      .bytes(input.hostFunction)
      .bytes(input.source)
      .bytes(input.seed)
      .u32(flagsOf(input.authMode) | (input.useAddressV2 ? FLAG_ADDRESS_V2 : 0))
      .u32(input.instructionLeeway)
      .list(input.auth)
      .optional(input.impersonated ?? null);
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
  simulateExtend(
    ledger: HostLedger,
    extendTo: number,
    keys: readonly Uint8Array[],
    lookUp: LookUp = this.#lookUp,
  ): Uint8Array {
    const frame = this.#ledgerFrame(ledger, lookUp).u32(extendTo).list(keys);
    return this.#call(OPERATION.simulateExtend, frame, lookUp).bytes();
  }

  /** Returns the encoded SorobanTransactionData. */
  simulateRestore(ledger: HostLedger, keys: readonly Uint8Array[]): Uint8Array {
    return this.#call(OPERATION.simulateRestore, this.#ledgerFrame(ledger).list(keys)).bytes();
  }

  applyInvoke(ledger: HostLedger, input: ApplyInput, lookUp: LookUp): InvokeOutcome {
    const frame = this.#ledgerFrame(ledger, lookUp)
      .bytes(input.hostFunction)
      .bytes(input.source)
      .bytes(input.seed)
      .list(input.auth)
      .bytes(input.resources)
      .u32List(input.restoredIndices)
      .optional(input.impersonated ?? null);
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

  /**
   * Runs an invocation and tells what happened in it; nothing of it is applied. `instructions` are those of the same
   * invocation without a trace.
   */
  traceInvoke(ledger: HostLedger, input: TraceInput, lookUp: LookUp = this.#lookUp): TraceOutcome {
    const frame = this.#ledgerFrame(ledger, lookUp)
      .bytes(input.hostFunction)
      .bytes(input.source)
      .bytes(input.seed)
      .u32(flagsOf(input.authMode))
      .list(input.auth)
      .optional(input.resources)
      .u32List(input.restoredIndices)
      .optional(input.impersonated ?? null);
    const reply = this.#call(OPERATION.traceInvoke, frame, lookUp);
    if (reply.u32() === OUTCOME_ENTRY_ARCHIVED) return { kind: 'archived', footprintIndex: reply.u32() };
    return { kind: 'traced', trace: readInvocationTrace(reply) };
  }

  /** Non-refundable fee, and the refundable fee for `eventBytes`, in stroops. */
  resourceFee(resources: DeclaredResources): { nonRefundableStroops: bigint; eventsStroops: bigint } {
    const frame = this.#settingsFrame()
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
    return this.#call(OPERATION.rentFee, this.#settingsFrame().u32(ledgerSequence).u32List(words)).i64();
  }

  /** The bytes an entry is charged rent for, which are also those it adds to the live Soroban state. */
  entryRentSize(entry: Uint8Array): number {
    return this.#call(OPERATION.entryRentSize, this.#settingsFrame().bytes(entry)).u32();
  }

  /** To be called whenever a network setting in the ledger has changed. */
  settingsChanged(): void {
    this.#settingsKey = null;
  }

  #settingsFrame(lookUp: LookUp = this.#lookUp): FrameWriter {
    this.#settingsKey ??= settingsKey(lookUp);
    return new FrameWriter().u64(this.#settingsKey);
  }

  #ledgerFrame(ledger: HostLedger, lookUp: LookUp = this.#lookUp): FrameWriter {
    return this.#settingsFrame(lookUp)
      .u32(ledger.protocolVersion)
      .u32(ledger.sequence)
      .u64(BigInt(ledger.closeTimeSeconds))
      .bytes(ledger.networkId)
      .u32(ledger.baseReserveStroops);
  }

  #call(operation: number, frame: FrameWriter, lookUp: LookUp = this.#lookUp): FrameReader {
    return this.#engine.call(operation, frame.frame(), lookUp);
  }
}

function flagsOf(authMode: AuthMode): number {
  if (authMode === 'enforce') return FLAG_ENFORCE_AUTH;
  return authMode === 'record' ? FLAG_ROOT_AUTH_ONLY : 0;
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
