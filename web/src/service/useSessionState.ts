// Who is signed in at the service, and how the last session ended, as the wallet's and the dashboard's pages show it.
// The session itself is stored by the SDK alone.
import { useCallback, useMemo, useState } from 'react';

export interface SessionState<S> {
  session: S | null;
  /** How the last session ended; null when there was none since the page was loaded. */
  ended: 'expired' | 'signed-out' | null;
  /** Takes over the session the SDK has just opened. */
  begin: () => void;
  signOut: () => void;
  /** To be called when the service answered SESSION_EXPIRED. */
  expire: () => void;
}

/** The part of an SDK client that keeps the session. */
interface SessionKeeper<S> {
  session: () => S | null;
  signOut: () => void;
}

export function useSessionState<S>(client: SessionKeeper<S>): SessionState<S> {
  const [state, setState] = useState<Pick<SessionState<S>, 'session' | 'ended'>>(() => ({
    session: client.session(),
    ended: null,
  }));
  const begin = useCallback(() => setState({ session: client.session(), ended: null }), [client]);
  const end = useCallback(
    (ended: 'expired' | 'signed-out') => {
      client.signOut();
      setState({ session: null, ended });
    },
    [client],
  );
  return useMemo(
    () => ({ ...state, begin, signOut: () => end('signed-out'), expire: () => end('expired') }),
    [state, begin, end],
  );
}
