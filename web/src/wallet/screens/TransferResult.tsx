// What became of a transfer. Confirmed shows hash and ledger; pending says that nothing need be done and asks again
// on its own; failed says why. A lost answer is never called a failure. The page can be reloaded: the id is in its
// address and the summary in the history entry.
import type { TransferReceipt } from '@latchkey/sdk';
import { useEffect, useState } from 'react';
import { Link, useLocation, useParams } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { type Failure, failureOf } from '../failure.ts';
import { useLatchkey } from '../latchkeyContext.ts';
import { useSession } from '../session.tsx';
import { useWalletView } from '../walletView.tsx';

const FIRST_POLL_AFTER_MS = 1_000;
const LONGEST_POLL_AFTER_MS = 8_000;
const MAX_POLLS = 60;

/** History state this screen shows; all of it survives a reload. `amount` is decimal. */
export interface TransferResultState {
  receipt: TransferReceipt;
  to: string;
  amount: string;
  symbol: string;
}

type Status = TransferReceipt['status'] | 'unknown';

const TITLES: Record<Status, string> = {
  confirmed: 'Sent',
  pending: 'Still on its way',
  failed: 'Not sent',
  unknown: 'Looking for your transfer',
};
const ICONS: Record<Status, IconName> = {
  confirmed: 'check',
  pending: 'clock',
  failed: 'cross',
  unknown: 'clock',
};

export function TransferResult() {
  const id = useParams().id ?? '';
  const summary = useLocation().state as TransferResultState | null;
  const { receipt, failure, pollAgain } = useTransferStatus(id, summary?.receipt ?? null);
  const status: Status = receipt?.status ?? 'unknown';
  return (
    <Screen title={TITLES[status]} step={id} className={`result result-${status}`}>
      <span className="result-mark">
        <Icon name={ICONS[status]} />
      </span>
      <div role="status" className="result-words">
        {status === 'confirmed' ? <p>The network has confirmed the transfer.</p> : null}
        {status === 'pending' ? (
          <p>
            You need not do anything, and please do not send again. The network takes the transfer once or not
            at all; this page tells you as soon as it is certain, and your activity will too.
          </p>
        ) : null}
        {status === 'failed' ? (
          <p>{receipt?.error?.message ?? 'The network did not take the transfer. Nothing was moved.'}</p>
        ) : null}
        {failure ? <p className="small">{failure.sentence}</p> : null}
      </div>
      {pollAgain ? (
        <Button look="secondary" onClick={pollAgain}>
          Look again
        </Button>
      ) : null}
      <dl className="facts">
        {summary ? (
          <>
            <div className="fact">
              <dt>Amount</dt>
              <dd>
                {summary.amount} {summary.symbol}
              </dd>
            </div>
            <div className="fact">
              <dt>To</dt>
              <dd>
                <Address address={summary.to} />
              </dd>
            </div>
          </>
        ) : null}
        {receipt?.ledger ? (
          <div className="fact">
            <dt>Ledger</dt>
            <dd>{receipt.ledger}</dd>
          </div>
        ) : null}
        {receipt?.transactionHash ? (
          <div className="fact">
            <dt>Transaction</dt>
            <dd>
              <span className="mono hash">{receipt.transactionHash}</span>
              <CopyButton text={receipt.transactionHash} look="quiet">
                Copy hash
              </CopyButton>
            </dd>
          </div>
        ) : null}
      </dl>
      <Link to="/" className="button button-primary button-wide">
        Back to your wallet
      </Link>
    </Screen>
  );
}

interface TransferStatusState {
  receipt: TransferReceipt | null;
  failure: Failure | null;
  /** Set when the page has stopped asking on its own. */
  pollAgain: (() => void) | null;
}

/** Follows a transfer until it is final, ever more slowly, at most MAX_POLLS times in a row. */
function useTransferStatus(id: string, known: TransferReceipt | null): TransferStatusState {
  const latchkey = useLatchkey();
  const { expire } = useSession();
  const { refresh } = useWalletView();
  const [receipt, setReceipt] = useState(known);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [polls, setPolls] = useState(0);
  const open = receipt === null || receipt.status === 'pending';
  const stopped = open && (polls >= MAX_POLLS || failure?.code === 'NOT_FOUND');

  useEffect(() => {
    if (!open || stopped) return;
    const waitMs =
      receipt === null && polls === 0
        ? 0
        : Math.min(FIRST_POLL_AFTER_MS + 250 * polls, LONGEST_POLL_AFTER_MS);
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const latest = await latchkey.transferStatus(id);
        if (gone) return;
        setReceipt(latest);
        setFailure(null);
        if (latest.status !== 'pending') void refresh();
      } catch (error) {
        if (gone) return;
        const seen = failureOf(error);
        if (seen.code === 'SESSION_EXPIRED') return expire();
        setFailure(seen);
      }
      setPolls(polls + 1);
    }, waitMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [open, stopped, polls, receipt, id, latchkey, expire, refresh]);

  const pollAgain = () => {
    setFailure(null);
    setPolls(0);
  };
  return { receipt, failure, pollAgain: stopped ? pollAgain : null };
}
