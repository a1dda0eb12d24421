// Second half of a withdrawal: says in words what will happen, then asks for the approval. For the merchant's own wallet all
// of it was compared with the very entry that the passkey signs; for a managed one the service signs after the step-up.
// After a failure whose outcome is unknown it says so, and why approving here again cannot pay twice.
import type { FormEvent } from 'react';
import { Navigate, useNavigate } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Amount } from '../../ui/Amount.tsx';
import { Button } from '../../ui/Button.tsx';
import { Fact } from '../../ui/Fact.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { clockTime, countdown } from '../../wallet/dates.ts';
import { mayHaveBeenTaken } from '../../wallet/failure.ts';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { useTimeLeft } from '../../wallet/useTimeLeft.ts';
import { merchantFailureOf } from '../failure.ts';
import { useMerchant } from '../merchantView.tsx';
import { Approval, useStepUp } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';
import { useWithdrawFlow } from '../withdrawFlow.tsx';
import { NO_ERRORS, USDC_DECIMALS } from '../withdrawForm.ts';
import type { WithdrawalResultState } from './WithdrawalResult.tsx';

export function WithdrawReview() {
  const navigate = useNavigate();
  const { merchant, refresh } = useMerchant();
  const { prepared, setErrors } = useWithdrawFlow();
  const stepUp = useStepUp();
  const leftMs = useTimeLeft(prepared?.review.expiresAt ?? 0);

  const approve = useMerchantAction(async () => {
    const proof = prepared!.kind === 'managed' ? stepUp.take() : undefined;
    if (proof === null) return;
    try {
      const withdrawal = await prepared!.approve(proof);
      void refresh();
      const state: WithdrawalResultState = { withdrawal };
      navigate(`/withdrawals/${encodeURIComponent(withdrawal.id)}`, { replace: true, state });
    } catch (error) {
      stepUp.spent();
      const { field, sentence } = merchantFailureOf(error);
      if (field === null || !(field in NO_ERRORS)) throw error;
      setErrors({ ...NO_ERRORS, [field]: sentence });
      navigate('/withdraw', { replace: true });
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void approve.run();
  };

  if (prepared === null) return <Navigate to="/withdraw" replace />;
  const { review, kind } = prepared;
  const expired = review.expiresAt !== null && leftMs <= 0;
  const uncertain = approve.failure !== null && mayHaveBeenTaken(approve.failure);
  const failure = uncertain ? null : approve.failure;

  return (
    <Screen
      title="Review"
      lead={
        kind === 'passkey'
          ? 'Your passkey signs exactly this, and nothing else.'
          : 'The service sends exactly this once you approve.'
      }
    >
      <div className="slip">
        <p className="slip-money">
          <Amount amount={review.amount} decimals={USDC_DECIMALS} symbol={merchant.usdc.code} />
        </p>
        <dl className="facts">
          <Fact name={kind === 'passkey' ? 'From your own wallet' : 'From your managed account'}>
            <Address address={review.from} />
          </Fact>
          <Fact name="To">
            <Address address={review.destination} />
          </Fact>
          {review.memo === null ? null : (
            <Fact name="Memo">
              {review.memo}
              {review.paidTo === review.destination ? null : (
                <>
                  , which makes the address
                  <Address address={review.paidTo} />
                </>
              )}
            </Fact>
          )}
          {kind === 'passkey' ? (
            <Fact name="What is called">
              <span className="mono">transfer</span> on the {merchant.usdc.code} contract
              <Address address={merchant.usdc.contractId} />
            </Fact>
          ) : null}
          <Fact name="Network">{review.networkPassphrase}</Fact>
          <Fact name="Network fee">Paid by the service. You pay nothing.</Fact>
          {review.expiresAt === null ? null : (
            <Fact name="Valid until">
              {expired ? 'Expired' : `${clockTime(review.expiresAt)}, ${countdown(leftMs)} left`}
            </Fact>
          )}
        </dl>
      </div>
      {expired && !approve.busy ? (
        <Notice kind="warning" title="This review has expired">
          <p>Nothing was sent. Go back and review again to get a fresh one.</p>
        </Notice>
      ) : null}
      {uncertain ? (
        <Notice kind="warning" title="We do not know yet whether the withdrawal was taken">
          <p>
            {approve.failure?.sentence} Look at your payments before you start a new one. Approving again on
            this page is safe: this withdrawal is made only once.
          </p>
        </Notice>
      ) : null}
      <form className="form" noValidate onSubmit={submit}>
        {kind === 'passkey' ? (
          <PasskeyButton
            busy={approve.busy}
            failure={failure}
            unavailable={expired}
            progress="Follow the prompt of your device. Then we wait for the network."
          >
            Approve with passkey
          </PasskeyButton>
        ) : (
          <Approval
            stepUp={stepUp}
            busy={approve.busy}
            failure={failure}
            clear={approve.clear}
            progress="We wait for the network."
          >
            Withdraw
          </Approval>
        )}
        <Button
          look="quiet"
          className="button-wide"
          unavailable={approve.busy}
          onClick={() => navigate('/withdraw', { replace: true })}
        >
          Back
        </Button>
      </form>
    </Screen>
  );
}
