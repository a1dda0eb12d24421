// All routes of the dashboard and what each of them needs: a session, or none. The client comes from ClientContext, the
// router from main.tsx.
import { Navigate, Route, Routes } from 'react-router';
import { CrashBoundary } from '../wallet/CrashBoundary.tsx';
import { PasskeySupportProvider } from '../wallet/passkeySupportContext.tsx';
import { RequireSession } from './RequireSession.tsx';
import { SignedInLayout } from './SignedInLayout.tsx';
import { SignedOutLayout } from './SignedOutLayout.tsx';
import { ApiKeys } from './screens/ApiKeys.tsx';
import { Audit } from './screens/Audit.tsx';
import { Authenticator } from './screens/Authenticator.tsx';
import { Devices } from './screens/Devices.tsx';
import { Home } from './screens/Home.tsx';
import { Payments } from './screens/Payments.tsx';
import { Rules } from './screens/Rules.tsx';
import { Settings } from './screens/Settings.tsx';
import { SignIn } from './screens/SignIn.tsx';
import { SignUp } from './screens/SignUp.tsx';
import { Upgrade } from './screens/Upgrade.tsx';
import { Webhooks } from './screens/Webhooks.tsx';
import { Withdraw } from './screens/Withdraw.tsx';
import { WithdrawalResult } from './screens/WithdrawalResult.tsx';
import { WithdrawReview } from './screens/WithdrawReview.tsx';
import { SessionProvider } from './session.tsx';
import { WithdrawFlowProvider } from './withdrawFlow.tsx';

export function App() {
  return (
    <CrashBoundary>
      <PasskeySupportProvider>
        <SessionProvider>
          <Routes>
            <Route element={<SignedOutLayout />}>
              <Route path="/sign-up" element={<SignUp />} />
              <Route path="/sign-in" element={<SignIn />} />
            </Route>
            <Route element={<RequireSession />}>
              <Route element={<SignedInLayout />}>
                <Route path="/" element={<Home />} />
                <Route path="/payments" element={<Payments />} />
                <Route path="/withdraw" element={<WithdrawFlowProvider />}>
                  <Route index element={<Withdraw />} />
                  <Route path="review" element={<WithdrawReview />} />
                </Route>
                <Route path="/withdrawals/:id" element={<WithdrawalResult />} />
                <Route path="/settings" element={<Settings />} />
                <Route path="/settings/authenticator" element={<Authenticator />} />
                <Route path="/settings/upgrade" element={<Upgrade />} />
                <Route path="/settings/devices" element={<Devices />} />
                <Route path="/settings/rules" element={<Rules />} />
                <Route path="/settings/api-keys" element={<ApiKeys />} />
                <Route path="/settings/webhooks" element={<Webhooks />} />
                <Route path="/settings/activity" element={<Audit />} />
              </Route>
            </Route>
            <Route path="*" element={<Navigate to="/" replace />} />
          </Routes>
        </SessionProvider>
      </PasskeySupportProvider>
    </CrashBoundary>
  );
}
