// The byte frames that the wasm engine speaks: little-endian integers and length-prefixed byte strings.
// The reader checks bounds, so a layout mismatch shows as an error and not as garbage. XDR inside is opaque here.

const ABSENT = 0xffff_ffff;
const INITIAL_BYTES = 4096;

export class FrameWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  u64(value: bigint): this {
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** Null writes "absent". */
  optional(value: Uint8Array | null): this {
    return value ? this.bytes(value) : this.u32(ABSENT);
  }

  list(values: readonly Uint8Array[]): this {
    this.u32(values.length);
    for (const value of values) this.bytes(value);
    return this;
  }

  u32List(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u32(value);
    return this;
  }

  /** The frame so far, as a view that the next write may overwrite. */
  frame(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u32(): number {
    const value = this.#view.getUint32(this.#offset, true);
    this.#offset += 4;
    return value;
  }

  u64(): bigint {
    const value = this.#view.getBigUint64(this.#offset, true);
    this.#offset += 8;
    return value;
  }

  i64(): bigint {
    const value = this.#view.getBigInt64(this.#offset, true);
    this.#offset += 8;
    return value;
  }

  optional(): Uint8Array | null {
    const length = this.u32();
    if (length === ABSENT) return null;
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new RangeError('engine reply ends early');
    const value = this.#bytes.slice(this.#offset, end);
    this.#offset = end;
    return value;
  }

  bytes(): Uint8Array {
    const value = this.optional();
    if (value === null) throw new RangeError('engine reply lacks a required field');
    return value;
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  list(): Uint8Array[] {
    return Array.from({ length: this.u32() }, () => this.bytes());
  }
}
