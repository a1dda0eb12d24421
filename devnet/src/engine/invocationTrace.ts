// What a traced invocation tells: the tree of calls, and in each frame what was demanded, emitted and spent. Payloads
// stay encoded XDR. Two costs are not where one might look for them: loading a contract is paid by its caller, and
// memory is counted as far as it raised the peak of the whole invocation.
import type { FrameReader } from './engineFrame.ts';

/** A `require_auth` or `require_auth_for_args` that ran in a frame. */
export type TraceDemand = {
  /** Encoded ScAddress; null where the host ran out of a limit before it could be told. */
  readonly address: Uint8Array | null;
  /** Encoded ScVal vector; null where they are the frame's own arguments. */
  readonly args: Uint8Array | null;
  readonly isMet: boolean;
};

export type TraceFrame = {
  /** `contract` runs wasm, `asset` is the host's asset contract, `host_function` what the operation asked for. */
  readonly kind: 'contract' | 'asset' | 'host_function';
  /** Encoded ScAddress; null in a `host_function` frame. */
  readonly contract: Uint8Array | null;
  /** The contract's function, or the name of the host function, such as `InvokeContract`. */
  readonly function: string;
  /** Encoded ScVals. */
  readonly args: readonly Uint8Array[];
  /** Encoded ScVal, or null when the frame failed. */
  readonly returnValue: Uint8Array | null;
  /** The host's error, such as `Error(Contract, #3)`, or null. */
  readonly error: string | null;
  /** Encoded ContractEvents of this frame alone, also those that a later failure took back. */
  readonly events: readonly Uint8Array[];
  readonly demands: readonly TraceDemand[];
  /** Of this frame with the calls it made. */
  readonly instructions: bigint;
  /** Of this frame without the calls it made. */
  readonly ownInstructions: bigint;
  readonly memoryBytes: bigint;
  readonly ownMemoryBytes: bigint;
  readonly calls: readonly TraceFrame[];
};

export type InvocationTrace = {
  /** Of the whole invocation, decoding and writing of the result included. */
  readonly instructions: bigint;
  readonly memoryBytes: bigint;
  /** Encoded ScVal, or null when the invocation failed. */
  readonly returnValue: Uint8Array | null;
  /** The host's error with its event log, or null. */
  readonly error: string | null;
  readonly diagnosticEvents: readonly Uint8Array[];
  /** The frame of the host function; null when the invocation failed before it began. */
  readonly root: TraceFrame | null;
};

/** Reads what follows the outcome word of the engine's reply. */
export function readInvocationTrace(reply: FrameReader): InvocationTrace {
  const instructions = reply.u64();
  const memoryBytes = reply.u64();
  const returnValue = reply.optional();
  const error = reply.optional();
  const diagnosticEvents = reply.list();
  const frames = Array.from({ length: reply.u32() }, () => readFrame(reply));
  return {
    instructions,
    memoryBytes,
    returnValue,
    error: error && new TextDecoder().decode(error),
    diagnosticEvents,
    root: treeOf(frames),
  };
}

type FlatFrame = Omit<TraceFrame, 'calls' | 'ownInstructions' | 'ownMemoryBytes'> & {
  readonly parent: number;
};

function readFrame(reply: FrameReader): FlatFrame {
  const parent = reply.u32();
  const kind = reply.text();
  const contract = reply.optional();
  const functionName = reply.text();
  const args = reply.list();
  const returnValue = reply.optional();
  const error = reply.optional();
  const instructions = reply.u64();
  const memoryBytes = reply.u64();
  const events = reply.list();
  const demands = Array.from({ length: reply.u32() }, () => ({
    isMet: reply.u32() !== 0,
    address: reply.optional(),
    args: reply.optional(),
  }));
  const isHostFunction = kind !== 'VM' && kind !== 'SAC';
  return {
    parent,
    kind: isHostFunction ? 'host_function' : kind === 'VM' ? 'contract' : 'asset',
    contract,
    function: isHostFunction ? kind : functionName,
    args,
    returnValue,
    error: error && new TextDecoder().decode(error),
    instructions,
    memoryBytes,
    events,
    demands,
  };
}

/** Parents come before their calls, so building from the end finds every call built. */
function treeOf(frames: readonly FlatFrame[]): TraceFrame | null {
  const calls = frames.map((): TraceFrame[] => []);
  let root: TraceFrame | null = null;
  for (let index = frames.length - 1; index >= 0; index--) {
    const { parent, ...frame } = frames[index]!;
    const own = calls[index]!.reverse();
    const spent = (of: (call: TraceFrame) => bigint) => own.reduce((sum, call) => sum + of(call), 0n);
    const built = {
      ...frame,
      ownInstructions: frame.instructions - spent((call) => call.instructions),
      ownMemoryBytes: frame.memoryBytes - spent((call) => call.memoryBytes),
      calls: own,
    };
    if (index === 0) root = built;
    else calls[parent]!.push(built);
  }
  return root;
}
