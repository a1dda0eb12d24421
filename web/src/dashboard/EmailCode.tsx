// Proof of an e-mail address: first the address, then the eight digits that were sent there. What the screens of sign-up and
// sign-in have in common.
import { useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/TextField.tsx';
import type { Failure } from '../wallet/failure.ts';
import { useClient } from './clientContext.ts';
import { useMerchantAction } from './useMerchantAction.ts';

const CODE_LENGTH = 8;

export const isAboutCode = (failure: Failure | null): boolean =>
  failure !== null && (failure.code.startsWith('EMAIL_CODE_') || failure.field === 'code');

export const isCodeComplete = (code: string): boolean => code.length === CODE_LENGTH;

interface CodeFieldProps {
  code: string;
  error: string | null;
  onCode: (code: string) => void;
}

export function CodeField({ code, error, onCode }: CodeFieldProps) {
  return (
    <TextField
      label="8-digit code"
      className="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      mono
      value={code}
      error={error}
      hint="It works for a few minutes."
      onText={(text) => onCode(text.replace(/\D/g, '').slice(0, CODE_LENGTH))}
    />
  );
}

export function AnotherCode({ email, onOtherEmail }: { email: string; onOtherEmail: () => void }) {
  const client = useClient();
  const [sent, setSent] = useState(false);
  const resend = useMerchantAction(async () => {
    setSent(false);
    await client.requestCode(email);
    setSent(true);
  });
  return (
    <div className="doors">
      <p>
        <Button look="quiet" busy={resend.busy} onClick={() => void resend.run()}>
          Send another code
        </Button>
        <Button look="quiet" onClick={onOtherEmail}>
          Use another e-mail
        </Button>
      </p>
      <p role="status" className="small">
        {resend.failure?.sentence ?? (sent ? 'Another code is on its way. Only the newest one works.' : null)}
      </p>
    </div>
  );
}
