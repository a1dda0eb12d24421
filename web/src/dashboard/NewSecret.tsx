// A secret that was just made, to be copied now: it is shown once, and gone with the press that says it was copied.
// Whoever shows it has to forget it then.
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Notice } from '../ui/Notice.tsx';

interface NewSecretProps {
  secret: string;
  /** What is said about it above. */
  children: string;
  testId: string;
  onCopied: () => void;
}

export function NewSecret({ secret, children, testId, onCopied }: NewSecretProps) {
  return (
    <Notice kind="good" title="Copy the secret now">
      <p>{children}</p>
      <p className="mono hash" data-testid={testId}>
        {secret}
      </p>
      <p>
        <CopyButton text={secret}>Copy secret</CopyButton>
      </p>
      <p>
        <Button look="quiet" onClick={onCopied}>
          I have copied it
        </Button>
      </p>
    </Notice>
  );
}
