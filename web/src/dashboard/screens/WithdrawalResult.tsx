// What became of a withdrawal. Confirmed shows hash and ledger; pending says that nothing need be done and asks again on its
// own; failed says why. A lost answer is never called a failure. The page can be reloaded: the id is in its address.
import type { Withdrawal } from '@latchkey/sdk/merchant';
import { useCallback } from 'react';
import { useLocation, useParams } from 'react-router';
import { NetworkFacts, OutcomeScreen } from '../../outcome/OutcomeScreen.tsx';
import { useOutcome } from '../../outcome/useOutcome.ts';
import { Address } from '../../ui/Address.tsx';
import { Amount } from '../../ui/Amount.tsx';
import { Fact } from '../../ui/Fact.tsx';
import type { IconName } from '../../ui/Icon.tsx';
import { useClient } from '../clientContext.ts';
import { merchantFailureOf, sentenceOf } from '../failure.ts';
import { useMerchant } from '../merchantView.tsx';
import { useSession } from '../session.tsx';
import { USDC_DECIMALS } from '../withdrawForm.ts';

/** History state this screen shows at once; all of it survives a reload. */
export interface WithdrawalResultState {
  withdrawal: Withdrawal;
}

type Status = Withdrawal['status'] | 'loading';

const TITLES: Record<Status, string> = {
  confirmed: 'Withdrawn',
  pending: 'Still on its way',
  prepared: 'Not sent',
  expired: 'Not sent',
  failed: 'Not withdrawn',
  unknown: 'Not certain',
  loading: 'Looking for your withdrawal',
};
const ICONS: Record<Status, IconName> = {
  confirmed: 'check',
  pending: 'clock',
  prepared: 'cross',
  expired: 'cross',
  failed: 'cross',
  unknown: 'warning',
  loading: 'clock',
};
/** The look of a result, by the names of the stylesheet. */
const LOOKS: Record<Status, string> = {
  confirmed: 'confirmed',
  pending: 'pending',
  prepared: 'failed',
  expired: 'failed',
  failed: 'failed',
  unknown: 'pending',
  loading: 'pending',
};

export function WithdrawalResult() {
  const id = useParams().id ?? '';
  const { merchant, refresh } = useMerchant();
  const known = (useLocation().state as WithdrawalResultState | null)?.withdrawal ?? null;
  const client = useClient();
  const { expire } = useSession();
  const ask = useCallback(() => client.withdrawal(id), [client, id]);
  const outcome = useOutcome({ known, ask, readFailure: merchantFailureOf, refresh, expire });
  const withdrawal = outcome.value;
  const status: Status = withdrawal?.status ?? 'loading';
  return (
    <OutcomeScreen
      id={id}
      title={TITLES[status]}
      icon={ICONS[status]}
      look={LOOKS[status]}
      outcome={outcome}
      home="Back to your dashboard"
      facts={
        withdrawal ? (
          <>
            <Fact name="Amount">
              <Amount amount={withdrawal.amount} decimals={USDC_DECIMALS} symbol={merchant.usdc.code} />
            </Fact>
            <Fact name="To">
              <Address address={withdrawal.destination} />
            </Fact>
            {withdrawal.memo === null ? null : <Fact name="Memo">{withdrawal.memo}</Fact>}
            <NetworkFacts ledger={withdrawal.ledger} hash={withdrawal.transactionHash} />
          </>
        ) : null
      }
    >
      {status === 'confirmed' ? <p>The network has confirmed the withdrawal.</p> : null}
      {status === 'pending' ? (
        <p>
          You need not do anything, and please do not send it again. The network takes it once or not at all;
          this page tells you as soon as it is certain, and your payments will too.
        </p>
      ) : null}
      {status === 'failed' ? (
        <p>
          {withdrawal?.error
            ? sentenceOf(withdrawal.error)
            : 'The network did not take the withdrawal. Nothing was moved.'}
        </p>
      ) : null}
      {status === 'unknown' ? (
        <p>
          The network no longer says what became of this withdrawal. Look at your payments before you repeat
          it.
        </p>
      ) : null}
      {status === 'prepared' || status === 'expired' ? (
        <p>It was never approved. Nothing was moved.</p>
      ) : null}
    </OutcomeScreen>
  );
}
