// The frame of the signed-in screens: a bar with the way home, the network and the way out; the screen below.
import { Link, Outlet, useLocation } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { useSession } from './session.tsx';
import { useWalletView, WalletViewProvider } from './walletView.tsx';

export function SignedInLayout() {
  return (
    <WalletViewProvider>
      <div className="house">
        <TopBar />
        <main className="house-main">
          <Outlet />
        </main>
      </div>
    </WalletViewProvider>
  );
}

function TopBar() {
  const { session, signOut } = useSession();
  const { view } = useWalletView();
  const atHome = useLocation().pathname === '/';
  return (
    <header className="bar">
      <Link
        to="/"
        className="bar-home"
        aria-label="Latchkey, your wallet"
        aria-current={atHome ? 'page' : undefined}
      >
        <Logo />
      </Link>
      <span className="bar-network">
        {view?.network.friendbot ? <span className="chip">Test network: coins have no value</span> : null}
      </span>
      <span className="bar-email">{session?.email}</span>
      <Button look="quiet" onClick={signOut}>
        Sign out
      </Button>
    </header>
  );
}
