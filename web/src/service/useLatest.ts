// Something loaded from the service: once, again when `freshness` changes, and on demand. What was shown stays while the
// new one loads, and stays when loading fails, with the failure beside it. An answer that another load has overtaken is
// dropped.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../wallet/failure.ts';

export interface Latest<T> {
  /** Null until it has come. */
  value: T | null;
  failure: Failure | null;
  reload: () => Promise<void>;
  /** Puts in what another call answered. */
  replace: (value: T) => void;
}

interface LatestOptions<T> {
  /** Has to stay the same function while what it loads does (useCallback). */
  load: () => Promise<T>;
  readFailure: (error: unknown) => Failure;
  /** Called instead of showing a failure when the session has ended. */
  expire: () => void;
  freshness?: unknown;
}

export function useLatest<T>({ load, readFailure, expire, freshness }: LatestOptions<T>): Latest<T> {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const latestLoad = useRef(0);

  const reload = useCallback(async () => {
    const thisLoad = ++latestLoad.current;
    try {
      const loaded = await load();
      if (thisLoad !== latestLoad.current) return;
      setValue(loaded);
      setFailure(null);
    } catch (error) {
      if (thisLoad !== latestLoad.current) return;
      const seen = readFailure(error);
      if (seen.code === 'SESSION_EXPIRED') expire();
      else setFailure(seen);
    }
  }, [load, readFailure, expire]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: freshness is the reason to load again.
  useEffect(() => {
    void reload();
    return () => {
      latestLoad.current++;
    };
  }, [reload, freshness]);

  const replace = useCallback((next: T) => {
    latestLoad.current++;
    setValue(next);
    setFailure(null);
  }, []);
  return { value, failure, reload, replace };
}
