// How far a migration is, step by step, as the service reports it. Where it has stopped: why, where the money is, and the
// button to go on.
import type { Migration } from '@latchkey/sdk/merchant';
import { Address } from '../../ui/Address.tsx';
import { Button } from '../../ui/Button.tsx';
import { Fact } from '../../ui/Fact.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { fullDateTime } from '../../wallet/dates.ts';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { sentenceOf } from '../failure.ts';
import { useMerchant } from '../merchantView.tsx';
import { migrationSteps, STATUS_WORDS, type StepStatus, whereMoneyIs } from '../migrationSteps.ts';
import { useMerchantAction } from '../useMerchantAction.ts';
import { AbandonUpgrade } from './AbandonUpgrade.tsx';

const ICONS: Record<StepStatus, IconName> = { done: 'check', now: 'clock', later: 'clock', failed: 'cross' };

export function MigrationProgress({ migration }: { migration: Migration }) {
  const client = useClient();
  const { refresh, failure } = useMerchant();
  const retry = useMerchantAction(async () => {
    await client.retryMigration();
    await refresh();
  });
  const steps = migrationSteps(migration);
  const present = steps.find(({ status }) => status === 'now' || status === 'failed');
  return (
    <Screen
      title={migration.error ? 'The move has stopped' : 'Your wallet is moving'}
      step={migration.error ? 'stopped' : 'moving'}
      above={<BackTo to="/settings">Settings</BackTo>}
      lead={whereMoneyIs(migration)}
    >
      {failure ? (
        <Notice kind="warning" title="This may not be the latest state">
          <p>{failure.sentence} We keep looking, and the move goes on without this page.</p>
        </Notice>
      ) : null}
      <ol className="steps">
        {steps.map(({ title, status }, index) => (
          <li
            key={title}
            className={`step step-${status}`}
            aria-current={status === 'now' ? 'step' : undefined}
          >
            <span className="step-mark">
              {status === 'now' ? (
                <span className="spinner" aria-hidden="true" />
              ) : status === 'later' ? (
                <span aria-hidden="true">{index + 1}</span>
              ) : (
                <Icon name={ICONS[status]} />
              )}
            </span>
            <span className="step-words">
              <span className="step-title">{title}</span>
              <span className="small">{STATUS_WORDS[status]}</span>
            </span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {present ? `${present.title}: ${STATUS_WORDS[present.status]}` : null}
      </p>
      {migration.error ? (
        <Notice kind="bad" title="What happened">
          <p>{sentenceOf(migration.error)}</p>
          <p>Nothing is lost. Both wallets work, and going on does nothing twice.</p>
        </Notice>
      ) : null}
      {migration.error ? (
        <div className="form">
          <Button className="button-wide" busy={retry.busy} onClick={() => void retry.run()}>
            Retry
          </Button>
          {retry.failure ? (
            <Notice kind="bad">
              <p>{retry.failure.sentence}</p>
            </Notice>
          ) : null}
        </div>
      ) : (
        <p className="small">You may leave this page. It goes on by itself.</p>
      )}
      {migration.notBefore === null || migration.error ? null : (
        <>
          <Notice kind="info" title={`It begins on ${fullDateTime(migration.notBefore)}`}>
            <p>
              Your withdrawal rules hold it up until then. If it was not you who approved it, stop it here.
            </p>
          </Notice>
          <AbandonUpgrade />
        </>
      )}
      <dl className="facts">
        <Fact name="Old address">
          <Address address={migration.fromAddress} />
        </Fact>
        <Fact name="New address">
          <Address address={migration.toAddress} />
        </Fact>
        {migration.transactionHash === null ? null : (
          <Fact name="Newest transaction">
            <span className="mono hash">{migration.transactionHash}</span>
          </Fact>
        )}
        {migration.round > 1 ? (
          <Fact name="Rounds">{migration.round}, because payments arrived in between</Fact>
        ) : null}
      </dl>
    </Screen>
  );
}
