// Loads the Soroban host (wasm) and calls it; runs in Node and in browsers. Any number of networks can share one: it
// keeps no ledger, every call brings a look-up for the entries it reads. Guarantees that a host panic (a wasm trap)
// surfaces as an EngineError and leaves the next call a fresh instance. It does not look into what it carries.
import { FrameReader } from './engineFrame.ts';

/** Linear memory never shrinks; past this size the instance is thrown away after the call. */
const MEMORY_LIMIT_BYTES = 192 * 1024 * 1024;
const ANSWER_HEADER_BYTES = 12;
const NO_ENTRY = 0;
const LOOK_UP_FAILED = 1;

export type EngineErrorCode =
  | 'ENGINE_TRAPPED'
  | 'ENGINE_MALFORMED'
  | 'ENGINE_LEDGER'
  | 'ENGINE_HOST'
  | 'ENGINE_BUSY';

const STATUS_CODES: readonly EngineErrorCode[] = [
  'ENGINE_TRAPPED',
  'ENGINE_MALFORMED',
  'ENGINE_LEDGER',
  'ENGINE_HOST',
];

export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/**
 * Finds an entry by the XDR of its LedgerKey. `liveUntilLedger` is null for entries without a TTL. What it throws ends
 * the call and reaches the caller as it is.
 */
export type LookUp = (key: Uint8Array) => { xdr: Uint8Array; liveUntilLedger: number | null } | null;

type EngineExports = {
  memory: WebAssembly.Memory;
  alloc(length: number): number;
  dealloc(address: number, length: number): void;
  call(operation: number, input: number, length: number): number;
  init(): void;
};

const noLedger: LookUp = () => null;

export class Engine {
  readonly #module: WebAssembly.Module;
  #exports: EngineExports | null = null;
  #lookUp: LookUp = noLedger;
  #lookUpFailure: { readonly error: unknown } | null = null;
  #isBusy = false;
  #panicText: string | null = null;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** What the instance holds now: it grows with what was asked, and falls only when a new instance takes over. */
  get memoryBytes(): number {
    return this.#exports?.memory.buffer.byteLength ?? 0;
  }

  /**
   * Runs one operation and returns the reply, positioned after its status word.
   * @throws EngineError when the host refuses the input or panics; whatever the look-up throws.
   */
  call(operation: number, frame: Uint8Array, lookUp: LookUp = noLedger): FrameReader {
    const reader = new FrameReader(this.reply(operation, frame, lookUp));
    const status = reader.u32();
    if (status !== 0) throw new EngineError(STATUS_CODES[status] ?? 'ENGINE_HOST', reader.text());
    return reader;
  }

  /** The reply as it is, status word first. @throws as `call` does, but not for a status. */
  reply(operation: number, frame: Uint8Array, lookUp: LookUp = noLedger): Uint8Array {
    if (this.#isBusy) throw new EngineError('ENGINE_BUSY', 'a look-up called the engine that waits for it');
    const exports = this.#instance();
    this.#isBusy = true;
    this.#lookUp = lookUp;
    this.#lookUpFailure = null;
    let reply: Uint8Array;
    try {
      const input = exports.alloc(frame.length) >>> 0;
      new Uint8Array(exports.memory.buffer, input, frame.length).set(frame);
      const block = exports.call(operation, input, frame.length) >>> 0;
      exports.dealloc(input, frame.length);
      const length = new DataView(exports.memory.buffer).getUint32(block, true);
      reply = new Uint8Array(exports.memory.buffer, block + 4, length).slice();
      exports.dealloc(block, length + 4);
    } catch (cause) {
      this.#exports = null;
      throw new EngineError('ENGINE_TRAPPED', this.#panicText ?? 'the host trapped', { cause });
    } finally {
      this.#lookUp = noLedger;
      this.#isBusy = false;
    }
    if (exports.memory.buffer.byteLength > MEMORY_LIMIT_BYTES) this.#exports = null;
    const failure = this.#lookUpFailure as { readonly error: unknown } | null;
    if (failure) throw failure.error;
    return reply;
  }

  #instance(): EngineExports {
    if (this.#exports) return this.#exports;
    this.#panicText = null;
    const imports = {
      env: {
        get_entry: (address: number, length: number) => this.#answer(address >>> 0, length >>> 0),
        log_panic: (address: number, length: number) => {
          this.#panicText = new TextDecoder().decode(this.#read(address >>> 0, length >>> 0));
        },
      },
    };
    const instance = new WebAssembly.Instance(this.#module, imports);
    this.#exports = instance.exports as unknown as EngineExports;
    this.#exports.init();
    return this.#exports;
  }

  #read(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#instance().memory.buffer, address, length).slice();
  }

  #answer(address: number, length: number): number {
    let found: ReturnType<LookUp>;
    try {
      // After a failure the rest of the call does not matter, and its look-ups must not hide the first error.
      if (this.#lookUpFailure) return LOOK_UP_FAILED;
      found = this.#lookUp(this.#read(address, length));
    } catch (error) {
      this.#lookUpFailure = { error };
      return LOOK_UP_FAILED;
    }
    if (!found) return NO_ENTRY;
    const exports = this.#instance();
    const block = exports.alloc(ANSWER_HEADER_BYTES + found.xdr.length) >>> 0;
    const view = new DataView(exports.memory.buffer);
    view.setUint32(block, found.liveUntilLedger === null ? 0 : 1, true);
    view.setUint32(block + 4, found.liveUntilLedger ?? 0, true);
    view.setUint32(block + 8, found.xdr.length, true);
    new Uint8Array(exports.memory.buffer, block + ANSWER_HEADER_BYTES, found.xdr.length).set(found.xdr);
    return block;
  }
}
