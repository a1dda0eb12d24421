// Recorded engine calls: what was asked, what the ledger answered and what came back, to the byte. The engine is a
// function of these, so any build of it, wasm or native, must give the recorded reply again. A corpus is JSON lines;
// byte strings that occur often (contract code) are kept once, in lines of their own that later lines point to.
import { fromBase64, toBase64, toLatin1 } from '../bytes.ts';
import { Engine, type LookUp } from '../engine/engine.ts';

export type LedgerAnswer = {
  readonly key: Uint8Array;
  readonly xdr: Uint8Array | null;
  readonly liveUntilLedger: number | null;
};

export type EngineCall = {
  /** What the call is an example of. */
  readonly name: string;
  readonly operation: number;
  readonly frame: Uint8Array;
  readonly answers: readonly LedgerAnswer[];
  readonly reply: Uint8Array;
};

/** An engine that keeps the calls which `nameOf` has a name for. */
export class RecordingEngine extends Engine {
  readonly calls: EngineCall[] = [];
  readonly #nameOf: (operation: number, frame: Uint8Array) => string | null;

  constructor(module: WebAssembly.Module, nameOf: (operation: number, frame: Uint8Array) => string | null) {
    super(module);
    this.#nameOf = nameOf;
  }

  override reply(operation: number, frame: Uint8Array, lookUp: LookUp = () => null): Uint8Array {
    const name = this.#nameOf(operation, frame);
    if (name === null) return super.reply(operation, frame, lookUp);
    const asked = frame.slice();
    const answers = new Map<string, LedgerAnswer>();
    // What the engine remembers is not asked again, so it must forget first for the recording to be whole.
    super.reply(FORGET, new Uint8Array());
    const reply = super.reply(operation, asked, (key) => {
      const found = lookUp(key);
      const answer = found ?? { xdr: null, liveUntilLedger: null };
      answers.set(toLatin1(key), { key: key.slice(), ...answer });
      return found;
    });
    this.calls.push({ name, operation, frame: asked, answers: [...answers.values()], reply });
    return reply;
  }
}

/** The operation that drops what the engine keeps between calls. */
const FORGET = 2;

/** The reply of an engine to a recorded call. @throws Error if it asks for an entry that was not asked for */
export function replay(engine: Engine, call: EngineCall): Uint8Array {
  const answers = new Map(call.answers.map((answer) => [toLatin1(answer.key), answer]));
  return engine.reply(call.operation, call.frame, (key) => {
    const answer = answers.get(toLatin1(key));
    if (!answer) throw new Error(`${call.name}: the recording has no answer for an entry that was asked for`);
    return answer.xdr && { xdr: answer.xdr, liveUntilLedger: answer.liveUntilLedger };
  });
}

type CallLine = {
  name: string;
  operation: number;
  frame: number;
  /** Key, entry or -1, live-until ledger or -1. */
  answers: [number, number, number][];
  reply: number;
};

const NOTHING = -1;

export function formatEngineCalls(calls: readonly EngineCall[]): string {
  const lines: string[] = [];
  const known = new Map<string, number>();
  const place = (bytes: Uint8Array): number => {
    const text = toBase64(bytes);
    const found = known.get(text);
    if (found !== undefined) return found;
    lines.push(JSON.stringify(text));
    known.set(text, known.size);
    return known.size - 1;
  };
  for (const { name, operation, frame, answers, reply } of calls) {
    const line: CallLine = {
      name,
      operation,
      frame: place(frame),
      answers: answers.map(({ key, xdr, liveUntilLedger }) => [
        place(key),
        xdr ? place(xdr) : NOTHING,
        liveUntilLedger ?? NOTHING,
      ]),
      reply: place(reply),
    };
    lines.push(JSON.stringify(line));
  }
  return `${lines.join('\n')}\n`;
}

/** @throws Error when the text is no corpus. */
export function parseEngineCalls(text: string): EngineCall[] {
  const known: Uint8Array[] = [];
  const calls: EngineCall[] = [];
  const at = (index: number): Uint8Array => {
    const bytes = known[index];
    if (!bytes) throw new Error(`the corpus has no byte string ${index} where it is needed`);
    return bytes;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const value = JSON.parse(line) as string | CallLine;
    if (typeof value === 'string') {
      known.push(fromBase64(value));
      continue;
    }
    const { name, operation, frame, answers, reply } = value;
    calls.push({
      name,
      operation,
      frame: at(frame),
      answers: answers.map(([key, xdr, liveUntilLedger]) => ({
        key: at(key),
        xdr: xdr === NOTHING ? null : at(xdr),
        liveUntilLedger: liveUntilLedger === NOTHING ? null : liveUntilLedger,
      })),
      reply: at(reply),
    });
  }
  return calls;
}

/** Where the corpus of a protocol is kept. */
export function corpusFile(protocol: number): URL {
  return new URL(`../../golden/engineCalls-p${protocol}.jsonl`, import.meta.url);
}
