// The frame of the screens before sign-in: the brand on one side (above, on a phone), the task on the other.
import { Outlet } from 'react-router';
import { KeyOutline } from '../ui/KeyOutline.tsx';
import { Logo } from '../ui/Logo.tsx';

export function SignedOutLayout() {
  return (
    <div className="door">
      <header className="door-brand">
        <Logo />
        <div className="door-words" aria-hidden="true">
          <KeyOutline address="latchkey for merchants" />
          <p>Get paid. Hold the key when you want to.</p>
        </div>
      </header>
      <main className="door-main">
        <Outlet />
      </main>
    </div>
  );
}
