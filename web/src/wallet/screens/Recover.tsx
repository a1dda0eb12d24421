// "I lost this device": proof of the e-mail address by a code, then a new passkey for the same wallet. Where the
// wallet has a waiting period, the last step says when the new passkey takes over and what can happen until then.
// The screen never says whether a wallet exists for an e-mail.
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { fullDateTime } from '../dates.ts';
import { useLatchkey } from '../latchkeyContext.ts';
import { PasskeyButton } from '../PasskeyButton.tsx';
import { SendCodeForm } from '../SendCodeForm.tsx';
import { useSession } from '../session.tsx';
import { useAction } from '../useAction.ts';
import type { SignInState } from './SignIn.tsx';

const CODE_LENGTH = 6;

type Step = { name: 'email' } | { name: 'code' } | { name: 'waiting'; executableAt: number | null };

export function Recover() {
  const [step, setStep] = useState<Step>({ name: 'email' });
  const [email, setEmail] = useState('');
  switch (step.name) {
    case 'email':
      return <AskForCode email={email} setEmail={setEmail} onSent={() => setStep({ name: 'code' })} />;
    case 'code':
      return (
        <EnterCode
          email={email.trim()}
          onOtherEmail={() => setStep({ name: 'email' })}
          onWaiting={(executableAt) => setStep({ name: 'waiting', executableAt })}
        />
      );
    case 'waiting':
      return <Waiting executableAt={step.executableAt} />;
  }
}

function AskForCode(props: { email: string; setEmail: (email: string) => void; onSent: () => void }) {
  const latchkey = useLatchkey();
  const send = useAction(async () => {
    await latchkey.requestRecoveryCode({ email: props.email.trim() });
    props.onSent();
  });
  return (
    <Screen
      title="Recover your wallet"
      step="email"
      lead="You keep the wallet and everything in it. This device gets a new passkey; the lost one stops working."
    >
      <SendCodeForm
        email={props.email}
        setEmail={props.setEmail}
        send={send}
        hint="The address you created the wallet with. We send a code there."
      />
      <nav className="doors" aria-label="Other ways in">
        <p>
          You still have the passkey? <Link to="/sign-in">Sign in</Link>
        </p>
      </nav>
    </Screen>
  );
}

interface EnterCodeProps {
  email: string;
  onOtherEmail: () => void;
  onWaiting: (executableAt: number | null) => void;
}

function EnterCode({ email, onOtherEmail, onWaiting }: EnterCodeProps) {
  const latchkey = useLatchkey();
  const { begin } = useSession();
  const navigate = useNavigate();
  const [code, setCode] = useState('');
  const [codeMissing, setCodeMissing] = useState(false);

  const recover = useAction(async () => {
    const result = await latchkey.recoverWallet({ email, code });
    if (result.status === 'pending') onWaiting(result.executableAt);
    else if (result.session !== null) {
      begin();
      navigate('/', { replace: true, state: { news: 'recovered' } });
    } else navigate('/sign-in', { replace: true, state: { recovered: true } satisfies SignInState });
  });
  const resend = useAction(() => latchkey.requestRecoveryCode({ email }));
  const [resent, setResent] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setCodeMissing(code.length !== CODE_LENGTH);
    if (code.length === CODE_LENGTH) void recover.run();
  };
  const aboutCode = recover.failure?.code.startsWith('RECOVERY_CODE_') ?? false;
  const codeError = codeMissing
    ? 'Enter all six digits of the code.'
    : aboutCode
      ? recover.failure!.sentence
      : null;

  return (
    <Screen
      title="Enter the code"
      step="code"
      lead={
        <>
          If there is a wallet for <strong>{email}</strong>, a code is on its way there. It works for five
          minutes.
        </>
      }
    >
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="6-digit code"
          className="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          mono
          value={code}
          error={codeError}
          hint="Then your device asks you to make the new passkey."
          onText={(text) => {
            setCode(text.replace(/\D/g, '').slice(0, CODE_LENGTH));
            setCodeMissing(false);
            recover.clear();
          }}
        />
        <PasskeyButton
          busy={recover.busy}
          failure={aboutCode ? null : recover.failure}
          progress="Follow the prompt of your device. The network then learns the new key."
        >
          Recover with a new passkey
        </PasskeyButton>
      </form>
      <div className="doors">
        <p>
          <Button
            look="quiet"
            busy={resend.busy}
            onClick={() => {
              setResent(false);
              void resend.run().then(() => setResent(true));
            }}
          >
            Request another code
          </Button>
          <Button look="quiet" onClick={onOtherEmail}>
            Use another e-mail
          </Button>
        </p>
        <p role="status" className="small">
          {resend.failure?.sentence ??
            (resent ? 'Another code is on its way. Only the newest one works.' : null)}
        </p>
      </div>
    </Screen>
  );
}

function Waiting({ executableAt }: { executableAt: number | null }) {
  if (executableAt === null) {
    return (
      <Screen title="Recovery is still on its way" step="waiting">
        <p>
          The network has not confirmed the new passkey yet. You need not do anything and need no other code:
          sign in with the new passkey in a minute.
        </p>
        <p>
          <Link to="/sign-in">Go to sign-in</Link>
        </p>
      </Screen>
    );
  }
  return (
    <Screen title="Recovery is under way" step="waiting">
      <Notice kind="info" title={`Your new passkey takes over on ${fullDateTime(executableAt)}`}>
        <p>Until then the wallet stays as it is, and nobody can spend from it with the new passkey.</p>
      </Notice>
      <ul className="points">
        <li>
          You need not keep this page open. From that time on, sign in with the passkey you have just made.
        </li>
        <li>
          Every device of this wallet was told by e-mail. Whoever holds the old passkey can cancel until then.
        </li>
        <li>
          If you find the lost device again, sign in there and choose to cancel; nothing will have changed.
        </li>
      </ul>
      <p>
        <Link to="/sign-in">Go to sign-in</Link>
      </p>
    </Screen>
  );
}
