// Second half of sending: says in words what the passkey will sign, then asks for it. Everything shown about the
// transfer comes from `review`, which the SDK reads from the very authorization entry to be signed.
// After a failure whose outcome is unknown it says so, and why approving here again cannot send twice: the entry's
// nonce can be used once on the chain.
import { formatAmount } from '@latchkey/sdk';
import { Navigate, useNavigate } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Amount } from '../../ui/Amount.tsx';
import { Button } from '../../ui/Button.tsx';
import { Fact } from '../../ui/Fact.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { clockTime, countdown } from '../dates.ts';
import { mayHaveBeenTaken } from '../failure.ts';
import { PasskeyButton } from '../PasskeyButton.tsx';
import { useSendFlow } from '../sendFlow.tsx';
import { useAction } from '../useAction.ts';
import { useTimeLeft } from '../useTimeLeft.ts';
import { useWalletView } from '../walletView.tsx';
import type { TransferResultState } from './TransferResult.tsx';

const STROOP_DECIMALS = 7;

export function Review() {
  const { prepared } = useSendFlow();
  const navigate = useNavigate();
  const { view, refresh } = useWalletView();
  const leftMs = useTimeLeft(prepared?.review.expiresAt ?? 0);

  const approve = useAction(async () => {
    const { review, approve: sign } = prepared!;
    const receipt = await sign();
    void refresh();
    const { to, amount, decimals, symbol } = review;
    const state: TransferResultState = { receipt, to, amount: formatAmount(amount, decimals), symbol };
    navigate(`/transfers/${encodeURIComponent(receipt.id)}`, { replace: true, state });
  });

  if (prepared === null) return <Navigate to="/send" replace />;
  const { review } = prepared;
  const expired = leftMs <= 0;
  const uncertain = approve.failure !== null && mayHaveBeenTaken(approve.failure);

  return (
    <Screen title="Review" lead="Your passkey signs exactly this, and nothing else.">
      <div className="slip">
        <p className="slip-money">
          <Amount amount={review.amount} decimals={review.decimals} symbol={review.symbol} />
        </p>
        <dl className="facts">
          <Fact name="From your wallet">
            <Address address={review.from} />
          </Fact>
          <Fact name="To">
            <Address address={review.to} />
          </Fact>
          <Fact name="What is called">
            <span className="mono">{review.function}</span> on the {review.symbol} contract
            <Address address={review.token} />
          </Fact>
          <Fact name="Network">
            {view && view.network.passphrase === review.networkPassphrase ? `${view.network.name}: ` : null}
            {review.networkPassphrase}
          </Fact>
          <Fact name="Network fee">
            Paid by the service, at most {formatAmount(review.maxFeeStroops, STROOP_DECIMALS)} XLM. You pay
            nothing.
          </Fact>
          <Fact name="Valid until">
            {expired ? 'Expired' : `${clockTime(review.expiresAt)}, ${countdown(leftMs)} left`}
          </Fact>
        </dl>
      </div>
      {expired && !approve.busy ? (
        <Notice kind="warning" title="This review has expired">
          <p>Nothing was sent. Go back and review again to get a fresh one.</p>
        </Notice>
      ) : null}
      {uncertain ? (
        <Notice kind="warning" title="We do not know yet whether the transfer was taken">
          <p>
            {approve.failure?.sentence} Look at your activity before you start a new transfer. Approving again
            on this page is safe: the network takes this approval only once.
          </p>
        </Notice>
      ) : null}
      <div className="form">
        <PasskeyButton
          busy={approve.busy}
          failure={uncertain ? null : approve.failure}
          unavailable={expired}
          progress="Follow the prompt of your device. Then we wait for the network."
          onPress={() => void approve.run()}
        >
          Approve with passkey
        </PasskeyButton>
        <Button
          look="quiet"
          className="button-wide"
          unavailable={approve.busy}
          onClick={() => navigate('/send')}
        >
          Back
        </Button>
      </div>
    </Screen>
  );
}
