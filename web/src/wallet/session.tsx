// The app's view of the SDK's session: who is signed in, and how the last session ended, so that the guard knows
// whether to greet a newcomer or to ask a returning person back in. The session itself is stored by the SDK alone.
import type { Session } from '@latchkey/sdk';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useLatchkey } from './latchkeyContext.ts';

interface SessionState {
  session: Session | null;
  /** How the last session ended; null when there was none since the page was loaded. */
  ended: 'expired' | 'signed-out' | null;
  /** Takes over the session the SDK has just opened. */
  begin: () => void;
  signOut: () => void;
  /** To be called when the service answered SESSION_EXPIRED. */
  expire: () => void;
}

const SessionContext = createContext<SessionState | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const latchkey = useLatchkey();
  const [state, setState] = useState<Pick<SessionState, 'session' | 'ended'>>(() => ({
    session: latchkey.session(),
    ended: null,
  }));

  const begin = useCallback(() => setState({ session: latchkey.session(), ended: null }), [latchkey]);
  const end = useCallback(
    (ended: 'expired' | 'signed-out') => {
      latchkey.signOut();
      setState({ session: null, ended });
    },
    [latchkey],
  );
  const value = useMemo(
    () => ({ ...state, begin, signOut: () => end('signed-out'), expire: () => end('expired') }),
    [state, begin, end],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): SessionState {
  const state = useContext(SessionContext);
  if (state === null) throw new Error('useSession: no SessionProvider above this component');
  return state;
}
