// The screen that says what became of something the network decides on: a mark, words that are read out when they change,
// a button once the page has stopped asking on its own, the facts, and the way home.
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Fact } from '../ui/Fact.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Screen } from '../ui/Screen.tsx';
import type { Outcome } from './useOutcome.ts';

interface OutcomeScreenProps {
  id: string;
  title: string;
  icon: IconName;
  /** By the names of the stylesheet. */
  look: string;
  outcome: Pick<Outcome<unknown>, 'failure' | 'pollAgain'>;
  facts: ReactNode;
  /** Words of the way home. */
  home: string;
  children: ReactNode;
}

export function OutcomeScreen({ id, title, icon, look, outcome, facts, home, children }: OutcomeScreenProps) {
  const { failure, pollAgain } = outcome;
  return (
    <Screen title={title} step={id} className={`result result-${look}`}>
      <span className="result-mark">
        <Icon name={icon} />
      </span>
      <div role="status" className="result-words">
        {children}
        {failure ? <p className="small">{failure.sentence}</p> : null}
      </div>
      {pollAgain ? (
        <Button look="secondary" onClick={pollAgain}>
          Look again
        </Button>
      ) : null}
      {facts ? <dl className="facts">{facts}</dl> : null}
      <Link to="/" className="button button-primary button-wide">
        {home}
      </Link>
    </Screen>
  );
}

/** Where the network has it, as far as that is known. */
export function NetworkFacts({ ledger, hash }: { ledger: number | null; hash: string | null }) {
  return (
    <>
      {ledger === null ? null : <Fact name="Ledger">{ledger}</Fact>}
      {hash === null ? null : (
        <Fact name="Transaction">
          <span className="mono hash">{hash}</span>
          <CopyButton text={hash} look="quiet">
            Copy hash
          </CopyButton>
        </Fact>
      )}
    </>
  );
}
