// First half of a withdrawal: how much and to whom. One form for both kinds of wallet; reviewing and approving come next.
import { formatAmount } from '@latchkey/sdk/merchant';
import type { FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { Amount } from '../../ui/Amount.tsx';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { cleanAddress, cleanAmount } from '../../wallet/transferForm.ts';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { AuthenticatorNeeded } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';
import { useWithdrawFlow } from '../withdrawFlow.tsx';
import { draftErrors, hasErrors, NO_ERRORS, USDC_DECIMALS, type WithdrawDraft } from '../withdrawForm.ts';

export function Withdraw() {
  const client = useClient();
  const navigate = useNavigate();
  const { merchant } = useMerchant();
  const { draft, setDraft, setPrepared, errors, setErrors } = useWithdrawFlow();
  const { settlement, usdc } = merchant;
  const { balance } = settlement;
  const isReady = merchant.settlementAddress !== null;

  const prepare = useMerchantAction(async () => {
    setPrepared(await client.prepareWithdrawal(merchant, draft));
    navigate('/withdraw/review');
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = draftErrors(draft, merchant);
    setErrors(found);
    if (!hasErrors(found)) void prepare.run();
  };
  const change = (part: Partial<WithdrawDraft>) => {
    setDraft({ ...draft, ...part });
    setErrors(NO_ERRORS);
    prepare.clear();
  };
  const field = prepare.failure?.field ?? null;
  const errorOf = (name: keyof WithdrawDraft) =>
    errors[name] ?? (field === name ? prepare.failure!.sentence : null);
  const otherFailure = field !== null && field in NO_ERRORS ? null : prepare.failure;

  if (settlement.managed && !merchant.totpConfirmed && !merchant.hasPasskey) {
    return (
      <Screen title="Withdraw" step="authenticator">
        <AuthenticatorNeeded />
      </Screen>
    );
  }
  return (
    <Screen title="Withdraw" step="form">
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="Amount"
          name="amount"
          className="money"
          autoComplete="off"
          inputMode="decimal"
          placeholder="0"
          value={draft.amount}
          error={errorOf('amount')}
          hint={
            balance === null ? (
              'The network does not say at the moment how much you have.'
            ) : (
              <>
                You have <Amount amount={balance} decimals={USDC_DECIMALS} symbol={usdc.code} />. The service
                pays the network fee.
              </>
            )
          }
          beside={
            <span className="field-beside">
              <span className="field-unit">{usdc.code}</span>
              <Button
                look="quiet"
                unavailable={balance === null}
                onClick={() => balance !== null && change({ amount: formatAmount(balance, USDC_DECIMALS) })}
              >
                Max
              </Button>
            </span>
          }
          onText={(text) => change({ amount: cleanAmount(text) })}
        />
        <TextField
          label="Destination"
          name="destination"
          mono
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="G…, M… or C…"
          value={draft.destination}
          error={errorOf('destination')}
          hint={`A Stellar address that takes ${usdc.code}.`}
          onText={(text) => change({ destination: cleanAddress(text) })}
        />
        <TextField
          label="Memo"
          name="memo"
          autoComplete="off"
          value={draft.memo}
          error={errorOf('memo')}
          hint={
            settlement.managed
              ? 'Only if the receiver gave you one, as exchanges do.'
              : 'Only if the receiver gave you one: a number.'
          }
          onText={(memo) => change({ memo })}
        />
        {otherFailure ? (
          <Notice kind="bad">
            <p>{otherFailure.sentence}</p>
          </Notice>
        ) : null}
        <Button type="submit" className="button-wide" busy={prepare.busy} unavailable={!isReady}>
          Review
        </Button>
        <p className="small centred">
          {isReady
            ? 'You see everything once more before anything leaves the account.'
            : 'Your settlement account is still being made.'}
        </p>
      </form>
    </Screen>
  );
}
