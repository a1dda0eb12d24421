// The proof of being there that goes with what could cost money: a tap on a passkey once there is one, else the digits of
// the authenticator app, in a field of the same form. Without either it says where to set one up.
import type { StepUp } from '@latchkey/sdk/merchant';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { TextField } from '../ui/TextField.tsx';
import type { Failure } from '../wallet/failure.ts';
import { PasskeyButton } from '../wallet/PasskeyButton.tsx';
import { useMerchant } from './merchantView.tsx';

export const TOTP_DIGITS = 6;

export interface StepUpForm {
  by: 'passkey' | 'totp' | 'nothing';
  /** What to send; null, and the field says so, while digits are missing. */
  take: () => StepUp | null;
  /** Empties the field: digits are good once. */
  spent: () => void;
  digits: string;
  setDigits: (digits: string) => void;
  isMissing: boolean;
}

export function useStepUp(): StepUpForm {
  const { merchant } = useMerchant();
  const [digits, setDigits] = useState('');
  const [isMissing, setMissing] = useState(false);
  const by = merchant.hasPasskey ? 'passkey' : merchant.totpConfirmed ? 'totp' : 'nothing';
  return {
    by,
    digits,
    isMissing,
    setDigits(text) {
      setDigits(text);
      setMissing(false);
    },
    take() {
      if (by === 'passkey') return 'passkey';
      const isComplete = by === 'totp' && digits.length === TOTP_DIGITS;
      setMissing(!isComplete);
      return isComplete ? { totp: digits } : null;
    },
    spent: () => setDigits(''),
  };
}

export const isAboutTotp = (failure: Failure | null): boolean =>
  failure !== null && (failure.code.startsWith('TOTP_') || failure.field === 'totp');

interface TotpFieldProps {
  digits: string;
  error: string | null;
  hint?: string;
  onDigits: (digits: string) => void;
}

export function TotpField({ digits, error, hint, onDigits }: TotpFieldProps) {
  return (
    <TextField
      label="Digits of your authenticator app"
      autoComplete="one-time-code"
      inputMode="numeric"
      mono
      value={digits}
      error={error}
      hint={hint ?? 'Six digits; they change every 30 seconds.'}
      onText={(text) => onDigits(text.replace(/\D/g, '').slice(0, TOTP_DIGITS))}
    />
  );
}

interface ApprovalProps {
  stepUp: StepUpForm;
  busy: boolean;
  failure: Failure | null;
  /** Forgets the failure, when the person types again. */
  clear: () => void;
  /** Said while the service works. */
  progress: string;
  unavailable?: boolean;
  children: string;
}

/** The end of a form: the digits where they are needed, the button, and what went wrong. Submits its form. */
export function Approval(props: ApprovalProps): ReactNode {
  const { stepUp, busy, failure, clear, progress, unavailable = false, children } = props;
  if (stepUp.by === 'nothing') return <AuthenticatorNeeded />;
  if (stepUp.by === 'passkey') {
    return (
      <PasskeyButton busy={busy} failure={failure} progress={progress} unavailable={unavailable}>
        {children}
      </PasskeyButton>
    );
  }
  const aboutDigits = isAboutTotp(failure);
  const missing = stepUp.isMissing ? 'Enter all six digits that your app shows.' : null;
  return (
    <>
      <TotpField
        digits={stepUp.digits}
        error={missing ?? (aboutDigits ? failure!.sentence : null)}
        onDigits={(digits) => {
          stepUp.setDigits(digits);
          clear();
        }}
      />
      <Button type="submit" className="button-wide" busy={busy} unavailable={unavailable}>
        {children}
      </Button>
      <p className="visually-hidden" role="status">
        {busy ? progress : null}
      </p>
      {failure && !aboutDigits ? (
        <Notice kind="bad">
          <p>{failure.sentence}</p>
        </Notice>
      ) : null}
    </>
  );
}

export function AuthenticatorNeeded() {
  return (
    <Notice kind="info" title="An authenticator app is needed for this">
      <p>
        Its digits prove that it is you. <Link to="/settings/authenticator">Set it up</Link>; it takes a
        minute.
      </p>
    </Notice>
  );
}
