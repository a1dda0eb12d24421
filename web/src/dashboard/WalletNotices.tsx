// What a merchant should know at the top of the dashboard: that something is being made, has stopped, or is missing.
import { Link } from 'react-router';
import { Notice } from '../ui/Notice.tsx';
import { useMerchant } from './merchantView.tsx';

const SAFE_DEVICES = 2;

export function WalletNotices() {
  const { merchant, failure } = useMerchant();
  const { settlement, migration } = merchant;
  return (
    <>
      {failure ? (
        <Notice kind="bad" title="This may not be the latest state">
          <p>{failure.sentence} We keep trying.</p>
        </Notice>
      ) : null}
      {settlement.status === 'provisioning' ? (
        <Notice kind="info" title="Your settlement address is being made">
          <p>It appears here as soon as it is on the network, in a few seconds.</p>
        </Notice>
      ) : null}
      {migration?.error ? (
        <Notice kind="warning" title="The move to your own wallet has stopped">
          <p>
            Nothing is lost, and both wallets work. <Link to="/settings/upgrade">See why, and go on</Link>
          </p>
        </Notice>
      ) : null}
      {migration?.state === 'ready' && !migration.error ? (
        <Notice kind="info" title="Your own wallet is ready">
          <p>
            Your balance has not moved yet. <Link to="/settings/upgrade">Approve the move</Link>
          </p>
        </Notice>
      ) : null}
      {settlement.status === 'self-custody' && settlement.deviceCount < SAFE_DEVICES ? (
        <Notice kind="warning" title="Only one device opens your wallet">
          <p>
            If you lose it, you can no longer move your money.{' '}
            <Link to="/settings/devices">Add a second device</Link>
          </p>
        </Notice>
      ) : null}
      {!merchant.totpConfirmed && !merchant.hasPasskey ? (
        <Notice kind="info" title="Before you withdraw">
          <p>
            Withdrawals ask for an authenticator app. <Link to="/settings/authenticator">Set it up</Link>
          </p>
        </Notice>
      ) : null}
    </>
  );
}
