// The frame of the signed-in screens: a bar with the places to go, the network and the way out; the screen below, once the
// merchant has been loaded.
import { Link, NavLink, Outlet } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { Notice } from '../ui/Notice.tsx';
import { MerchantProvider, useLoadedMerchant } from './merchantView.tsx';
import { useSession } from './session.tsx';

export function SignedInLayout() {
  const { merchant, failure, refresh, news } = useLoadedMerchant();
  return (
    <div className="house">
      <TopBar name={merchant?.name ?? null} isTestNetwork={merchant?.network === 'testnet'} />
      <main className="house-main">
        {merchant ? (
          <MerchantProvider view={{ merchant, failure, refresh, news }}>
            <Outlet />
          </MerchantProvider>
        ) : (
          <div className="screen" aria-busy={failure === null}>
            {failure ? (
              <Notice kind="bad" title="Your account could not be shown">
                <p>{failure.sentence}</p>
                <Button look="secondary" onClick={() => void refresh()}>
                  Try again
                </Button>
              </Notice>
            ) : (
              <p className="visually-hidden" role="status">
                Loading
              </p>
            )}
          </div>
        )}
      </main>
    </div>
  );
}

function TopBar({ name, isTestNetwork }: { name: string | null; isTestNetwork: boolean }) {
  const { session, signOut } = useSession();
  return (
    <header className="bar bar-dashboard">
      <Link to="/" className="bar-home" aria-label="Latchkey, your dashboard">
        <Logo />
      </Link>
      <nav className="bar-nav" aria-label="Dashboard">
        <NavLink to="/" end>
          Home
        </NavLink>
        <NavLink to="/payments">Payments</NavLink>
        <NavLink to="/withdraw">Withdraw</NavLink>
        <NavLink to="/settings">Settings</NavLink>
      </nav>
      <span className="bar-network">
        {isTestNetwork ? <span className="chip">Test network: coins have no value</span> : null}
      </span>
      <span className="bar-email">{name ?? session?.email}</span>
      <Button look="quiet" onClick={signOut}>
        Sign out
      </Button>
    </header>
  );
}
