// API keys for the merchant's own programs: list, make, renew the secret, revoke. A secret is shown once, right after it was
// made, and is gone from the page with the next step.
import type { ApiKeyScope, CreatedMerchantKeyBody, MerchantKeyBody } from '@latchkey/sdk/merchant';
import { type FormEvent, useCallback, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { dateTime } from '../../wallet/dates.ts';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { NewSecret } from '../NewSecret.tsx';
import { NotLoaded } from '../NotLoaded.tsx';
import { Approval, useStepUp } from '../stepUp.tsx';
import { useLoaded } from '../useLoaded.ts';
import { useMerchantAction } from '../useMerchantAction.ts';

const SCOPE_WORDS: Record<ApiKeyScope, string> = {
  read: 'reads payments and balances',
  withdraw: 'prepares withdrawals',
};

export function ApiKeys() {
  const client = useClient();
  const load = useCallback(() => client.apiKeys(), [client]);
  const keys = useLoaded(load);
  const [created, setCreated] = useState<CreatedMerchantKeyBody | null>(null);
  const [renewing, setRenewing] = useState<MerchantKeyBody | null>(null);
  const show = (key: CreatedMerchantKeyBody) => {
    setCreated(key);
    setRenewing(null);
    void keys.reload();
  };
  return (
    <Screen
      title="API keys"
      step={created ? `created ${created.id}` : renewing ? 'renew' : 'list'}
      above={<BackTo to="/settings">Settings</BackTo>}
      lead="A key lets a program of yours use the API. None of them can approve a withdrawal for you."
    >
      {created ? (
        <NewSecret secret={created.secret} testId="api-key-secret" onCopied={() => setCreated(null)}>
          It is shown this once, and kept nowhere.
        </NewSecret>
      ) : null}
      {keys.value === null ? (
        <NotLoaded failure={keys.failure} rows={2} />
      ) : keys.value.length === 0 ? (
        <p className="empty">No keys yet.</p>
      ) : (
        <ul className="rows">
          {keys.value.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              onRenew={() => {
                setCreated(null);
                setRenewing(key);
              }}
              onRevoked={() => void keys.reload()}
            />
          ))}
        </ul>
      )}
      {renewing ? (
        <Renew apiKey={renewing} onRenewed={show} onCancel={() => setRenewing(null)} />
      ) : (
        <Create onCreated={show} />
      )}
    </Screen>
  );
}

interface KeyRowProps {
  apiKey: MerchantKeyBody;
  onRenew: () => void;
  onRevoked: () => void;
}

function KeyRow({ apiKey, onRenew, onRevoked }: KeyRowProps) {
  const client = useClient();
  const [asks, setAsks] = useState(false);
  const revoke = useMerchantAction(async () => {
    await client.revokeApiKey(apiKey.id);
    onRevoked();
  });
  return (
    <li className="row row-wrapping">
      <span className="row-icon">
        <Icon name="key" />
      </span>
      <span className="row-what">
        <span className="row-title">{apiKey.name}</span>
        <span className="row-who">{apiKey.scopes.map((it) => SCOPE_WORDS[it]).join(', ')}</span>
        <span className="row-when">
          Made {dateTime(apiKey.createdAt)},{' '}
          {apiKey.lastUsedAt === null ? 'never used' : `last used ${dateTime(apiKey.lastUsedAt)}`}
        </span>
        {revoke.failure ? (
          <span className="field-error" role="alert">
            {revoke.failure.sentence}
          </span>
        ) : null}
      </span>
      <span className="row-actions">
        {asks ? (
          <>
            <Button look="warning" busy={revoke.busy} onClick={() => void revoke.run()}>
              Revoke {apiKey.name}
            </Button>
            <Button look="quiet" onClick={() => setAsks(false)}>
              Keep
            </Button>
          </>
        ) : (
          <>
            <Button look="quiet" aria-label={`New secret for ${apiKey.name}`} onClick={onRenew}>
              New secret
            </Button>
            <Button look="quiet" aria-label={`Revoke ${apiKey.name}`} onClick={() => setAsks(true)}>
              Revoke
            </Button>
          </>
        )}
      </span>
    </li>
  );
}

function Create({ onCreated }: { onCreated: (key: CreatedMerchantKeyBody) => void }) {
  const client = useClient();
  const stepUp = useStepUp();
  const [name, setName] = useState('');
  const [canWithdraw, setCanWithdraw] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const create = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      const scopes: ApiKeyScope[] = canWithdraw ? ['read', 'withdraw'] : ['read'];
      onCreated(await client.createApiKey({ name: name.trim(), scopes }, proof));
      setName('');
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() !== '') void create.run();
  };
  const aboutName = create.failure?.field === 'name';
  return (
    <section className="explained" aria-labelledby="new-key">
      <h2 id="new-key">New key</h2>
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="Name of the key"
          autoComplete="off"
          maxLength={80}
          value={name}
          error={
            isMissing ? 'Give it a name, such as Shop server.' : aboutName ? create.failure!.sentence : null
          }
          hint="What the key is for."
          onText={(text) => {
            setName(text);
            setMissing(false);
            create.clear();
          }}
        />
        <CheckField
          label="May prepare withdrawals"
          hint="They still need your approval. Without this it reads payments and balances only."
          checked={canWithdraw}
          onCheck={setCanWithdraw}
        />
        <Approval
          stepUp={stepUp}
          busy={create.busy}
          failure={aboutName ? null : create.failure}
          clear={create.clear}
          progress="Making the key."
        >
          Create key
        </Approval>
      </form>
    </section>
  );
}

interface RenewProps {
  apiKey: MerchantKeyBody;
  onRenewed: (key: CreatedMerchantKeyBody) => void;
  onCancel: () => void;
}

function Renew({ apiKey, onRenewed, onCancel }: RenewProps) {
  const client = useClient();
  const stepUp = useStepUp();
  const renew = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      onRenewed(await client.rotateApiKey(apiKey.id, proof));
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void renew.run();
  };
  return (
    <section className="explained" aria-labelledby="renew-key">
      <h2 id="renew-key">New secret for {apiKey.name}</h2>
      <p>The old secret stops working at once.</p>
      <form className="form" noValidate onSubmit={submit}>
        <Approval
          stepUp={stepUp}
          busy={renew.busy}
          failure={renew.failure}
          clear={renew.clear}
          progress="Making the secret."
        >
          Make a new secret
        </Approval>
        <Button look="quiet" className="button-wide" onClick={onCancel}>
          Cancel
        </Button>
      </form>
    </section>
  );
}
