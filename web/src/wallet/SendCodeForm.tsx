// Asks for the e-mail address that a code is to be sent to. A failure is shown at the field, until the text changes.
import type { FormEvent } from 'react';
import { Button } from '../ui/Button.tsx';
import { EmailField } from './EmailField.tsx';
import type { Task } from './useTask.ts';

interface SendCodeFormProps {
  email: string;
  setEmail: (email: string) => void;
  send: Task<[]>;
  hint: string;
}

export function SendCodeForm({ email, setEmail, send, hint }: SendCodeFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send.run();
  };
  return (
    <form className="form" noValidate onSubmit={submit}>
      <EmailField
        value={email}
        error={send.failure?.sentence ?? null}
        hint={hint}
        onText={(text) => {
          setEmail(text);
          send.clear();
        }}
      />
      <Button type="submit" className="button-wide" busy={send.busy}>
        Send code
      </Button>
    </form>
  );
}
