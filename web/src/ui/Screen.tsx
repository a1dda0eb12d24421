// The frame of one screen: its document title and its heading, which takes the focus whenever the screen (or the
// step within it) changes, so that a keyboard or screen-reader user starts at the top of what is new.
// The very first screen after loading leaves the focus where the browser puts it.
import { type ReactNode, useEffect, useRef } from 'react';

let anyScreenShown = false;

interface ScreenProps {
  title: string;
  /** Changes when the content changes so much that reading should start again at the heading. */
  step?: string;
  lead?: ReactNode;
  /** Stands above the heading, e.g. the way back. */
  above?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Screen({ title, step = '', lead, above, className = '', children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step is the reason to move the focus.
  useEffect(() => {
    if (anyScreenShown) heading.current?.focus();
    anyScreenShown = true;
  }, [step]);

  return (
    <section className={`screen ${className}`.trimEnd()}>
      <title>{`${title} \u00b7 Latchkey`}</title>
      {above}
      <header className="screen-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead ? <p className="lead">{lead}</p> : null}
      </header>
      {children}
    </section>
  );
}
