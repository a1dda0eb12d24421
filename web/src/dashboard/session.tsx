// The dashboard's view of the session: who is signed in, and how the last session ended, so that the guard can say why
// somebody is asked to sign in. The session itself is stored by the SDK alone.
import type { MerchantSession } from '@latchkey/sdk/merchant';
import { createContext, type ReactNode, useContext } from 'react';
import { type SessionState, useSessionState } from '../service/useSessionState.ts';
import { useClient } from './clientContext.ts';

const SessionContext = createContext<SessionState<MerchantSession> | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  return <SessionContext value={useSessionState(useClient())}>{children}</SessionContext>;
}

export function useSession(): SessionState<MerchantSession> {
  const state = useContext(SessionContext);
  if (state === null) throw new Error('useSession: no SessionProvider above this component');
  return state;
}
