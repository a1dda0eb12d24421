// The wallet at a glance: what it holds, where it is, the three things one does with it, and the latest activity.
// A recovery under way is the one thing that comes first, because the owner can still stop it.
import { Link, useLocation } from 'react-router';
import { Amount } from '../../ui/Amount.tsx';
import { shortAddress } from '../../ui/addressGroups.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyOutline } from '../../ui/KeyOutline.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { ActivityList } from '../ActivityList.tsx';
import { PendingRotation } from '../PendingRotation.tsx';
import { useSession } from '../session.tsx';
import { useActivity } from '../useActivity.ts';
import { useWalletView } from '../walletView.tsx';

const LATEST_SHOWN = 4;

export function Home() {
  const { view, failure } = useWalletView();
  const news = (useLocation().state as { news?: 'created' | 'recovered' } | null)?.news;
  return (
    <Screen title="Your wallet" className="home">
      {view?.pendingRotation ? <PendingRotation {...view.pendingRotation} /> : null}
      {news === 'created' ? (
        <Notice kind="good" title="Your wallet is open">
          <p>It opens with the passkey of this device. There is nothing to write down.</p>
        </Notice>
      ) : null}
      {news === 'recovered' ? (
        <Notice kind="good" title="The wallet is yours again">
          <p>From now on the passkey of this device opens it. The lost one signs nothing any more.</p>
        </Notice>
      ) : null}
      {failure ? (
        <Notice
          kind="bad"
          title={view ? 'This may not be the latest state' : 'The wallet could not be shown'}
        >
          <p>{failure.sentence} We keep trying.</p>
        </Notice>
      ) : null}
      <div className="home-wallet">
        <Plate />
        <nav className="actions" aria-label="Wallet">
          <Link to="/send" className="action">
            <Icon name="out" />
            Send
          </Link>
          <Link to="/receive" className="action">
            <Icon name="in" />
            Receive
          </Link>
          <Link to="/activity" className="action">
            <Icon name="list" />
            Activity
          </Link>
        </nav>
      </div>
      <Latest />
    </Screen>
  );
}

function Plate() {
  const { session } = useSession();
  const { view } = useWalletView();
  const address = view?.walletAddress ?? session?.walletAddress ?? '';
  const [main, ...others] = view?.balances ?? [];
  return (
    <section className="plate" aria-label="Balance">
      <p className="plate-label">Balance</p>
      <p className="plate-money" data-testid="balance" aria-busy={view === null || undefined}>
        {main ? <Amount {...main} /> : <span className="skeleton">Loading</span>}
      </p>
      {others.length > 0 ? (
        <ul className="plate-others">
          {others.map((balance) => (
            <li key={balance.token}>
              <Amount {...balance} />
            </li>
          ))}
        </ul>
      ) : null}
      <div className="plate-foot">
        <span
          className="plate-address mono"
          data-testid="wallet-address"
          data-address={address}
          title={address}
        >
          {shortAddress(address)}
        </span>
        <CopyButton text={address} look="quiet">
          Copy
        </CopyButton>
      </div>
      <KeyOutline address={address} />
    </section>
  );
}

function Latest() {
  const { view } = useWalletView();
  const balance = view?.balances.map((it) => it.amount).join();
  const activity = useActivity(LATEST_SHOWN, balance);
  return (
    <section className="latest" aria-labelledby="latest-heading">
      <h2 id="latest-heading">Latest</h2>
      <ActivityList activity={activity} skeletonRows={2} />
    </section>
  );
}
