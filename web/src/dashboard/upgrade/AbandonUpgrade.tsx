// The way out of an upgrade before anything has moved, such as when the new passkey is lost: by the authenticator app where
// there is one, so that it works without that passkey. The wallet stays managed; the new one is never used.
import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { isAboutTotp, TOTP_DIGITS, TotpField } from '../stepUp.tsx';
import { useMerchantAction } from '../useMerchantAction.ts';

export function AbandonUpgrade() {
  const client = useClient();
  const { merchant, refresh } = useMerchant();
  const [digits, setDigits] = useState('');
  const [isMissing, setMissing] = useState(false);
  const byApp = merchant.totpConfirmed;
  const abandon = useMerchantAction(async () => {
    try {
      await client.abandonUpgrade(byApp ? { totp: digits } : 'passkey');
      await refresh();
    } finally {
      setDigits('');
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(byApp && digits.length !== TOTP_DIGITS);
    if (!byApp || digits.length === TOTP_DIGITS) void abandon.run();
  };
  const aboutDigits = isAboutTotp(abandon.failure);
  const missing = isMissing ? 'Enter all six digits that your app shows.' : null;
  return (
    <details className="more">
      <summary>Stay on managed instead</summary>
      <form className="form" noValidate onSubmit={submit}>
        <p>For a passkey that is lost, or if you have changed your mind. Nothing has moved yet.</p>
        {byApp ? (
          <>
            <TotpField
              digits={digits}
              error={missing ?? (aboutDigits ? abandon.failure!.sentence : null)}
              onDigits={(text) => {
                setDigits(text);
                setMissing(false);
                abandon.clear();
              }}
            />
            <Button type="submit" look="secondary" className="button-wide" busy={abandon.busy}>
              Abandon the upgrade
            </Button>
            {abandon.failure && !aboutDigits ? (
              <Notice kind="bad">
                <p>{abandon.failure.sentence}</p>
              </Notice>
            ) : null}
          </>
        ) : (
          <PasskeyButton
            busy={abandon.busy}
            failure={abandon.failure}
            progress="Follow the prompt of your device."
          >
            Abandon the upgrade
          </PasskeyButton>
        )}
      </form>
    </details>
  );
}
