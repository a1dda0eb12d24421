// Tells everybody who waits for a transaction that a ledger has closed, by one question to the node for all of them. It
// only says when to look again: a node that is away, or behind the one that closed the ledger, delays that, and who waits
// says for how long at most.
import type { Rpc } from '@latchkey/sdk/chain';

/** Between questions, the last one from then on: some networks close a ledger as soon as there is something for it. */
const ASK_AFTER_MS = [50, 100, 200];

export type LedgerClock = {
  /** the latest ledger that was seen; 0 before the first */
  latest(): number;
  /** What somebody else has seen. */
  note(sequence: number): void;
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

  function note(sequence: number): void {
    if (sequence <= latest) return;
    latest = sequence;
    wakeAll();
  }

  async function ask(): Promise<void> {
    isAsking = true;
    for (let asked = 0; waiting.size > 0; asked++) {
      const sequence = await rpc.call('getLatestLedger').then(
        (it) => it.sequence,
        () => latest,
      );
      note(sequence);
      const afterMs = ASK_AFTER_MS[asked] ?? ASK_AFTER_MS.at(-1);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
    }
    isAsking = false;
  }

  return {
    latest: () => latest,
    note,
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
