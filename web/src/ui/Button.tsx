// A button that keeps its name, its size and the focus while it works: busy shows a mark and refuses clicks with
// aria-disabled, because a `disabled` button would throw a keyboard user's focus back to the top of the page.
import type { ComponentProps, MouseEvent } from 'react';
import { Icon, type IconName } from './Icon.tsx';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  look?: 'primary' | 'secondary' | 'quiet' | 'warning';
  icon?: IconName;
  busy?: boolean;
  unavailable?: boolean;
}

export function Button({
  look = 'primary',
  icon,
  busy = false,
  unavailable = false,
  type = 'button',
  className = '',
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const refuses = busy || unavailable;
  const handleClick = (event: MouseEvent<HTMLButtonElement>) => {
    if (refuses) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      {...rest}
      type={type}
      className={`button button-${look} ${className}`.trimEnd()}
      aria-disabled={refuses || undefined}
      aria-busy={busy || undefined}
      onClick={handleClick}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}
