import { LatchkeyError } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';
import { expect, it } from 'vitest';
import { createLedgerClock } from './ledgerClock.ts';

/** A node that answers with these ledgers in turn, and is away for null; the last one stays. */
function node(ledgers: (number | null)[]) {
  let questions = 0;
  const rpc: Rpc = {
    url: 'http://node.example',
    async call() {
      const sequence = ledgers[Math.min(questions++, ledgers.length - 1)]!;
      if (sequence === null) throw new LatchkeyError('NETWORK_UNAVAILABLE');
      return { sequence } as never;
    },
  };
  return { rpc, questions: () => questions };
}

it('wakes all who wait for a ledger with one question', async () => {
  const { rpc, questions } = node([7]);
  const clock = createLedgerClock(rpc);
  await Promise.all(Array.from({ length: 100 }, () => clock.after(6, 10_000)));
  expect({ latest: clock.latest(), questions: questions() }).toEqual({ latest: 7, questions: 1 });
});

it('does not wait for a ledger that closed before', async () => {
  const { rpc, questions } = node([7]);
  const clock = createLedgerClock(rpc);
  await clock.after(6, 10_000);
  await clock.after(6, 10_000);
  expect(questions()).toBe(1);
});

it('goes on asking a node that is away', async () => {
  const clock = createLedgerClock(node([null, null, 8]).rpc);
  await clock.after(7, 10_000);
  expect(clock.latest()).toBe(8);
});

it('lets go when the time is over, or when told to', async () => {
  const clock = createLedgerClock(node([null]).rpc);
  await clock.after(7, 20);
  const waiting = clock.after(7, 60_000);
  clock.wake();
  await waiting;
  expect(clock.latest()).toBe(0);
});
