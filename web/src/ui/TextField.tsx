// A labelled text input with room for a hint, an error and one control beside the input.
// Guarantees: the accessible name is the label alone; hint and error are its description, the error is announced,
// the space below is reserved so that an error of one line moves nothing, and the first wrong field of a form takes
// the focus when its error appears.
import { type ComponentProps, type ReactNode, useEffect, useId, useRef } from 'react';

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  beside?: ReactNode;
  /** Set the text in the monospaced face, for addresses and codes. */
  mono?: boolean;
  onText: (text: string) => void;
}

export function TextField({ label, hint, error, beside, mono, onText, ...rest }: TextFieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const element = input.current;
    const firstWrong = element?.form?.querySelector('[aria-invalid=true]');
    if (error && element !== null && firstWrong === element) element.focus();
  }, [error]);

  const hasNote = Boolean(error) || hint !== undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={`field-box${error ? ' field-box-wrong' : ''}`}>
        <input
          {...rest}
          ref={input}
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
