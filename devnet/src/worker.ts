// What runs in a Web Worker: one network per worker, called by messages. Importing this file makes the worker one.
// The first message brings the options; every later one names a method of the network and its arguments. Errors go
// back as their name, message, code and data. Which page may talk to the worker is the browser's affair.
import type { Answer, Question } from './devnetWorker.ts';
import { createDevnet, type Devnet, type DevnetOptions } from './index.ts';

/** A worker's global scope, of which lib.dom.d.ts knows only the page's. */
type WorkerScope = { postMessage(answer: Answer): void; onmessage: (event: { data: Question }) => void };

const scope = globalThis as unknown as WorkerScope;
let network: Promise<Devnet> | null = null;

scope.onmessage = async ({ data: { id, method, args } }) => {
  try {
    scope.postMessage({ id, result: await answer(method, args) });
  } catch (error) {
    const { name, message, code, data } = error as Error & { code?: unknown; data?: unknown };
    scope.postMessage({ id, error: { name, message, code, data } });
  }
};

async function answer(method: string, args: readonly unknown[]): Promise<unknown> {
  if (method === 'open') {
    network ??= createDevnet(args[0] as DevnetOptions);
    return describe(await network);
  }
  if (!network) throw new TypeError('the network has not been opened');
  const devnet = (await network) as unknown as Record<string, unknown>;
  const called = Object.hasOwn(devnet, method) ? devnet[method] : undefined;
  if (typeof called !== 'function') throw new TypeError(`the network has no method ${method}`);
  return called(...args);
}

/** The network's fixed properties and the names of its methods, so that the page's side can be made after it. */
function describe(devnet: Devnet): { properties: Record<string, unknown>; methods: string[] } {
  const members = Object.entries(devnet);
  return {
    properties: Object.fromEntries(members.filter(([, value]) => typeof value !== 'function')),
    methods: members.filter(([, value]) => typeof value === 'function').map(([name]) => name),
  };
}
