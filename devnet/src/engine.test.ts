import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Engine, EngineError } from './engine.ts';
import { FrameWriter } from './engineFrame.ts';

const folder = new URL('../engine/', import.meta.url);
const wasm = await readFile(new URL('soroban-p30.wasm', folder));
const module = await WebAssembly.compile(wasm);
const VERSION = 0;
const ENTRY_RENT_SIZE = 9;

describe('the engine', () => {
  it('is the file that SHA256SUMS names', async () => {
    const sums = await readFile(new URL('SHA256SUMS', folder), 'utf8');
    expect(sums).toContain(`${createHash('sha256').update(wasm).digest('hex')}  soroban-p30.wasm`);
  });

  it('carries no path of the machine that built it', () => {
    expect(wasm.toString('latin1')).not.toMatch(/\/(home|root|Users|work|tmp)\/|\.cargo/);
  });

  it('implements protocol 30', () => {
    expect(new Engine(module).call(VERSION, new Uint8Array()).u32()).toBe(30);
  });

  it('answers malformed input with an error', () => {
    const engine = new Engine(module);
    for (let operation = 3; operation <= 10; operation += 1) {
      expect(() => engine.call(operation, new Uint8Array([255, 255, 255, 127]))).toThrow(EngineError);
    }
  });

  it('works again after a trap', () => {
    const engine = new Engine(module);
    const frame = new FrameWriter().bytes(new Uint8Array(8)).frame();
    const failingLookUp = () => {
      throw new Error('the ledger is gone');
    };
    let caught: unknown;
    try {
      engine.call(ENTRY_RENT_SIZE, frame, failingLookUp);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'ENGINE_TRAPPED', cause: { message: 'the ledger is gone' } });
    expect(engine.call(VERSION, new Uint8Array()).u32()).toBe(30);
  });
});
