// Webhooks: the merchant's own addresses that are told of payments, withdrawals and the migration, with the key that their
// messages are verified with. A shared secret is shown once, right after it was made.
import type { CreatedMerchantWebhookBody, MerchantWebhookBody } from '@latchkey/sdk/merchant';
import { type FormEvent, useCallback, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { NewSecret } from '../NewSecret.tsx';
import { NotLoaded } from '../NotLoaded.tsx';
import { Approval, useStepUp } from '../stepUp.tsx';
import { useLoaded } from '../useLoaded.ts';
import { useMerchantAction } from '../useMerchantAction.ts';
import { WebhookMessages } from '../WebhookMessages.tsx';

type Scheme = MerchantWebhookBody['scheme'];

const SCHEMES: readonly { value: Scheme; text: string }[] = [
  { value: 'hmac', text: 'Shared secret (HMAC-SHA256)' },
  { value: 'ed25519', text: 'Public key (Ed25519)' },
];

export function Webhooks() {
  const client = useClient();
  const load = useCallback(() => client.webhooks(), [client]);
  const webhooks = useLoaded(load);
  const [created, setCreated] = useState<CreatedMerchantWebhookBody | null>(null);
  return (
    <Screen
      title="Webhooks"
      above={<BackTo to="/settings">Settings</BackTo>}
      lead="We call these addresses when money arrives, leaves or moves. Messages follow the Standard Webhooks specification."
    >
      {created?.scheme === 'hmac' ? (
        <NewSecret secret={created.verificationKey} testId="webhook-secret" onCopied={() => setCreated(null)}>
          {`Messages to ${created.url} are verified with it. It is shown this once.`}
        </NewSecret>
      ) : null}
      {webhooks.value === null ? (
        <NotLoaded failure={webhooks.failure} rows={2} />
      ) : webhooks.value.length === 0 ? (
        <p className="empty">No webhooks yet.</p>
      ) : (
        <ul className="rows">
          {webhooks.value.map((webhook) => (
            <WebhookRow key={webhook.id} webhook={webhook} onRemoved={() => void webhooks.reload()} />
          ))}
        </ul>
      )}
      <Add
        onAdded={(webhook) => {
          setCreated(webhook);
          void webhooks.reload();
        }}
      />
    </Screen>
  );
}

function WebhookRow({ webhook, onRemoved }: { webhook: MerchantWebhookBody; onRemoved: () => void }) {
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const remove = useMerchantAction(async () => {
    await client.removeWebhook(webhook.id);
    onRemoved();
  });
  return (
    <li className="row row-wrapping">
      <span className="row-icon">
        <Icon name="out" />
      </span>
      <span className="row-what">
        <span className="row-title hash">{webhook.url}</span>
        {webhook.failing || webhook.disabledAt !== null ? (
          <span className="row-when">
            <span className="tag tag-failed">
              {webhook.disabledAt === null ? 'Does not answer' : 'Switched off: it answered 410 Gone'}
            </span>
          </span>
        ) : null}
        <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>Messages</summary>
          {isOpen ? <WebhookMessages webhookId={webhook.id} /> : null}
        </details>
        {webhook.verificationKey === null ? null : (
          <details className="more">
            <summary>Verification key</summary>
            <p className="mono hash">{webhook.verificationKey}</p>
            <CopyButton text={webhook.verificationKey}>Copy key</CopyButton>
          </details>
        )}
        {remove.failure ? (
          <span className="field-error" role="alert">
            {remove.failure.sentence}
          </span>
        ) : null}
      </span>
      <Button
        look="quiet"
        busy={remove.busy}
        aria-label={`Remove ${webhook.url}`}
        onClick={() => void remove.run()}
      >
        Remove
      </Button>
    </li>
  );
}

function Add({ onAdded }: { onAdded: (webhook: CreatedMerchantWebhookBody) => void }) {
  const client = useClient();
  const stepUp = useStepUp();
  const [url, setUrl] = useState('');
  const [scheme, setScheme] = useState<Scheme>('hmac');
  const [isMissing, setMissing] = useState(false);
  const add = useMerchantAction(async () => {
    const proof = stepUp.take();
    if (proof === null) return;
    try {
      const webhook = await client.addWebhook({ url: url.trim(), scheme }, proof);
      setUrl('');
      onAdded(webhook);
    } finally {
      stepUp.spent();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(url.trim() === '');
    if (url.trim() !== '') void add.run();
  };
  const aboutUrl = add.failure?.field === 'url';
  return (
    <section className="explained" aria-labelledby="new-webhook">
      <h2 id="new-webhook">New webhook</h2>
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="Address to call"
          type="url"
          inputMode="url"
          autoComplete="off"
          placeholder="https://shop.example/latchkey"
          value={url}
          error={
            isMissing ? 'Enter the https:// address of your system.' : aboutUrl ? add.failure!.sentence : null
          }
          onText={(text) => {
            setUrl(text);
            setMissing(false);
            add.clear();
          }}
        />
        <SelectField
          label="How messages are signed"
          value={scheme}
          options={SCHEMES}
          onChoice={(choice) => setScheme(choice as Scheme)}
        />
        <Approval
          stepUp={stepUp}
          busy={add.busy}
          failure={aboutUrl ? null : add.failure}
          clear={add.clear}
          progress="Adding the webhook."
        >
          Add webhook
        </Approval>
      </form>
    </section>
  );
}
