// Tells everybody who waits for a transaction that a ledger has closed, by one question to the node for all of them. It
// only says when to look again: a node that is away, or behind the one that closed the ledger, delays that, and who waits
// says for how long at most.
import type { Rpc } from '@latchkey/sdk/chain';

const ASK_EVERY_MS = 200;

export type LedgerClock = {
  /** the latest ledger that was seen; 0 before the first */
  latest(): number;
  /** Until a ledger after this one was seen, or for `maxMs`. */
  after(sequence: number, maxMs: number): Promise<void>;
  /** Lets nobody wait any longer. */
  wake(): void;
};

export function createLedgerClock(rpc: Rpc): LedgerClock {
  const waiting = new Set<() => void>();
  let latest = 0;
  let isAsking = false;

  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };

  async function ask(): Promise<void> {
    isAsking = true;
    while (waiting.size > 0) {
      const sequence = await rpc.call('getLatestLedger').then(
        (it) => it.sequence,
        () => latest,
      );
      if (sequence > latest) {
        latest = sequence;
        wakeAll();
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    isAsking = false;
  }

  return {
    latest: () => latest,
    wake: wakeAll,
    after: (sequence, maxMs) =>
      new Promise((resolve) => {
        if (latest > sequence) return resolve();
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, maxMs);
        waiting.add(wake);
        if (!isAsking) void ask();
      }),
  };
}
