// Lets signed-in people through. Everybody else goes to the right door: after an expired session to sign in with a
// sentence and the way back, a newcomer at the front page to the welcome, a deep link to sign in with the way back.
import { Navigate, Outlet, useLocation } from 'react-router';
import type { SignInState } from './screens/SignIn.tsx';
import { useSession } from './session.tsx';

export function RequireSession() {
  const { session, ended } = useSession();
  const location = useLocation();
  if (session !== null) return <Outlet />;
  if (ended === 'signed-out' || (ended === null && location.pathname === '/')) {
    return <Navigate to="/welcome" replace />;
  }
  const state: SignInState = { returnTo: location.pathname, expired: ended === 'expired' };
  return <Navigate to="/sign-in" replace state={state} />;
}
