// The gate before anything moves: balance, old and new address, and the new passkey's signature over exactly these. The SDK
// recomputes the challenge from what is shown here; when the balance has changed meanwhile the service says so, and the
// gate is shown anew.
import type { PreparedMigration } from '@latchkey/sdk/merchant';
import { useCallback } from 'react';
import { Address } from '../../ui/Address.tsx';
import { Amount } from '../../ui/Amount.tsx';
import { Button } from '../../ui/Button.tsx';
import { Fact } from '../../ui/Fact.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { clockTime, countdown, fullDateTime } from '../../wallet/dates.ts';
import { PasskeyButton } from '../../wallet/PasskeyButton.tsx';
import { useTimeLeft } from '../../wallet/useTimeLeft.ts';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { useLoaded } from '../useLoaded.ts';
import { useMerchantAction } from '../useMerchantAction.ts';
import { USDC_DECIMALS } from '../withdrawForm.ts';
import { AbandonUpgrade } from './AbandonUpgrade.tsx';

export function MigrationGate() {
  const client = useClient();
  const { merchant } = useMerchant();
  const { managedAddress, smartWalletAddress } = merchant.settlement;
  // What the gate depends on; the merchant object itself is another one after each refresh.
  const subject = `${managedAddress} ${smartWalletAddress} ${merchant.networkPassphrase}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a gate lives on while the merchant is refreshed.
  const load = useCallback(() => client.prepareMigration(merchant), [client, subject]);
  const gate = useLoaded(load);
  return (
    <Screen
      title="Approve the move"
      step="gate"
      above={<BackTo to="/settings">Settings</BackTo>}
      lead="Your new passkey signs exactly what you see here. Then your balance moves, and payments go to the new address."
    >
      {gate.value ? (
        <Gate prepared={gate.value} anew={gate.reload} />
      ) : gate.failure ? (
        <Notice kind="bad">
          <p>{gate.failure.sentence}</p>
          <Button look="secondary" onClick={() => void gate.reload()}>
            Try again
          </Button>
        </Notice>
      ) : (
        <p className="progress" role="status">
          <span className="spinner" aria-hidden="true" /> Reading the balance
        </p>
      )}
    </Screen>
  );
}

function Gate({ prepared, anew }: { prepared: PreparedMigration; anew: () => Promise<void> }) {
  const { merchant, refresh } = useMerchant();
  const { review } = prepared;
  const leftMs = useTimeLeft(review.expiresAt);
  const approve = useMerchantAction(async () => {
    await prepared.approve();
    await refresh();
  });
  const renew = useMerchantAction(async () => {
    approve.clear();
    await anew();
    await refresh();
  });
  const { failure } = approve;
  const isStale =
    leftMs <= 0 ||
    failure?.code.startsWith('CHALLENGE_') ||
    failure?.code === 'GATE_STALE' ||
    failure?.code === 'MIGRATION_NOT_WAITING';
  return (
    <>
      <div className="slip">
        <p className="slip-money" data-testid="gate-balance">
          <Amount amount={review.balance} decimals={USDC_DECIMALS} symbol={merchant.usdc.code} />
        </p>
        <dl className="facts">
          <Fact name="From the managed account">
            <Address address={review.fromAddress} />
          </Fact>
          <Fact name="To your own wallet">
            <Address address={review.toAddress} />
          </Fact>
          <Fact name="Network">{review.networkPassphrase}</Fact>
          <Fact name="Network fee">Paid by the service. You pay nothing.</Fact>
          {review.notBefore === null ? null : (
            <Fact name="Begins">
              {fullDateTime(review.notBefore)}, because your withdrawal rules hold it up until then
            </Fact>
          )}
          <Fact name="Valid until">
            {leftMs <= 0 ? 'Expired' : `${clockTime(review.expiresAt)}, ${countdown(leftMs)} left`}
          </Fact>
        </dl>
      </div>
      <p className="small">
        What arrives in the old account after this moment is moved too, before it is closed.
      </p>
      {isStale && !approve.busy ? (
        <Notice kind="warning" title="This is no longer up to date">
          <p>{failure?.sentence ?? 'Nothing was moved. Look at it once more and approve it then.'}</p>
          <Button look="secondary" busy={renew.busy} onClick={() => void renew.run()}>
            Show it again
          </Button>
        </Notice>
      ) : null}
      <PasskeyButton
        busy={approve.busy}
        failure={isStale ? null : failure}
        unavailable={leftMs <= 0}
        progress="Follow the prompt of your device, and use the passkey you have just made."
        onPress={() => void approve.run()}
      >
        Approve with passkey
      </PasskeyButton>
      <AbandonUpgrade />
    </>
  );
}
