// All routes of the wallet and what each of them needs: a session, or none. The client comes from LatchkeyContext,
// the router from main.tsx, so that this tree runs as it is in tests.
import { Navigate, Route, Routes } from 'react-router';
import { CrashBoundary } from './CrashBoundary.tsx';
import { PasskeySupportProvider } from './passkeySupportContext.tsx';
import { RequireSession } from './RequireSession.tsx';
import { SignedInLayout } from './SignedInLayout.tsx';
import { SignedOutLayout } from './SignedOutLayout.tsx';
import { Activity } from './screens/Activity.tsx';
import { Home } from './screens/Home.tsx';
import { Receive } from './screens/Receive.tsx';
import { Recover } from './screens/Recover.tsx';
import { Review } from './screens/Review.tsx';
import { Send } from './screens/Send.tsx';
import { SignIn } from './screens/SignIn.tsx';
import { TransferResult } from './screens/TransferResult.tsx';
import { Welcome } from './screens/Welcome.tsx';
import { SendFlowProvider } from './sendFlow.tsx';
import { SessionProvider } from './session.tsx';

export function App() {
  return (
    <CrashBoundary>
      <PasskeySupportProvider>
        <SessionProvider>
          <Routes>
            <Route element={<SignedOutLayout />}>
              <Route path="/welcome" element={<Welcome />} />
              <Route path="/sign-in" element={<SignIn />} />
              <Route path="/recover" element={<Recover />} />
            </Route>
            <Route element={<RequireSession />}>
              <Route element={<SignedInLayout />}>
                <Route path="/" element={<Home />} />
                <Route path="/receive" element={<Receive />} />
                <Route path="/activity" element={<Activity />} />
                <Route path="/send" element={<SendFlowProvider />}>
                  <Route index element={<Send />} />
                  <Route path="review" element={<Review />} />
                </Route>
                <Route path="/transfers/:id" element={<TransferResult />} />
              </Route>
            </Route>
            <Route path="*" element={<Navigate to="/" replace />} />
          </Routes>
        </SessionProvider>
      </PasskeySupportProvider>
    </CrashBoundary>
  );
}
