// Settings: who holds the key of the settlement wallet, and the way to each of the other settings.
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Button } from '../../ui/Button.tsx';
import { Fact } from '../../ui/Fact.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { useSession } from '../session.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';

export function Settings() {
  const { merchant } = useMerchant();
  const { settlement } = merchant;
  return (
    <Screen title="Settings" lead={merchant.email}>
      <WalletKind />
      <nav className="settings" aria-label="Settings">
        <ul>
          {settlement.smartWalletAddress && !settlement.managed ? (
            <Entry to="/settings/devices" name="Devices">
              {settlement.deviceCount === 1
                ? 'One device opens your wallet.'
                : `${settlement.deviceCount} devices open your wallet.`}
            </Entry>
          ) : null}
          <Entry to="/settings/rules" name="Withdrawal rules">
            A daily limit, and a list of allowed destinations.
          </Entry>
          <Entry to="/settings/authenticator" name="Authenticator app">
            {merchant.totpConfirmed ? 'Set up.' : 'Not set up yet.'}
          </Entry>
          <Entry to="/settings/api-keys" name="API keys">
            For your own programs.
          </Entry>
          <Entry to="/settings/webhooks" name="Webhooks">
            Tell your systems of payments as they happen.
          </Entry>
          <Entry to="/settings/activity" name="Activity">
            Everything that was done with this account.
          </Entry>
        </ul>
      </nav>
      <SignOutEverywhere />
    </Screen>
  );
}

function SignOutEverywhere() {
  const client = useClient();
  const { signOut } = useSession();
  const everywhere = useMerchantAction(async () => {
    await client.signOutEverywhere();
    signOut();
  });
  return (
    <div>
      <Button look="quiet" busy={everywhere.busy} onClick={() => void everywhere.run()}>
        Sign out on all devices
      </Button>
      {everywhere.failure ? (
        <Notice kind="bad">
          <p>{everywhere.failure.sentence}</p>
        </Notice>
      ) : null}
    </div>
  );
}

function Entry({ to, name, children }: { to: string; name: string; children: ReactNode }) {
  return (
    <li className="settings-entry">
      <Link to={to}>{name}</Link>
      <p className="small">{children}</p>
    </li>
  );
}

function WalletKind() {
  const { merchant } = useMerchant();
  const { settlement, migration } = merchant;
  const isMoving = migration !== null && migration.state !== 'done';
  const kind = settlement.managed ? 'Managed for you' : 'Your own';
  return (
    <section className="slip" aria-labelledby="wallet-kind">
      <h2 id="wallet-kind">Settlement wallet</h2>
      <p className="wallet-kind">{isMoving ? `${kind}, and on the move` : kind}</p>
      <p className="small">
        {settlement.managed
          ? 'The service keeps the key and signs for you after you approve.'
          : 'Only your passkeys sign. The service keeps no seed of it.'}
      </p>
      <dl className="facts">
        <Fact name="Payments go to">
          {merchant.settlementAddress ? (
            <Address address={merchant.settlementAddress} />
          ) : (
            'It is being made.'
          )}
        </Fact>
      </dl>
      {settlement.managed || isMoving ? (
        <p className="slip-action">
          <Link to="/settings/upgrade" className="button button-primary button-wide">
            {isMoving || settlement.status === 'upgrading'
              ? 'See how far it is'
              : 'Upgrade to your own wallet'}
          </Link>
        </p>
      ) : null}
    </section>
  );
}
