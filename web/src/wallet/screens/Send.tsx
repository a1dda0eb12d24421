// First half of sending: to whom and how much. Reviewing and approving come on the next screen.
import { formatAmount } from '@latchkey/sdk';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { Amount } from '../../ui/Amount.tsx';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { BackHome } from '../BackHome.tsx';
import { useLatchkey } from '../latchkeyContext.ts';
import { useSendFlow } from '../sendFlow.tsx';
import { useSession } from '../session.tsx';
import { cleanAddress, cleanAmount, type DraftErrors, draftErrors } from '../transferForm.ts';
import { useAction } from '../useAction.ts';
import { useWalletView } from '../walletView.tsx';

const NO_ERRORS: DraftErrors = { to: null, amount: null };

export function Send() {
  const latchkey = useLatchkey();
  const navigate = useNavigate();
  const { session } = useSession();
  const { view, failure: viewFailure } = useWalletView();
  const { draft, setDraft, setPrepared } = useSendFlow();
  const [errors, setErrors] = useState<DraftErrors>(NO_ERRORS);

  const balances = view?.balances ?? [];
  const balance = balances.find((it) => it.token === draft.token) ?? balances[0];

  const prepare = useAction(async () => {
    setPrepared(
      await latchkey.prepareTransfer({
        toWalletAddress: draft.to,
        amount: draft.amount,
        ...(draft.token === null || !balance
          ? {}
          : { token: { address: balance.token, decimals: balance.decimals } }),
      }),
    );
    navigate('/send/review');
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!balance) return;
    const found = draftErrors(draft, session?.walletAddress ?? '', balance);
    setErrors(found);
    if (found.to === null && found.amount === null) void prepare.run();
  };
  const change = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    setErrors(NO_ERRORS);
    prepare.clear();
  };

  const field = prepare.failure?.field;
  const toError = errors.to ?? (field === 'toWalletAddress' ? prepare.failure!.sentence : null);
  const amountError = errors.amount ?? (field === 'amount' ? prepare.failure!.sentence : null);
  const otherFailure = field === 'toWalletAddress' || field === 'amount' ? null : prepare.failure;

  return (
    <Screen title="Send" above={<BackHome />}>
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="To"
          name="to"
          mono
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="C… or G…"
          value={draft.to}
          error={toError}
          hint="The Stellar address of the wallet that receives."
          onText={(text) => change({ to: cleanAddress(text) })}
        />
        {balances.length > 1 ? (
          <SelectField
            label="Token"
            value={balance?.token ?? ''}
            options={balances.map((it) => ({ value: it.token, text: it.symbol }))}
            onChoice={(token) => change({ token })}
          />
        ) : null}
        <TextField
          label="Amount"
          name="amount"
          className="money"
          autoComplete="off"
          inputMode="decimal"
          placeholder="0"
          value={draft.amount}
          error={amountError}
          hint={
            balance ? (
              <>
                You have <Amount {...balance} />. The service pays the network fee.
              </>
            ) : (
              'Looking up your balance…'
            )
          }
          beside={
            <span className="field-beside">
              <span className="field-unit">{balance?.symbol}</span>
              <Button
                look="quiet"
                unavailable={!balance}
                onClick={() => balance && change({ amount: formatAmount(balance.amount, balance.decimals) })}
              >
                Max
              </Button>
            </span>
          }
          onText={(text) => change({ amount: cleanAmount(text) })}
        />
        {(otherFailure ?? (balance ? null : viewFailure)) ? (
          <Notice kind="bad">
            <p>{(otherFailure ?? viewFailure)!.sentence}</p>
          </Notice>
        ) : null}
        <Button type="submit" className="button-wide" busy={prepare.busy} unavailable={!balance}>
          Review
        </Button>
        <p className="small centred">You see everything once more before anything is signed.</p>
      </form>
    </Screen>
  );
}
