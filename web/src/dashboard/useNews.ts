// Listens to the service's stream of events while the page is open, and connects again when it ends, which counts as news
// itself. Events that come close together count as one; what they are about is asked of the API.
import { useEffect, useState } from 'react';
import { useClient } from './clientContext.ts';
import { merchantFailureOf } from './failure.ts';

const GATHER_MS = 150;
const FIRST_RECONNECT_AFTER_MS = 1_000;
const LONGEST_RECONNECT_AFTER_MS = 30_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** @returns a count that grows with the news; `onNews` is called before it does */
export function useNews(onNews: () => Promise<void>): number {
  const client = useClient();
  const [count, setCount] = useState(0);

  useEffect(() => {
    const closing = new AbortController();
    const { signal } = closing;
    let gathering: ReturnType<typeof setTimeout> | null = null;
    const tell = () => {
      gathering ??= setTimeout(async () => {
        gathering = null;
        await onNews();
        if (!signal.aborted) setCount((before) => before + 1);
      }, GATHER_MS);
    };
    const listen = async () => {
      let waitMs = FIRST_RECONNECT_AFTER_MS;
      while (!signal.aborted) {
        try {
          const events = await client.events(signal);
          waitMs = FIRST_RECONNECT_AFTER_MS;
          // What happened while nobody listened is told by nobody.
          tell();
          for await (const _ of events) tell();
        } catch (error) {
          if (merchantFailureOf(error).code === 'SESSION_EXPIRED') return;
        }
        await pause(waitMs);
        waitMs = Math.min(2 * waitMs, LONGEST_RECONNECT_AFTER_MS);
      }
    };
    void listen();
    return () => {
      closing.abort();
      if (gathering !== null) clearTimeout(gathering);
    };
  }, [client, onNews]);

  return count;
}
