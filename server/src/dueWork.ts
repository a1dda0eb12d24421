// What has to be done without anybody asking, over and over, one round after another. A task that fails is logged and
// comes up again in the next round; which work is due is the tasks' own knowledge, in their tables.
import type { Logger } from 'pino';

const PAUSE_MS = 5_000;

export type DueWork = {
  /** Starts the next round now, or right after the present one. */
  wake(): void;
  /** Stops after the round in progress. */
  stop(): Promise<void>;
};

export function startDueWork(tasks: (() => Promise<void>)[], log: Logger, pauseMs = PAUSE_MS): DueWork {
  let stopping = false;
  let woken = false;
  let endPause = () => {};

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function rounds(): Promise<void> {
    while (!stopping) {
      woken = false;
      for (const task of tasks) {
        await task().catch((error: unknown) => log.warn({ err: error }, 'due work comes up again'));
      }
      if (!stopping && !woken) await pause();
    }
  }

  const running = rounds();
  const wake = () => {
    woken = true;
    endPause();
  };
  return {
    wake,
    async stop() {
      stopping = true;
      wake();
      await running;
    },
  };
}
