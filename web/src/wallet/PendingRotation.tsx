// The warning that a new passkey is about to replace the present one, with the way to stop it.
import { Notice } from '../ui/Notice.tsx';
import { fullDateTime } from './dates.ts';
import { useLatchkey } from './latchkeyContext.ts';
import { PasskeyButton } from './PasskeyButton.tsx';
import { useAction } from './useAction.ts';
import { useWalletView } from './walletView.tsx';

interface PendingRotationProps {
  /** Unix milliseconds from which the new passkey can take over. */
  executableAt: number;
  /** Whether it was asked for through this service, with proof of the e-mail address. */
  initiatedByOwner: boolean;
}

export function PendingRotation({ executableAt, initiatedByOwner }: PendingRotationProps) {
  const latchkey = useLatchkey();
  const { refresh } = useWalletView();
  const cancel = useAction(async () => {
    await latchkey.cancelRotation();
    await refresh();
  });
  return (
    <Notice kind="warning" title="A new passkey is about to take over this wallet">
      <p>
        {initiatedByOwner
          ? 'Someone who can read your e-mail asked for it here.'
          : 'It was asked for on the network, not through this service.'}{' '}
        On {fullDateTime(executableAt)} your present passkey stops working. If it was not you, or you do not
        need it any more, cancel it now.
      </p>
      <PasskeyButton
        look="warning"
        busy={cancel.busy}
        failure={cancel.failure}
        progress="Follow the prompt of your device."
        onPress={() => void cancel.run()}
      >
        Cancel recovery
      </PasskeyButton>
    </Notice>
  );
}
