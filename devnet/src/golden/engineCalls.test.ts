import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineModule } from '#platform/engineModule';
import { Engine, EngineError } from '../engine/engine.ts';
import { PROTOCOL_VERSIONS } from '../engine/engineFile.ts';
import { OPERATION } from '../engine/sorobanHost.ts';
import {
  corpusFile,
  type EngineCall,
  formatEngineCalls,
  parseEngineCalls,
  RecordingEngine,
  replay,
} from './engineCalls.ts';
import { NativeEngine } from './nativeEngine.ts';

/** A folder with the native programs; CI builds them. */
const nativeFolder = process.env.LATCHKEY_NATIVE_ENGINE;

describe.each(PROTOCOL_VERSIONS)('the corpus of protocol %i', async (protocol) => {
  const calls = parseEngineCalls(await readFile(corpusFile(protocol), 'utf8'));
  const module = await engineModule(protocol);

  it('has a call of every operation', () => {
    const operations = new Set(calls.map(({ operation }) => operation));
    const asked = Object.entries(OPERATION).filter(([name]) => name !== 'version');
    for (const [, operation] of asked) expect(operations).toContain(operation);
  });

  it('is what the wasm engine answers, to the byte', () => {
    const engine = new Engine(module);
    for (const call of calls) expect(differs(replay(engine, call), call), call.name).toBe(false);
  });

  it.skipIf(nativeFolder === undefined)('is what the native engine answers, to the byte', async () => {
    const native = new NativeEngine(join(nativeFolder ?? '', `replay-p${protocol}`));
    for (const call of calls) {
      const { reply } = await native.replay(call);
      expect(differs(reply, call), call.name).toBe(false);
    }
    native.close();
  });

  it('ends in an error or a reply whatever byte of a call is wrong, and memory stays where it was', () => {
    const engine = new Engine(module);
    const random = generator(protocol);
    let traps = 0;
    const tryOut = (call: EngineCall) => {
      try {
        replay(engine, call);
      } catch (error) {
        if (error instanceof EngineError && error.code === 'ENGINE_TRAPPED') traps += 1;
      }
    };
    for (const call of calls) {
      for (let round = 0; round < 4; round += 1) {
        const frame = call.frame.slice();
        for (let flips = 0; flips <= round; flips += 1)
          frame[random() % frame.length]! ^= 1 + (random() % 255);
        tryOut({ ...call, frame });
        tryOut({ ...call, frame: frame.subarray(0, random() % frame.length) });
        const answers = call.answers.map((answer) => {
          const xdr = answer.xdr?.slice() ?? null;
          if (xdr) xdr[random() % xdr.length]! ^= 1 + (random() % 255);
          return { ...answer, xdr };
        });
        tryOut({ ...call, answers });
      }
    }
    expect(traps).toBe(0);
    expect(engine.memoryBytes).toBeLessThan(64 * 1024 * 1024);
    for (const call of calls) expect(differs(replay(engine, call), call), call.name).toBe(false);
  }, 120_000);
});

describe('a corpus', () => {
  it('reads back as it was written', async () => {
    const [call] = parseEngineCalls(await readFile(corpusFile(30), 'utf8'));
    const absent = { key: new Uint8Array([1]), xdr: null, liveUntilLedger: null };
    const calls = [call!, { ...call!, name: 'again', answers: [absent] }];
    expect(parseEngineCalls(formatEngineCalls(calls))).toEqual(calls);
  });

  it('is recorded whole: what an engine remembers is asked for again', async () => {
    const module = await engineModule(30);
    const calls = parseEngineCalls(await readFile(corpusFile(30), 'utf8'));
    const call = calls.find(({ operation }) => operation === OPERATION.applyInvoke);
    const engine = new RecordingEngine(module, () => 'recorded');
    replay(engine, call!);
    replay(engine, call!);
    expect(engine.calls[1]!.answers).toEqual(engine.calls[0]!.answers);
    expect(engine.calls[0]!.answers.length).toBeGreaterThan(0);
  });
});

if (nativeFolder !== undefined && !existsSync(nativeFolder)) {
  throw new Error(`LATCHKEY_NATIVE_ENGINE names ${nativeFolder}, which does not exist`);
}

function differs(reply: Uint8Array, call: EngineCall): boolean {
  return Buffer.compare(reply, call.reply) !== 0;
}

/** A linear congruential generator: the same mistakes on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
