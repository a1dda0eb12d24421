// The upgrade from a managed wallet to the merchant's own. Which step is shown follows from what the service says, so a
// reload, the back button or a second tab lands on the step that is due: explanation and passkey, deployment, gate,
// migration, done.
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { BackTo } from '../BackTo.tsx';
import { useMerchant } from '../merchantView.tsx';
import { MigrationGate } from '../upgrade/MigrationGate.tsx';
import { MigrationProgress } from '../upgrade/MigrationProgress.tsx';
import { StartUpgrade } from '../upgrade/StartUpgrade.tsx';

const above = <BackTo to="/settings">Settings</BackTo>;

export function Upgrade() {
  const { merchant } = useMerchant();
  const { settlement, migration } = merchant;
  const [wasDeploying, setWasDeploying] = useState(false);
  const isDeploying = settlement.status === 'upgrading' && migration === null;
  useEffect(() => {
    if (isDeploying) setWasDeploying(true);
  }, [isDeploying]);
  if (settlement.status === 'provisioning') {
    return (
      <Screen title="Your own wallet" step="provisioning" above={above}>
        <Notice kind="info">
          <p>
            Your settlement account is still being made. It takes a few seconds; this page goes on by itself.
          </p>
        </Notice>
      </Screen>
    );
  }
  if (migration !== null && migration.state === 'ready' && migration.error === null) return <MigrationGate />;
  if (migration !== null && migration.state !== 'done') return <MigrationProgress migration={migration} />;
  if (!settlement.managed) return <Done />;
  if (isDeploying) return <Deploying />;
  return <StartUpgrade hasFailed={wasDeploying} />;
}

function Deploying() {
  return (
    <Screen title="Your wallet is being made" step="deploying" above={above}>
      <div role="status" className="result-words">
        <p>The network learns of your new wallet and its passkey. This takes a few seconds.</p>
        <p className="progress">
          <span className="spinner" aria-hidden="true" /> Waiting for the network
        </p>
      </div>
      <p className="small">
        Payments arrive in the managed account as before. You may leave this page; nothing moves without you.
      </p>
    </Screen>
  );
}

function Done() {
  const { merchant } = useMerchant();
  const hasSecondDevice = merchant.settlement.deviceCount > 1;
  return (
    <Screen
      title="The wallet is yours"
      step="done"
      above={above}
      lead="Payments go to your own wallet now, and your passkeys move them, the service no longer can. The old key is deleted."
    >
      {merchant.migration ? (
        <p>
          Tell whoever pays you the new address. The old one is closed, and payments to it fail:{' '}
          <Address address={merchant.migration.fromAddress} />
        </p>
      ) : null}
      {hasSecondDevice ? null : (
        <Notice kind="warning" title="Add a second device now">
          <p>
            One lost or broken device is then no reason to worry. It takes a minute, with a phone, another
            computer or a security key.
          </p>
        </Notice>
      )}
      <div className="form">
        {hasSecondDevice ? null : (
          <Link to="/settings/devices" className="button button-primary button-wide">
            Add a second device
          </Link>
        )}
        <Link to="/" className={`button button-wide ${hasSecondDevice ? 'button-primary' : 'button-quiet'}`}>
          {hasSecondDevice ? 'Go to your dashboard' : 'Later'}
        </Link>
      </div>
    </Screen>
  );
}
