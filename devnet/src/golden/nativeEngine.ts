// The native build of the engine as a child process, for comparison with the wasm: the same calls must give the same
// bytes, and their times can be set side by side. Node only, and part of no product: it needs Rust to build
// (devnet/host/README.md). Requests go one at a time; a process that ends early fails the one that waits.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { FrameReader, FrameWriter } from '../engine/engineFrame.ts';
import type { EngineCall } from './engineCalls.ts';

const LENGTH_BYTES = 4;

export type NativeReply = { readonly reply: Uint8Array; readonly medianNanoseconds: number };

export class NativeEngine {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  /** @param path of a `replay-p<protocol>` program */
  constructor(path: string) {
    this.#child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#chunks = this.#child.stdout[Symbol.asyncIterator]();
  }

  /** Answers the call with what was recorded as the ledger's, `times` times over. */
  async replay(call: EngineCall, times = 1): Promise<NativeReply> {
    const request = new FrameWriter()
      .u32(call.operation)
      .u32(times)
      .bytes(call.frame)
      .u32(call.answers.length);
    for (const { key, xdr, liveUntilLedger } of call.answers) {
      request.bytes(key).optional(xdr);
      request.u32(liveUntilLedger === null ? 0 : 1).u32(liveUntilLedger ?? 0);
    }
    this.#child.stdin.write(new FrameWriter().bytes(request.frame()).frame());
    const length = new DataView((await this.#read(LENGTH_BYTES)).buffer).getUint32(0, true);
    const reply = new FrameReader(await this.#read(length));
    return { reply: reply.bytes(), medianNanoseconds: Number(reply.u64()) };
  }

  close(): void {
    this.#child.stdin.end();
  }

  async #read(count: number): Promise<Uint8Array> {
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < count) {
      const { value, done } = await this.#chunks.next();
      if (done) throw new Error('the native engine ended');
      parts.push(value);
      length += value.length;
    }
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    this.#rest = bytes.slice(count);
    return bytes.slice(0, count);
  }
}
