// A button that will ask for the passkey, with everything that belongs to asking: what to use instead where the
// browser has no passkeys, what is going on while the prompt is open, and what to do when it failed, right below.
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import type { Failure } from './failure.ts';
import { usePasskeySupport } from './passkeySupportContext.tsx';

interface PasskeyButtonProps {
  children: string;
  /** Said while the prompt is open and the service works, e.g. "Waiting for your passkey". */
  progress: string;
  busy: boolean;
  failure: Failure | null;
  unavailable?: boolean;
  look?: 'primary' | 'warning';
  /** Without it the button submits its form. */
  onPress?: () => void;
}

const UNSUPPORTED = {
  'no-webauthn':
    'Your money is opened by a passkey, and this browser has none. Use a current Chrome, Edge, Firefox or Safari, on a phone or computer with a fingerprint, face or PIN lock.',
  'insecure-context':
    'Browsers offer passkeys only over a secure connection. Open this wallet at its https:// address (on your own machine: at http://localhost).',
};

export function PasskeyButton(props: PasskeyButtonProps) {
  const support = usePasskeySupport();

  if (support !== 'checking' && !support.supported) {
    return (
      <Notice kind="warning" title="Passkeys are not available here">
        <p>{UNSUPPORTED[support.reason]}</p>
      </Notice>
    );
  }

  const elsewhere = support !== 'checking' && !support.platformAuthenticator;
  return (
    <div className="passkey">
      <Button
        look={props.look ?? 'primary'}
        icon="key"
        type={props.onPress ? 'button' : 'submit'}
        busy={props.busy}
        unavailable={support === 'checking' || props.unavailable === true}
        className="button-wide"
        {...(props.onPress ? { onClick: props.onPress } : {})}
      >
        {props.children}
      </Button>
      <p className="passkey-note" role="status" hidden={props.failure !== null}>
        {props.busy ? props.progress : null}
        {!props.busy && elsewhere
          ? 'This device has no passkey of its own: your phone or a security key will do.'
          : null}
      </p>
      {props.failure ? (
        <Notice kind="bad">
          <p>{props.failure.sentence}</p>
        </Notice>
      ) : null}
    </div>
  );
}
