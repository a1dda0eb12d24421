// First screen of a newcomer: an e-mail, a passkey, and there is a wallet.
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { Screen } from '../../ui/Screen.tsx';
import { EmailField } from '../EmailField.tsx';
import { useLatchkey } from '../latchkeyContext.ts';
import { PasskeyButton } from '../PasskeyButton.tsx';
import { useSession } from '../session.tsx';
import { useAction } from '../useAction.ts';

export function Welcome() {
  const latchkey = useLatchkey();
  const { begin } = useSession();
  const navigate = useNavigate();
  const [email, setEmail] = useState('');

  const create = useAction(async () => {
    await latchkey.createWallet({ email: email.trim() });
    begin();
    navigate('/', { replace: true, state: { news: 'created' } });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void create.run();
  };
  const emailFailure = create.failure?.field === 'email' ? create.failure.sentence : null;

  return (
    <Screen
      title="Open a wallet with your passkey"
      lead="No password and no secret words. Your fingerprint, face or PIN signs on your own device, and nobody else can move your money."
    >
      <form className="form" noValidate onSubmit={submit}>
        <EmailField
          value={email}
          error={emailFailure}
          hint="If you ever lose your device, a code sent here lets you set a new passkey."
          onText={(text) => {
            setEmail(text);
            create.clear();
          }}
        />
        <PasskeyButton
          busy={create.busy}
          failure={emailFailure ? null : create.failure}
          progress="Follow the prompt of your device. The wallet opens right after."
        >
          Create wallet
        </PasskeyButton>
      </form>
      <nav className="doors" aria-label="Other ways in">
        <p>
          You have a wallet already? <Link to="/sign-in">Sign in</Link>
        </p>
        <p>
          <Link to="/recover">I lost this device</Link>
        </p>
      </nav>
    </Screen>
  );
}
