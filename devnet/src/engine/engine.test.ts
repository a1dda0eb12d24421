import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Engine, EngineError } from './engine.ts';
import { compileEngine, engineFileName, PROTOCOL_VERSIONS } from './engineFile.ts';
import { FrameWriter } from './engineFrame.ts';

const folder = new URL('../../engine/', import.meta.url);
const VERSION = 0;
const ENTRY_RENT_SIZE = 9;

describe.each(PROTOCOL_VERSIONS)('the engine of protocol %i', async (protocol) => {
  const file = await readFile(new URL(engineFileName(protocol), folder));
  const wasm = gunzipSync(file);
  const module = await compileEngine(file);

  it('is the file that SHA256SUMS names', async () => {
    const sums = await readFile(new URL('SHA256SUMS', folder), 'utf8');
    expect(sums).toContain(`${createHash('sha256').update(wasm).digest('hex')}  soroban-p${protocol}.wasm`);
  });

  it('carries no path of the machine that built it', () => {
    expect(wasm.toString('latin1')).not.toMatch(/\/(home|root|Users|work|tmp)\/|\.cargo/);
  });

  it('implements that protocol', () => {
    expect(new Engine(module).call(VERSION, new Uint8Array()).u32()).toBe(protocol);
  });

  it('compiles from a file that somebody unpacked on the way too', async () => {
    const unpacked = await compileEngine(new Uint8Array(wasm));
    expect(new Engine(unpacked).call(VERSION, new Uint8Array()).u32()).toBe(protocol);
  });

  it('answers malformed input with an error', () => {
    const engine = new Engine(module);
    for (let operation = 3; operation <= 11; operation += 1) {
      expect(() => engine.call(operation, new Uint8Array([255, 255, 255, 127]))).toThrow(EngineError);
    }
  });
});

describe('an engine', async () => {
  const module = await compileEngine(await readFile(new URL(engineFileName(30), folder)));
  const frame = () => new FrameWriter().u64(0n).bytes(new Uint8Array(8)).frame();

  it('hands on what a look-up throws, the first time it throws', () => {
    const engine = new Engine(module);
    const failure = new RangeError('the ledger is gone');
    let asked = 0;
    const failing = () => {
      asked += 1;
      throw failure;
    };
    expect(() => engine.call(ENTRY_RENT_SIZE, frame(), failing)).toThrow(failure);
    expect(asked).toBe(1);
    expect(() => engine.call(ENTRY_RENT_SIZE, frame())).toThrow(EngineError);
  });

  it('refuses to be called from a look-up, and goes on', () => {
    const engine = new Engine(module);
    const reentering = () => {
      engine.call(VERSION, new Uint8Array());
      return null;
    };
    expect(() => engine.call(ENTRY_RENT_SIZE, frame(), reentering)).toThrow(
      expect.objectContaining({ code: 'ENGINE_BUSY' }),
    );
    expect(engine.call(VERSION, new Uint8Array()).u32()).toBe(30);
  });

  it('works again after a trap, which costs the one call', async () => {
    const engine = new Engine(await WebAssembly.compile(trappingOnce()));
    expect(() => engine.call(1, new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'ENGINE_TRAPPED' }),
    );
    expect(engine.call(0, new Uint8Array()).u32()).toBe(7);
  });
});

/** A module with the engine's exports that traps on every operation but 0, to which it replies 0, 7. */
function trappingOnce(): Uint8Array<ArrayBuffer> {
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, content: number[]) => [id, content.length, ...content];
  const I32 = 0x7f;
  const code = (body: number[]) => [body.length + 2, 0, ...body, 0x0b];
  const store = (address: number, value: number) => [0x41, address, 0x41, value, 0x36, 2, 0];
  const reply = [...store(0, 8), ...store(4, 0), ...store(8, 7), 0x41, 0];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      ...[4, 0x60, 1, I32, 1, I32],
      ...[0x60, 2, I32, I32, 0],
      ...[0x60, 3, I32, I32, I32, 1, I32],
      ...[0x60, 0, 0],
    ]),
    ...section(3, [4, 0, 1, 2, 3]),
    ...section(5, [1, 0, 1]),
    ...section(7, [
      5,
      ...[...name('memory'), 2, 0],
      ...[...name('alloc'), 0, 0],
      ...[...name('dealloc'), 0, 1],
      ...[...name('call'), 0, 2],
      ...[...name('init'), 0, 3],
    ]),
    ...section(10, [
      4,
      ...code([0x41, 32]),
      ...code([]),
      ...code([0x20, 0, 0x04, 0x40, 0x00, 0x0b, ...reply]),
      ...code([]),
    ]),
  ]);
}
