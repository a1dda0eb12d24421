// Lets signed-in people through; everybody else goes to sign in, after an expired session with a sentence and the way back.
import { Navigate, Outlet, useLocation } from 'react-router';
import type { SignInState } from './screens/SignIn.tsx';
import { useSession } from './session.tsx';

export function RequireSession() {
  const { session, ended } = useSession();
  const location = useLocation();
  if (session !== null) return <Outlet />;
  if (ended === 'signed-out') return <Navigate to="/sign-in" replace />;
  const state: SignInState = { returnTo: location.pathname, expired: ended === 'expired' };
  return <Navigate to="/sign-in" replace state={state} />;
}
