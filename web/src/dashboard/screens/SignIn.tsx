// Sign in: with the passkey where there is one, else with a code by e-mail and the digits of the authenticator app. After
// an expired session it says why the person is here, and leads back.
import { type FormEvent, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { EmailField } from '../../wallet/EmailField.tsx';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { usePasskeySupport } from '../../wallet/passkeySupportContext.tsx';
import { useClient } from '../clientContext.ts';
import { AnotherCode, CodeField, isAboutCode, isCodeComplete } from '../EmailCode.tsx';
import { useSession } from '../session.tsx';
import { isAboutTotp, TOTP_DIGITS, TotpField } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';

/** History state this screen understands. */
export interface SignInState {
  returnTo?: string;
  expired?: boolean;
}

function useArrival() {
  const { begin } = useSession();
  const navigate = useNavigate();
  const arrival = (useLocation().state ?? {}) as SignInState;
  const enter = () => {
    begin();
    navigate(arrival.returnTo ?? '/', { replace: true });
  };
  return { arrival, enter };
}

export function SignIn() {
  const [isSent, setSent] = useState(false);
  const [email, setEmail] = useState('');
  return isSent ? (
    <WithCode email={email.trim()} onOtherEmail={() => setSent(false)} />
  ) : (
    <Start email={email} setEmail={setEmail} onSent={() => setSent(true)} />
  );
}

function Start(props: { email: string; setEmail: (email: string) => void; onSent: () => void }) {
  const client = useClient();
  const support = usePasskeySupport();
  const { arrival, enter } = useArrival();
  const [isEmailMissing, setEmailMissing] = useState(false);
  const email = props.email.trim();

  const byPasskey = useMerchantAction(async () => {
    await client.signInByPasskey(email);
    enter();
  });
  const send = useMerchantAction(async () => {
    await client.requestCode(email);
    props.onSent();
  });
  const start = (run: () => Promise<void>) => {
    byPasskey.clear();
    send.clear();
    setEmailMissing(email === '');
    if (email !== '') void run();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(byPasskey.run);
  };
  const hasPasskeys = support === 'checking' || support.supported;
  const aboutEmail = [byPasskey.failure, send.failure].find(
    (it) => it?.field === 'email' || it?.code === 'MERCHANT_NOT_FOUND',
  );
  const passkeyFailure = byPasskey.failure === aboutEmail ? null : byPasskey.failure;
  const missing = isEmailMissing ? 'Enter the e-mail you signed up with.' : null;

  return (
    <Screen title="Sign in" step="email" lead="To your settlement dashboard.">
      {arrival.expired ? (
        <Notice kind="info">
          <p>You were signed out, because the session has ended. Sign in, and you are back where you were.</p>
        </Notice>
      ) : null}
      <form className="form" noValidate onSubmit={submit}>
        <EmailField
          autoComplete="username"
          value={props.email}
          error={missing ?? aboutEmail?.sentence ?? null}
          onText={(text) => {
            props.setEmail(text);
            setEmailMissing(false);
            byPasskey.clear();
            send.clear();
          }}
        />
        {hasPasskeys ? (
          <PasskeyButton
            busy={byPasskey.busy}
            failure={passkeyFailure}
            unavailable={send.busy}
            progress="Follow the prompt of your device."
          >
            Sign in with passkey
          </PasskeyButton>
        ) : null}
        <Button
          look={hasPasskeys ? 'secondary' : 'primary'}
          className="button-wide"
          busy={send.busy}
          unavailable={byPasskey.busy}
          onClick={() => start(send.run)}
        >
          No passkey yet: send a code
        </Button>
        {send.failure && send.failure !== aboutEmail ? (
          <Notice kind="bad">
            <p>{send.failure.sentence}</p>
          </Notice>
        ) : null}
      </form>
      <nav className="doors" aria-label="Other ways in">
        <p>
          New here? <Link to="/sign-up">Open an account</Link>
        </p>
      </nav>
    </Screen>
  );
}

function WithCode({ email, onOtherEmail }: { email: string; onOtherEmail: () => void }) {
  const client = useClient();
  const { enter } = useArrival();
  const [code, setCode] = useState('');
  const [digits, setDigits] = useState('');
  const [asksDigits, setAsksDigits] = useState(false);
  const [isTried, setTried] = useState(false);

  const signIn = useMerchantAction(async () => {
    try {
      await client.signInByCode({ email, code, ...(asksDigits ? { totp: digits } : {}) });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'TOTP_REQUIRED') throw error;
      setAsksDigits(true);
      setTried(false);
      return;
    }
    enter();
  });
  const areDigitsComplete = !asksDigits || digits.length === TOTP_DIGITS;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isCodeComplete(code) && areDigitsComplete) void signIn.run();
  };
  const { failure } = signIn;
  const aboutCode = isAboutCode(failure);
  const aboutDigits = isAboutTotp(failure);
  const codeMissing = isTried && !isCodeComplete(code) ? 'Enter all eight digits of the code.' : null;
  const digitsMissing = isTried && !areDigitsComplete ? 'Enter all six digits that your app shows.' : null;

  return (
    <Screen
      title={asksDigits ? 'Enter the digits of your app' : 'Enter the code'}
      step={asksDigits ? 'digits' : 'code'}
      lead={
        <>
          If there is an account for <strong>{email}</strong>, a code is on its way there.
        </>
      }
    >
      <form className="form" noValidate onSubmit={submit}>
        <CodeField
          code={code}
          error={codeMissing ?? (aboutCode ? failure!.sentence : null)}
          onCode={(text) => {
            setCode(text);
            signIn.clear();
          }}
        />
        {asksDigits ? (
          <TotpField
            digits={digits}
            error={digitsMissing ?? (aboutDigits ? failure!.sentence : null)}
            onDigits={(text) => {
              setDigits(text);
              signIn.clear();
            }}
          />
        ) : null}
        <Button type="submit" className="button-wide" busy={signIn.busy}>
          Sign in
        </Button>
        {failure && !aboutCode && !aboutDigits ? (
          <Notice kind="bad">
            <p>{failure.sentence}</p>
          </Notice>
        ) : null}
      </form>
      <AnotherCode email={email} onOtherEmail={onOtherEmail} />
    </Screen>
  );
}
