// Rules for withdrawals: a daily limit and a list of allowed destinations. What is stricter counts at once; what is looser
// waits a day, and the screen says until when.
import { formatAmount, type WithdrawalRules } from '@latchkey/sdk/merchant';
import { type FormEvent, useCallback, useState } from 'react';
import { Amount } from '../../ui/Amount.tsx';
import { shortAddress } from '../../ui/addressGroups.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { LoadingRows } from '../../ui/LoadingRows.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { fullDateTime } from '../../wallet/dates.ts';
import { cleanAddress, cleanAmount } from '../../wallet/transferForm.ts';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { isLooser } from '../ruleChange.ts';
import { Approval, useStepUp } from '../stepUp.tsx';
import { useLoaded } from '../useLoaded.ts';
import { useMerchantAction } from '../useMerchantAction.ts';
import { USDC_DECIMALS } from '../withdrawForm.ts';

type Shown = { rules: WithdrawalRules; onRules: (rules: WithdrawalRules, done: string) => void };

export function Rules() {
  const client = useClient();
  const load = useCallback(() => client.withdrawalRules(), [client]);
  const loaded = useLoaded(load);
  const rules = loaded.value;
  const [outcome, setOutcome] = useState<string | null>(null);
  const show = (changed: WithdrawalRules, done: string) => {
    loaded.replace(changed);
    setOutcome(done);
  };
  return (
    <Screen
      title="Withdrawal rules"
      above={<BackTo to="/settings">Settings</BackTo>}
      lead="They hold whoever gets hold of your account. Stricter rules count at once, looser ones after 24 hours."
    >
      <p role="status" className="small outcome">
        {outcome}
      </p>
      {rules ? (
        <>
          <Pending rules={rules} />
          <Limits key={limitsKey(rules)} rules={rules} onRules={show} />
          <Allowed rules={rules} onRules={show} />
        </>
      ) : loaded.failure ? (
        <Notice kind="bad">
          <p>{loaded.failure.sentence}</p>
          <Button look="secondary" onClick={() => void loaded.reload()}>
            Try again
          </Button>
        </Notice>
      ) : (
        <LoadingRows count={3} />
      )}
    </Screen>
  );
}

const limitsKey = ({ dailyLimit, allowListOnly }: WithdrawalRules) => `${dailyLimit} ${allowListOnly}`;

function Pending({ rules: { pending } }: Pick<Shown, 'rules'>) {
  const { merchant } = useMerchant();
  if (pending === null) return null;
  return (
    <Notice kind="info" title={`Looser rules from ${fullDateTime(pending.effectiveAt)}`}>
      <p>
        {pending.dailyLimit === null ? (
          'No daily limit'
        ) : (
          <>
            Daily limit{' '}
            <Amount amount={pending.dailyLimit} decimals={USDC_DECIMALS} symbol={merchant.usdc.code} />
          </>
        )}
        , {pending.allowListOnly ? 'listed destinations only' : 'all destinations'}. To stop it, save the
        stricter rules again.
      </p>
    </Notice>
  );
}

function Limits({ rules, onRules }: Shown) {
  const client = useClient();
  const { merchant } = useMerchant();
  const stepUp = useStepUp();
  const [limit, setLimit] = useState(
    rules.dailyLimit === null ? '' : formatAmount(rules.dailyLimit, USDC_DECIMALS),
  );
  const [allowListOnly, setAllowListOnly] = useState(rules.allowListOnly);

  const asksProof = isLooser(rules, { dailyLimit: limit, allowListOnly });
  const save = useMerchantAction(async () => {
    const proof = asksProof ? stepUp.take() : undefined;
    if (proof === null) return;
    try {
      const saved = await client.setWithdrawalRules(
        { dailyLimit: limit === '' ? null : limit, allowListOnly },
        proof,
      );
      onRules(saved, 'The rules are saved.');
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };

  const aboutLimit = save.failure?.field === 'dailyLimit' || save.failure?.code === 'INVALID_AMOUNT';
  const { code } = merchant.usdc;
  return (
    <form className="form" noValidate onSubmit={submit}>
      <TextField
        label="Daily limit"
        autoComplete="off"
        inputMode="decimal"
        placeholder="No limit"
        value={limit}
        error={aboutLimit ? save.failure!.sentence : null}
        hint={
          <>
            Leave it empty for no limit. Withdrawn today:{' '}
            <Amount amount={rules.withdrawnToday} decimals={USDC_DECIMALS} symbol={code} />.
          </>
        }
        beside={
          <span className="field-beside">
            <span className="field-unit">{code}</span>
          </span>
        }
        onText={(text) => {
          setLimit(cleanAmount(text));
          save.clear();
        }}
      />
      <CheckField
        label="Withdraw to listed destinations only"
        checked={allowListOnly}
        onCheck={(checked) => {
          setAllowListOnly(checked);
          save.clear();
        }}
      />
      {asksProof ? (
        <Approval
          stepUp={stepUp}
          busy={save.busy}
          failure={aboutLimit ? null : save.failure}
          clear={save.clear}
          progress="Saving the rules."
        >
          Save rules
        </Approval>
      ) : (
        <>
          <Button type="submit" className="button-wide" busy={save.busy}>
            Save rules
          </Button>
          {save.failure && !aboutLimit ? (
            <Notice kind="bad">
              <p>{save.failure.sentence}</p>
            </Notice>
          ) : null}
        </>
      )}
    </form>
  );
}

function Allowed({ rules, onRules }: Shown) {
  return (
    <section className="explained" aria-labelledby="allowed">
      <h2 id="allowed">Listed destinations</h2>
      {rules.allowed.length === 0 ? (
        <p className="empty">None yet.</p>
      ) : (
        <ul className="rows">
          {rules.allowed.map((it) => (
            <AllowedRow key={it.address} allowed={it} onRules={onRules} />
          ))}
        </ul>
      )}
      <Allow key={rules.allowed.length} onRules={onRules} />
    </section>
  );
}

interface AllowedRowProps {
  allowed: WithdrawalRules['allowed'][number];
  onRules: Shown['onRules'];
}

function AllowedRow({ allowed, onRules }: AllowedRowProps) {
  const client = useClient();
  const remove = useMerchantAction(async () => {
    onRules(await client.disallowDestination(allowed.address), 'The destination was removed.');
  });
  const name = allowed.label || shortAddress(allowed.address);
  return (
    <li className="row">
      <span className="row-icon">
        <Icon name="out" />
      </span>
      <span className="row-what">
        <span className="row-title">{name}</span>
        <span className="row-who mono" title={allowed.address}>
          {shortAddress(allowed.address)}
        </span>
        {allowed.effectiveAt > Date.now() ? (
          <span className="row-when">
            <span className="tag tag-pending">From {fullDateTime(allowed.effectiveAt)}</span>
          </span>
        ) : null}
        {remove.failure ? (
          <span className="field-error" role="alert">
            {remove.failure.sentence}
          </span>
        ) : null}
      </span>
      <Button look="quiet" busy={remove.busy} aria-label={`Remove ${name}`} onClick={() => void remove.run()}>
        Remove
      </Button>
    </li>
  );
}

function Allow({ onRules }: Pick<Shown, 'onRules'>) {
  const client = useClient();
  const stepUp = useStepUp();
  const [address, setAddress] = useState('');
  const [label, setLabel] = useState('');
  const [isMissing, setMissing] = useState(false);
  const add = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      const changed = await client.allowDestination({ address, label: label.trim() }, proof);
      onRules(changed, 'The destination is on the list.');
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(address === '');
    if (address !== '') void add.run();
  };
  const { failure } = add;
  const aboutAddress =
    failure?.field === 'address' || failure?.field === 'destination' || failure?.code === 'INVALID_ADDRESS';
  return (
    <details className="more">
      <summary>Add a destination</summary>
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="Address"
          mono
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="G…, M… or C…"
          value={address}
          error={
            isMissing ? 'Enter the address to allow.' : aboutAddress ? (failure?.sentence ?? null) : null
          }
          hint="Withdrawals to it are possible 24 hours from now."
          onText={(text) => {
            setAddress(cleanAddress(text));
            setMissing(false);
            add.clear();
          }}
        />
        <TextField label="Name" autoComplete="off" maxLength={80} value={label} onText={setLabel} />
        <Approval
          stepUp={stepUp}
          busy={add.busy}
          failure={aboutAddress ? null : failure}
          clear={add.clear}
          progress="Adding the destination."
        >
          Add destination
        </Approval>
      </form>
    </details>
  );
}
