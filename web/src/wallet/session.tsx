// The app's view of the SDK's session: who is signed in, and how the last session ended, so that the guard knows
// whether to greet a newcomer or to ask a returning person back in. The session itself is stored by the SDK alone.
import type { Session } from '@latchkey/sdk';
import { createContext, type ReactNode, useContext } from 'react';
import { type SessionState, useSessionState } from '../service/useSessionState.ts';
import { useLatchkey } from './latchkeyContext.ts';

const SessionContext = createContext<SessionState<Session> | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  return <SessionContext value={useSessionState(useLatchkey())}>{children}</SessionContext>;
}

export function useSession(): SessionState<Session> {
  const state = useContext(SessionContext);
  if (state === null) throw new Error('useSession: no SessionProvider above this component');
  return state;
}
