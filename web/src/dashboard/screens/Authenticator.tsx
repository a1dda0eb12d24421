// Setting up the authenticator app: a QR code, the secret for those who type, and the first digits as proof. Comes right
// after sign-up, where it can be put off.
import { type FormEvent, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { addressGroups } from '../../ui/addressGroups.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { Approval, isAboutTotp, TOTP_DIGITS, TotpField, useStepUp } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';

/** History state this screen understands. */
export interface AuthenticatorState {
  /** right after sign-up, where there is no place to go back to */
  isNew?: boolean;
}

interface Setup {
  secret: string;
  otpauthUrl: string;
}

export function Authenticator() {
  const { merchant } = useMerchant();
  const isNew = ((useLocation().state ?? {}) as AuthenticatorState).isNew === true;
  const [setup, setSetup] = useState<Setup | null>(null);
  if (setup) return <Confirm setup={setup} onDone={() => setSetup(null)} />;
  return merchant.totpConfirmed ? (
    <Done isNew={isNew} onSetup={setSetup} />
  ) : (
    <Begin isNew={isNew} onSetup={setSetup} />
  );
}

function Begin({ isNew, onSetup }: { isNew: boolean; onSetup: (setup: Setup) => void }) {
  const client = useClient();
  const begin = useMerchantAction(async () => onSetup(await client.setUpAuthenticator()));
  return (
    <Screen
      title="Set up an authenticator app"
      step="begin"
      above={isNew ? undefined : <BackTo to="/settings">Settings</BackTo>}
      lead="Its digits prove that it is you before money leaves the account. Any app for one-time codes will do."
    >
      {isNew ? (
        <Notice kind="good" title="Your account is open">
          <p>Your settlement address is being made meanwhile; it takes a few seconds.</p>
        </Notice>
      ) : null}
      <div className="form">
        <Button className="button-wide" busy={begin.busy} onClick={() => void begin.run()}>
          Show the QR code
        </Button>
        {begin.failure ? (
          <Notice kind="bad">
            <p>{begin.failure.sentence}</p>
          </Notice>
        ) : null}
        {isNew ? (
          <Link to="/" className="button button-quiet button-wide">
            Later
          </Link>
        ) : null}
        {isNew ? (
          <p className="small centred">
            You can receive payments without it. Withdrawing and changing settings will ask for it.
          </p>
        ) : null}
      </div>
    </Screen>
  );
}

function Confirm({ setup, onDone }: { setup: Setup; onDone: () => void }) {
  const client = useClient();
  const { refresh } = useMerchant();
  const navigate = useNavigate();
  const [digits, setDigits] = useState('');
  const [isMissing, setMissing] = useState(false);
  const confirm = useMerchantAction(async () => {
    await client.confirmAuthenticator(digits);
    await refresh();
    onDone();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(digits.length !== TOTP_DIGITS);
    if (digits.length === TOTP_DIGITS) void confirm.run();
  };
  const aboutDigits = isAboutTotp(confirm.failure);
  const missing = isMissing ? 'Enter all six digits that your app shows.' : null;
  return (
    <Screen title="Scan this with your app" step="scan">
      <div className="receive">
        <QrCode text={setup.otpauthUrl} label="QR code for your authenticator app" />
        <div className="receive-words">
          <h2>Cannot scan it?</h2>
          <p>Enter this secret in the app instead:</p>
          <p data-testid="totp-secret" data-secret={setup.secret}>
            <span className="address" translate="no">
              {addressGroups(setup.secret).map((group, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the position is the group's identity.
                <span className="address-group" key={index}>
                  {group}
                </span>
              ))}
            </span>
          </p>
          <CopyButton text={setup.secret}>Copy secret</CopyButton>
          <p className="small">Keep it to yourself: whoever has it can make the same digits.</p>
        </div>
      </div>
      <form className="form" noValidate onSubmit={submit}>
        <TotpField
          digits={digits}
          error={missing ?? (aboutDigits ? confirm.failure!.sentence : null)}
          hint="Enter what the app shows now, so that we know it works."
          onDigits={(text) => {
            setDigits(text);
            setMissing(false);
            confirm.clear();
          }}
        />
        <Button type="submit" className="button-wide" busy={confirm.busy}>
          Confirm
        </Button>
        {confirm.failure && !aboutDigits ? (
          <Notice kind="bad">
            <p>{confirm.failure.sentence}</p>
          </Notice>
        ) : null}
        <Button look="quiet" className="button-wide" onClick={() => navigate('/')}>
          Later
        </Button>
      </form>
    </Screen>
  );
}

function Done({ isNew, onSetup }: { isNew: boolean; onSetup: (setup: Setup) => void }) {
  const client = useClient();
  const stepUp = useStepUp();
  const another = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      onSetup(await client.setUpAuthenticator(proof));
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void another.run();
  };
  return (
    <Screen
      title="Your authenticator app is set up"
      step="done"
      above={isNew ? undefined : <BackTo to="/settings">Settings</BackTo>}
    >
      <p>Before money leaves the account, and before settings change, we ask for the digits it shows.</p>
      <Link to={isNew ? '/' : '/settings'} className="button button-primary button-wide">
        {isNew ? 'Go to your dashboard' : 'Back to settings'}
      </Link>
      {isNew ? null : (
        <details className="more">
          <summary>Use another app or phone</summary>
          <form className="form" noValidate onSubmit={submit}>
            <p>The present app goes on working until the new one is confirmed.</p>
            <Approval
              stepUp={stepUp}
              busy={another.busy}
              failure={another.failure}
              clear={another.clear}
              progress="Making a new secret."
            >
              Show a new QR code
            </Approval>
          </form>
        </details>
      )}
    </Screen>
  );
}
