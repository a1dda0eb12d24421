// The start of an upgrade: whether this browser can do it, what changes, what is lost if all devices are lost; then the
// passkey, and the digits of the authenticator app that let the service deploy the wallet. Nothing moves here.
import type { NewPasskey } from '@latchkey/sdk/merchant';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { CheckField } from '../../ui/CheckField.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { usePasskeySupport } from '../../wallet/passkeySupportContext.tsx';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { Approval, AuthenticatorNeeded, useStepUp } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';

const above = <BackTo to="/settings">Settings</BackTo>;

const WHY_NOT = {
  'no-webauthn':
    'This browser has no passkeys, and your own wallet is opened by one. Try a current Chrome, Edge, Firefox or Safari on a phone or computer with a fingerprint, face or PIN lock.',
  'insecure-context':
    'Browsers offer passkeys only over a secure connection, and your own wallet is opened by one. Open the dashboard at its https:// address.',
};

/** @param hasFailed right after the network did not take the wallet */
export function StartUpgrade({ hasFailed }: { hasFailed: boolean }) {
  const support = usePasskeySupport();
  const { merchant } = useMerchant();
  const [passkey, setPasskey] = useState<NewPasskey | null>(null);
  if (support !== 'checking' && !support.supported) return <StayManaged why={WHY_NOT[support.reason]} />;
  if (!merchant.totpConfirmed && !merchant.hasPasskey) {
    return (
      <Screen title="Your own wallet" step="authenticator" above={above}>
        <AuthenticatorNeeded />
      </Screen>
    );
  }
  return passkey === null ? (
    <Explanation hasFailed={hasFailed} onPasskey={setPasskey} />
  ) : (
    <Deploy passkey={passkey} onAnother={() => setPasskey(null)} />
  );
}

function StayManaged({ why }: { why: string }) {
  return (
    <Screen title="Stay on managed for now" step="unsupported" above={above}>
      <Notice kind="warning" title="The upgrade is not possible in this browser">
        <p>{why}</p>
      </Notice>
      <p>Your managed wallet goes on as it is: payments arrive, and you can withdraw at any time.</p>
      <Link to="/" className="button button-primary button-wide">
        Back to your dashboard
      </Link>
    </Screen>
  );
}

interface ExplanationProps {
  hasFailed: boolean;
  onPasskey: (passkey: NewPasskey) => void;
}

function Explanation({ hasFailed, onPasskey }: ExplanationProps) {
  const client = useClient();
  const [hasRead, setRead] = useState(false);
  const create = useMerchantAction(async () => onPasskey(await client.createUpgradePasskey()));
  return (
    <Screen
      title="Make the wallet your own"
      step="explanation"
      above={above}
      lead="A passkey on your device signs for your money from then on, and the service keeps no key that does."
    >
      {hasFailed ? (
        <Notice kind="bad" title="The wallet could not be made">
          <p>The network did not take it. Nothing has changed, and you can try again at any time.</p>
        </Notice>
      ) : null}
      <section className="explained" aria-labelledby="what-changes">
        <h2 id="what-changes">What changes</h2>
        <ul className="points">
          <li>
            Payments go to a new address, which begins with C. You approve the move before anything happens.
          </li>
          <li>
            Each withdrawal needs your fingerprint, face or PIN. The service cannot make one without you.
          </li>
          <li>A memo can only be a number, and some exchanges do not pay to addresses that begin with C.</li>
          <li>The service still pays all network fees.</li>
        </ul>
      </section>
      <section className="explained" aria-labelledby="what-is-lost">
        <h2 id="what-is-lost">If you lose all your devices</h2>
        <p>
          You cannot move your money then, and neither can we. One way is left: whoever runs this service is
          the wallet&apos;s guardian and can put a new passkey in, on the network; do not count on it. Add a
          second device right after the upgrade, and one lost device is no reason to worry.
        </p>
      </section>
      <CheckField
        label="I understand that only my passkeys sign for this wallet"
        checked={hasRead}
        onCheck={setRead}
      />
      <PasskeyButton
        busy={create.busy}
        failure={create.failure}
        unavailable={!hasRead}
        progress="Follow the prompt of your device."
        onPress={() => void create.run()}
      >
        Create passkey
      </PasskeyButton>
    </Screen>
  );
}

function Deploy({ passkey, onAnother }: { passkey: NewPasskey; onAnother: () => void }) {
  const client = useClient();
  const { refresh } = useMerchant();
  const stepUp = useStepUp();
  const deploy = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      await client.upgrade(passkey, proof);
      await refresh();
    } catch (error) {
      stepUp.spent();
      throw error;
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void deploy.run();
  };
  const needsAnother = deploy.failure?.code.startsWith('CHALLENGE_') ?? false;
  return (
    <Screen
      title="Your passkey is made"
      step="deploy"
      above={above}
      lead="Now the wallet is made on the network, with this passkey as its key. Nothing moves yet."
    >
      <form className="form" noValidate onSubmit={submit}>
        <Approval
          stepUp={stepUp}
          busy={deploy.busy}
          failure={deploy.failure}
          clear={deploy.clear}
          progress="The network makes your wallet. This takes a few seconds."
        >
          Make the wallet
        </Approval>
      </form>
      {needsAnother ? (
        <p>
          <button type="button" className="button button-secondary" onClick={onAnother}>
            Start again with a new passkey
          </button>
        </p>
      ) : null}
    </Screen>
  );
}
