// Copies a text and says so. Where the browser refuses the clipboard it says that too, and what to do instead.
import { useEffect, useState } from 'react';
import { Button } from './Button.tsx';

const CONFIRMATION_SHOWN_MS = 3_000;

interface CopyButtonProps {
  text: string;
  children: string;
  look?: 'primary' | 'secondary' | 'quiet';
}

export function CopyButton({ text, children, look = 'secondary' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'refused'>('none');

  useEffect(() => {
    if (outcome !== 'copied') return;
    const timer = setTimeout(() => setOutcome('none'), CONFIRMATION_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      setOutcome('refused');
    }
  };

  return (
    <span className="copy">
      <Button look={look} icon={outcome === 'copied' ? 'check' : 'copy'} onClick={copy}>
        {children}
      </Button>
      <span className="copy-outcome" role="status">
        {outcome === 'copied' ? 'Copied' : null}
        {outcome === 'refused' ? 'The browser did not allow it. Select the text and copy it by hand.' : null}
      </span>
    </span>
  );
}
