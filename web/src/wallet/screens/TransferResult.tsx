// What became of a transfer. Confirmed shows hash and ledger; pending says that nothing need be done and asks again
// on its own; failed says why. A lost answer is never called a failure. The page can be reloaded: the id is in its
// address and the summary in the history entry.
import type { TransferReceipt } from '@latchkey/sdk';
import { useCallback } from 'react';
import { useLocation, useParams } from 'react-router';
import { NetworkFacts, OutcomeScreen } from '../../outcome/OutcomeScreen.tsx';
import { useOutcome } from '../../outcome/useOutcome.ts';
import { Address } from '../../ui/Address.tsx';
import { Fact } from '../../ui/Fact.tsx';
import type { IconName } from '../../ui/Icon.tsx';
import { failureOf } from '../failure.ts';
import { useLatchkey } from '../latchkeyContext.ts';
import { useSession } from '../session.tsx';
import { useWalletView } from '../walletView.tsx';

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
  const latchkey = useLatchkey();
  const { expire } = useSession();
  const { refresh } = useWalletView();
  const ask = useCallback(() => latchkey.transferStatus(id), [latchkey, id]);
  const known = summary?.receipt ?? null;
  const outcome = useOutcome({ known, ask, readFailure: failureOf, refresh, expire });
  const receipt = outcome.value;
  const status: Status = receipt?.status ?? 'unknown';
  return (
    <OutcomeScreen
      id={id}
      title={TITLES[status]}
      icon={ICONS[status]}
      look={status}
      outcome={outcome}
      home="Back to your wallet"
      facts={
        <>
          {summary ? (
            <>
              <Fact name="Amount">
                {summary.amount} {summary.symbol}
              </Fact>
              <Fact name="To">
                <Address address={summary.to} />
              </Fact>
            </>
          ) : null}
          <NetworkFacts ledger={receipt?.ledger ?? null} hash={receipt?.transactionHash ?? null} />
        </>
      }
    >
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
    </OutcomeScreen>
  );
}
