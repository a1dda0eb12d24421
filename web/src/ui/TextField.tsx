// A labelled text input with room for a hint, an error and one control beside the input.
// Guarantees: the accessible name is the label alone; hint and error are its description, the error is announced,
// and the space below is reserved so that an error moves nothing.
import { type ComponentProps, type ReactNode, useId } from 'react';

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  beside?: ReactNode;
  /** Set the text in the monospaced face, for addresses and codes. */
  mono?: boolean;
  onText: (text: string) => void;
}

export function TextField({ label, hint, error, beside, mono, onText, ...input }: TextFieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = Boolean(error) || hint !== undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={`field-box${error ? ' field-box-wrong' : ''}`}>
        <input
          {...input}
          id={id}
          className={mono ? 'mono' : undefined}
          aria-invalid={error ? true : undefined}
          aria-describedby={hasNote ? noteId : undefined}
          onChange={(event) => onText(event.target.value)}
        />
        {beside}
      </div>
      <div className="field-note" id={noteId} aria-live="polite">
        {error ? <span className="field-error">{error}</span> : hint}
      </div>
    </div>
  );
}
