// Follows something the network has to decide on (a transfer, a withdrawal) until it is final: ever more slowly, and at
// most MAX_POLLS times in a row. A failed question is no outcome: it is shown, and asked again.
import { useEffect, useState } from 'react';
import type { Failure } from '../wallet/failure.ts';

const FIRST_POLL_AFTER_MS = 1_000;
const LONGEST_POLL_AFTER_MS = 8_000;
const MAX_POLLS = 60;

export interface Outcome<T> {
  value: T | null;
  failure: Failure | null;
  /** Set when the page has stopped asking on its own. */
  pollAgain: (() => void) | null;
}

interface OutcomeOptions<T> {
  /** What is known of it already. */
  known: T | null;
  /** Has to stay the same function while it asks about the same thing (useCallback). */
  ask: () => Promise<T>;
  readFailure: (error: unknown) => Failure;
  /** Loads again what the outcome has changed. */
  refresh: () => Promise<void>;
  /** Called instead of showing a failure when the session has ended. */
  expire: () => void;
}

export function useOutcome<T extends { status: string }>(options: OutcomeOptions<T>): Outcome<T> {
  const { known, ask, readFailure, refresh, expire } = options;
  const [value, setValue] = useState(known);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [polls, setPolls] = useState(0);
  const open = value === null || value.status === 'pending';
  const stopped = open && (polls >= MAX_POLLS || failure?.code === 'NOT_FOUND');

  useEffect(() => {
    if (!open || stopped) return;
    const waitMs =
      value === null && polls === 0 ? 0 : Math.min(FIRST_POLL_AFTER_MS + 250 * polls, LONGEST_POLL_AFTER_MS);
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const latest = await ask();
        if (gone) return;
        setValue(latest);
        setFailure(null);
        if (latest.status !== 'pending') void refresh();
      } catch (error) {
        if (gone) return;
        const seen = readFailure(error);
        if (seen.code === 'SESSION_EXPIRED') return expire();
        setFailure(seen);
      }
      setPolls((before) => before + 1);
    }, waitMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [open, stopped, polls, value, ask, readFailure, refresh, expire]);

  const pollAgain = () => {
    setFailure(null);
    setPolls(0);
  };
  return { value, failure, pollAgain: stopped ? pollAgain : null };
}
