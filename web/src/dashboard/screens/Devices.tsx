// The devices whose passkeys open the merchant's own wallet: list, add, remove. Both changes are made on chain and need the
// passkey of a device that is on the list already; the screen asks for each tap with a button of its own.
import type { DeviceBody, PreparedDeviceChange } from '@latchkey/sdk/merchant';
import { type FormEvent, useCallback, useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { dateTime } from '../../wallet/dates.ts';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { deviceName } from '../deviceName.ts';
import { sentenceOf } from '../failure.ts';
import { useMerchant } from '../merchantView.tsx';
import { NotLoaded } from '../NotLoaded.tsx';
import { useLoaded } from '../useLoaded.ts';
import { useMerchantAction } from '../useMerchantAction.ts';

/** What waits for the tap of a device that the wallet knows. */
interface PendingChange {
  change: PreparedDeviceChange;
  question: string;
  action: string;
  done: string;
}

const above = <BackTo to="/settings">Settings</BackTo>;

export function Devices() {
  const client = useClient();
  const { merchant, refresh, news } = useMerchant();
  const load = useCallback(() => client.devices(), [client]);
  const devices = useLoaded(load, `${news} ${merchant.settlement.deviceCount}`);
  const [pending, setPending] = useState<PendingChange | null>(null);
  const [outcome, setOutcome] = useState<string | null>(null);

  if (merchant.settlement.managed) {
    return (
      <Screen title="Devices" step="managed" above={above}>
        <p>
          Your wallet is managed, so no device opens it.{' '}
          <Link to="/settings/upgrade">Upgrade to your own wallet</Link>
        </p>
      </Screen>
    );
  }
  const active = devices.value?.filter((it) => it.state === 'active') ?? [];
  const askFor = (change: PreparedDeviceChange, name: string) => {
    setOutcome(null);
    setPending({
      change,
      question: `The passkey for ${name} is made. Now approve it with one that opens the wallet already.`,
      action: 'Approve with passkey',
      done: `${name} opens your wallet now.`,
    });
  };
  const finish = (done: string, list: DeviceBody[]) => {
    setPending(null);
    setOutcome(done);
    devices.replace(list);
    void refresh();
  };
  return (
    <Screen
      title="Devices"
      step={pending ? 'approve' : 'list'}
      above={above}
      lead="Each of these passkeys opens your wallet on its own."
    >
      <div role="status" className="outcome">
        {outcome ? (
          <div className="notice notice-good">
            <Icon name="check" />
            <p>{outcome}</p>
          </div>
        ) : null}
      </div>
      {active.length === 1 && !pending ? (
        <Notice kind="warning" title="Only one device opens your wallet">
          <p>If you lose it, you can no longer move your money. Add a second one.</p>
        </Notice>
      ) : null}
      {devices.value === null ? (
        <NotLoaded failure={devices.failure} rows={2} />
      ) : (
        <ul className="rows">
          {devices.value.map((device) => (
            <DeviceRow
              key={device.credentialId}
              device={device}
              isLast={active.length < 2}
              isBusy={pending !== null}
              onPrepared={(change) => {
                setOutcome(null);
                setPending({
                  change,
                  question: `Remove ${device.name}? Its passkey opens the wallet no more.`,
                  action: 'Remove with passkey',
                  done: `${device.name} was removed.`,
                });
              }}
              onResumed={(change) => askFor(change, device.name)}
            />
          ))}
        </ul>
      )}
      {pending ? (
        <Approve
          pending={pending}
          onFinished={finish}
          onCancel={() => {
            setPending(null);
            void devices.reload();
          }}
        />
      ) : (
        <Add onPrepared={askFor} />
      )}
    </Screen>
  );
}

interface DeviceRowProps {
  device: DeviceBody;
  isLast: boolean;
  isBusy: boolean;
  onPrepared: (change: PreparedDeviceChange) => void;
  onResumed: (change: PreparedDeviceChange) => void;
}

function DeviceRow({ device, isLast, isBusy, onPrepared, onResumed }: DeviceRowProps) {
  const client = useClient();
  const { merchant } = useMerchant();
  const { signerId } = device;
  const remove = useMerchantAction(async () => {
    if (signerId !== null) onPrepared(await client.prepareRemoval(merchant, signerId));
  });
  const resume = useMerchantAction(async () =>
    onResumed(await client.resumeDevice(merchant, device.credentialId)),
  );
  const failure = remove.failure ?? resume.failure;
  return (
    <li className="row">
      <span className="row-icon">
        <Icon name="key" />
      </span>
      <span className="row-what">
        <span className="row-title">{device.name}</span>
        <span className="row-when">
          Added {dateTime(device.addedAt)}
          {device.state === 'adding' ? <span className="tag tag-pending">Being added</span> : null}
          {device.state === 'removing' ? <span className="tag tag-pending">Being removed</span> : null}
        </span>
        {failure ? (
          <span className="field-error" role="alert">
            {failure.sentence}
          </span>
        ) : null}
      </span>
      {device.state === 'active' && !isLast ? (
        <Button
          look="quiet"
          busy={remove.busy}
          unavailable={isBusy}
          aria-label={`Remove ${device.name}`}
          onClick={() => void remove.run()}
        >
          Remove
        </Button>
      ) : null}
      {device.state === 'adding' && client.canResume(device.credentialId) ? (
        <Button
          look="quiet"
          busy={resume.busy}
          unavailable={isBusy}
          aria-label={`Finish adding ${device.name}`}
          onClick={() => void resume.run()}
        >
          Finish
        </Button>
      ) : null}
    </li>
  );
}

function Add({ onPrepared }: { onPrepared: (change: PreparedDeviceChange, name: string) => void }) {
  const client = useClient();
  const { merchant } = useMerchant();
  const [name, setName] = useState('');
  const [isMissing, setMissing] = useState(false);
  const add = useMerchantAction(async () => {
    const change = await client.prepareDevice(merchant, name.trim());
    onPrepared(change, name.trim());
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() !== '') void add.run();
  };
  return (
    <section className="explained" aria-labelledby="add-device">
      <h2 id="add-device">Add a device</h2>
      <p>
        Your browser asks where to make the passkey: choose your phone, a tablet or a security key. Then
        approve it with a passkey you have.
      </p>
      <form className="form" noValidate onSubmit={submit}>
        <TextField
          label="Name of the device"
          autoComplete="off"
          maxLength={80}
          placeholder={deviceName(navigator.userAgent)}
          value={name}
          error={isMissing ? 'Give it a name, such as Phone or Blue key.' : null}
          hint="So that you know it again on this list."
          onText={(text) => {
            setName(text);
            setMissing(false);
            add.clear();
          }}
        />
        <PasskeyButton busy={add.busy} failure={add.failure} progress="Follow the prompt of your device.">
          Create its passkey
        </PasskeyButton>
      </form>
    </section>
  );
}

interface ApproveProps {
  pending: PendingChange;
  onFinished: (done: string, devices: DeviceBody[]) => void;
  onCancel: () => void;
}

function Approve({ pending, onFinished, onCancel }: ApproveProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const approve = useMerchantAction(async () => {
    setRefusal(null);
    const { status, error, devices } = await pending.change.approve();
    if (status === 'failed') {
      setRefusal(error ? sentenceOf(error) : 'The network did not take the change. Nothing was changed.');
      return;
    }
    const isOpen = status === 'pending';
    onFinished(
      isOpen ? 'It is on its way. This list shows it as soon as it is certain.' : pending.done,
      devices,
    );
  });
  return (
    <section className="explained" aria-labelledby="approve-change">
      <h2 id="approve-change">One more tap</h2>
      <p>{pending.question}</p>
      {refusal ? (
        <Notice kind="bad">
          <p>{refusal}</p>
        </Notice>
      ) : null}
      <div className="form">
        <PasskeyButton
          busy={approve.busy}
          failure={approve.failure}
          progress="Follow the prompt of your device. Then we wait for the network."
          onPress={() => void approve.run()}
        >
          {pending.action}
        </PasskeyButton>
        <Button look="quiet" className="button-wide" unavailable={approve.busy} onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </section>
  );
}
