// One thing a person can do on a screen: runs it at most once at a time and keeps its failure for display.
// Guarantees: a second call while the first runs does nothing; nothing is set after the screen has gone.
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Failure, failureOf } from './failure.ts';

export interface Task<Args extends unknown[]> {
  run: (...args: Args) => Promise<void>;
  busy: boolean;
  failure: Failure | null;
  clear: () => void;
}

/**
 * @param isHandled answers for a failure that has been dealt with, and so is not shown
 * @param readFailure for an app with sentences of its own
 */
export function useTask<Args extends unknown[]>(
  perform: (...args: Args) => Promise<void>,
  isHandled: (failure: Failure) => boolean = () => false,
  readFailure: (error: unknown) => Failure = failureOf,
): Task<Args> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);
  const mounted = useRef(true);

  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);

  const run = async (...args: Args) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure(null);
    try {
      await perform(...args);
    } catch (error) {
      const seen = readFailure(error);
      if (!isHandled(seen) && mounted.current) setFailure(seen);
    } finally {
      running.current = false;
      if (mounted.current) setBusy(false);
    }
  };

  const clear = useCallback(() => setFailure(null), []);
  return { run, busy, failure, clear };
}
