// What a node answers to everybody alike, asked once for all who want to know at about the same time: the latest ledger
// and what fees were paid. An answer is at most so old; one that fails is nobody's but theirs who waited for it.
import type { Rpc, RpcMethods } from '@latchkey/sdk/chain';

type Method = 'getLatestLedger' | 'getFeeStats';
type Answers = { [M in Method]?: { atMs: number; answer: Promise<RpcMethods[M]['result']> } };

/** A ledger takes a second or more. */
const MAX_AGE_MS = 500;

const byNode = new WeakMap<Rpc, Answers>();

/** @throws LatchkeyError NETWORK_UNAVAILABLE */
export function recent<M extends Method>(rpc: Rpc, method: M): Promise<RpcMethods[M]['result']> {
  const answers: Answers = byNode.get(rpc) ?? {};
  byNode.set(rpc, answers);
  const nowMs = performance.now();
  const known = answers[method];
  if (known && nowMs - known.atMs < MAX_AGE_MS) return known.answer;
  const answer = rpc.call(method);
  answers[method] = { atMs: nowMs, answer } as Answers[M];
  answer.catch(() => {
    if (answers[method]?.answer === answer) delete answers[method];
  });
  return answer;
}
