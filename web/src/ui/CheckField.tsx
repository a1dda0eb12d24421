// A labelled choice of yes or no, by the browser's own checkbox.
import { type ReactNode, useId } from 'react';

interface CheckFieldProps {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onCheck: (checked: boolean) => void;
}

export function CheckField({ label, hint, checked, onCheck }: CheckFieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="check">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        aria-describedby={hint ? hintId : undefined}
        onChange={(event) => onCheck(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint ? (
        <p className="check-hint" id={hintId}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}
