// A network in a Web Worker, as the page sees it: the same methods as on the value of createDevnet, each answered by a
// promise, so that no contract call ever holds up the page. Loads neither the ledger nor the engine into the page.
import type { Devnet, DevnetOptions } from './index.ts';

/** The network in the worker; functions cannot be sent, so every method answers later. */
export type DevnetWorker = {
  readonly [Name in keyof Devnet]: Devnet[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : Devnet[Name];
};

/** A clock and a state file cannot be sent to a worker. */
export type DevnetWorkerOptions = Omit<DevnetOptions, 'nowSeconds' | 'statePath'>;

export type Question = { id: number; method: string; args: readonly unknown[] };
export type Answer = { id: number; result?: unknown; error?: WorkerFailure };
type WorkerFailure = { name: string; message: string; code: unknown; data: unknown };
type Description = { properties: Record<string, unknown>; methods: string[] };

/** What the network in the worker threw: `name`, `code` and `data` are those of the error there. */
export class DevnetWorkerError extends Error {
  readonly code: unknown;
  readonly data: unknown;

  constructor({ name, message, code, data }: WorkerFailure) {
    super(message);
    this.name = name;
    this.code = code;
    this.data = data;
  }
}

/**
 * Starts a worker with a network in it; `close` ends the worker.
 * @param worker one that runs `@latchkey/devnet/worker`, where the bundler cannot find that file by itself
 * @throws DevnetWorkerError like every method, and Error when the worker cannot be started
 */
export async function openDevnetWorker(
  options: DevnetWorkerOptions = {},
  worker: Worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
): Promise<DevnetWorker> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(reason: Error): void }>();
  let lastId = 0;
  let ended: Error | null = null;

  function call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (ended) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      // A question that cannot be sent throws here, and so is never waited for.
      worker.postMessage({ id, method, args } satisfies Question);
      waiting.set(id, { resolve, reject });
    });
  }

  function end(reason: Error): void {
    ended = reason;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  }

  worker.onmessage = ({ data: { id, result, error } }: MessageEvent<Answer>) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new DevnetWorkerError(error));
    else asked?.resolve(result);
  };
  worker.onerror = (event) => end(new Error(`the devnet's worker failed: ${event.message ?? 'not loaded'}`));

  const { properties, methods } = (await call('open', [options])) as Description;
  const forwarded = methods.map((name) => [name, (...args: unknown[]) => call(name, args)]);
  const close = () => call('close', []).then(() => end(new Error('the network is closed')));
  return { ...properties, ...Object.fromEntries(forwarded), close } as DevnetWorker;
}
