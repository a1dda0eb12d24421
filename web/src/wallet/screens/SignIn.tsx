// Sign in with an existing passkey. After an expired session it says why the person is here, and leads back.
import { type FormEvent, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { EmailField } from '../EmailField.tsx';
import { useLatchkey } from '../latchkeyContext.ts';
import { PasskeyButton } from '../PasskeyButton.tsx';
import { useSession } from '../session.tsx';
import { useAction } from '../useAction.ts';

/** History state this screen understands. */
export interface SignInState {
  returnTo?: string;
  expired?: boolean;
  recovered?: boolean;
}

export function SignIn() {
  const latchkey = useLatchkey();
  const { begin } = useSession();
  const navigate = useNavigate();
  const arrival = (useLocation().state ?? {}) as SignInState;
  const [email, setEmail] = useState('');

  const signIn = useAction(async () => {
    await latchkey.signIn({ email: email.trim() });
    begin();
    navigate(arrival.returnTo ?? '/', { replace: true });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void signIn.run();
  };
  const emailFailure = signIn.failure?.field === 'email' ? signIn.failure.sentence : null;

  return (
    <Screen title="Sign in" lead="With the passkey you made when you created the wallet.">
      {arrival.expired ? (
        <Notice kind="info">
          <p>
            You were signed out, because a session lasts an hour. Sign in, and you are back where you were.
          </p>
        </Notice>
      ) : null}
      {arrival.recovered ? (
        <Notice kind="good">
          <p>Your new passkey opens the wallet now. Sign in with it.</p>
        </Notice>
      ) : null}
      <form className="form" noValidate onSubmit={submit}>
        <EmailField
          autoComplete="username"
          value={email}
          error={emailFailure}
          onText={(text) => {
            setEmail(text);
            signIn.clear();
          }}
        />
        <PasskeyButton
          busy={signIn.busy}
          failure={emailFailure ? null : signIn.failure}
          progress="Follow the prompt of your device."
        >
          Sign in with passkey
        </PasskeyButton>
      </form>
      <nav className="doors" aria-label="Other ways in">
        <p>
          <Link to="/recover">I lost this device</Link>
        </p>
        <p>
          New here? <Link to="/welcome">Open a wallet</Link>
        </p>
      </nav>
    </Screen>
  );
}
