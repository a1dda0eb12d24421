// First screen of a new merchant: e-mail, the code sent there, and a name. The settlement account is made meanwhile.
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { SendCodeForm } from '../../wallet/SendCodeForm.tsx';
import { useClient } from '../clientContext.ts';
import { AnotherCode, CodeField, isAboutCode, isCodeComplete } from '../EmailCode.tsx';
import { useSession } from '../session.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';
import type { AuthenticatorState } from './Authenticator.tsx';

export function SignUp() {
  const [isSent, setSent] = useState(false);
  const [email, setEmail] = useState('');
  return isSent ? (
    <Confirm email={email.trim()} onOtherEmail={() => setSent(false)} />
  ) : (
    <AskForCode email={email} setEmail={setEmail} onSent={() => setSent(true)} />
  );
}

function AskForCode(props: { email: string; setEmail: (email: string) => void; onSent: () => void }) {
  const client = useClient();
  const send = useMerchantAction(async () => {
    await client.requestCode(props.email.trim());
    props.onSent();
  });
  return (
    <Screen
      title="Get paid in USDC"
      step="email"
      lead="You get an address for payments at once. There is nothing to install, and no secret words to keep."
    >
      <SendCodeForm
        email={props.email}
        setEmail={props.setEmail}
        send={send}
        hint="We send a code there to see that it is yours."
      />
      <nav className="doors" aria-label="Other ways in">
        <p>
          You have an account already? <Link to="/sign-in">Sign in</Link>
        </p>
      </nav>
    </Screen>
  );
}

function Confirm({ email, onOtherEmail }: { email: string; onOtherEmail: () => void }) {
  const client = useClient();
  const { begin } = useSession();
  const navigate = useNavigate();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [isTried, setTried] = useState(false);

  const signUp = useMerchantAction(async () => {
    await client.signUp({ email, code, name: name.trim() });
    begin();
    const state: AuthenticatorState = { isNew: true };
    navigate('/settings/authenticator', { replace: true, state });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isCodeComplete(code) && name.trim() !== '') void signUp.run();
  };
  const { failure } = signUp;
  const aboutCode = isAboutCode(failure);
  const aboutName = failure?.field === 'name';
  const codeMissing = isTried && !isCodeComplete(code) ? 'Enter all eight digits of the code.' : null;
  const nameMissing = isTried && name.trim() === '' ? 'Enter the name of your business.' : null;

  return (
    <Screen
      title="Enter the code"
      step="code"
      lead={
        <>
          We sent a code to <strong>{email}</strong>.
        </>
      }
    >
      <form className="form" noValidate onSubmit={submit}>
        <CodeField
          code={code}
          error={codeMissing ?? (aboutCode ? failure!.sentence : null)}
          onCode={(digits) => {
            setCode(digits);
            signUp.clear();
          }}
        />
        <TextField
          label="Name of your business"
          autoComplete="organization"
          maxLength={120}
          value={name}
          error={nameMissing ?? (aboutName ? failure!.sentence : null)}
          hint="Shown to you and to whoever runs this service."
          onText={(text) => {
            setName(text);
            signUp.clear();
          }}
        />
        <Button type="submit" className="button-wide" busy={signUp.busy}>
          Open account
        </Button>
        {failure && !aboutCode && !aboutName ? (
          <Notice kind="bad">
            <p>{failure.sentence}</p>
            {failure.code === 'MERCHANT_EXISTS' ? <Link to="/sign-in">Sign in</Link> : null}
          </Notice>
        ) : null}
      </form>
      <AnotherCode email={email} onOtherEmail={onOtherEmail} />
    </Screen>
  );
}
