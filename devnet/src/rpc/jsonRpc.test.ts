// The limits of a batch; the envelope itself is tested over HTTP in server.test.ts.
import { expect, it } from 'vitest';
import type { Network } from '../network/network.ts';
import { answerJsonRpc } from './jsonRpc.ts';

let calls = 0;
const network = {
  advance: () => {},
  attempt: (work: () => unknown) => {
    calls += 1;
    return Promise.resolve(work());
  },
  friendbotUrl: null,
  passphrase: 'x'.repeat(1_000),
  ledger: { protocolVersion: 30 },
} as unknown as Network;

async function batch(limits: { replyCharacters: number; ms: number }) {
  calls = 0;
  const call = { jsonrpc: '2.0', id: 1, method: 'getNetwork' };
  const { text } = await answerJsonRpc(network, JSON.stringify(Array(5).fill(call)), limits);
  return (JSON.parse(text!) as { error?: { code: number; message: string } }[]).map(({ error }) => error);
}

it('refuses the rest of a batch once its replies have grown too long', async () => {
  const tooLong = { code: -32603, message: 'the reply is too long' };
  expect(await batch({ replyCharacters: 2_500, ms: 10_000 })).toEqual([
    ...[undefined, undefined],
    ...[tooLong, tooLong, tooLong],
  ]);
  expect(calls).toBe(3);
});

it('refuses the rest of a batch once its time is over', async () => {
  const late = { code: -32001, message: 'request exceeded processing limit threshold' };
  expect(await batch({ replyCharacters: 1e6, ms: 0 })).toEqual(Array(5).fill(late));
  expect(calls).toBe(0);
});
