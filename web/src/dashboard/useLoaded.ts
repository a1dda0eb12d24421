// Something loaded from the service for a screen of the dashboard, with the session minded: SESSION_EXPIRED ends it, and is
// not shown as a failure.
import { type Latest, useLatest } from '../service/useLatest.ts';
import { merchantFailureOf } from './failure.ts';
import { useSession } from './session.tsx';

/** @param load has to stay the same function while what it loads does (useCallback) */
export function useLoaded<T>(load: () => Promise<T>, freshness?: unknown): Latest<T> {
  const { expire } = useSession();
  return useLatest({ load, readFailure: merchantFailureOf, expire, freshness });
}
