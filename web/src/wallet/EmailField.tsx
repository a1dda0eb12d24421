// The one field for an e-mail address: what browsers need to fill it in and to show the right keyboard.
import { TextField } from '../ui/TextField.tsx';

interface EmailFieldProps {
  /** "username" where the browser may offer the passkey's account. */
  autoComplete?: 'email' | 'username';
  value: string;
  error: string | null;
  hint?: string;
  onText: (text: string) => void;
}

export function EmailField(props: EmailFieldProps) {
  return (
    <TextField
      label="E-mail"
      type="email"
      autoComplete="email"
      inputMode="email"
      spellCheck={false}
      {...props}
    />
  );
}
