// The newest messages to one webhook and what became of them, with the way to send those of the last day once more. Loaded
// when it is opened.
import type { MerchantMessageBody } from '@latchkey/sdk/merchant';
import { useCallback } from 'react';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { dateTime } from '../wallet/dates.ts';
import { auditWords } from './auditWords.ts';
import { useClient } from './clientContext.ts';
import { useMerchant } from './merchantView.tsx';
import { NotLoaded } from './NotLoaded.tsx';
import { useLoaded } from './useLoaded.ts';
import { useMerchantAction } from './useMerchantAction.ts';

const SHOWN = 10;
const DAY_MS = 86_400_000;

const STATE_WORDS: Record<MerchantMessageBody['state'], string> = {
  waiting: 'Waits for another try',
  delivered: 'Delivered',
  'given-up': 'Given up',
};

export function WebhookMessages({ webhookId }: { webhookId: string }) {
  const client = useClient();
  const { news } = useMerchant();
  const load = useCallback(() => client.webhookMessages(webhookId), [client, webhookId]);
  const messages = useLoaded(load, news);
  const replay = useMerchantAction(async () => {
    await client.replayWebhook(webhookId, Date.now() - DAY_MS);
    await messages.reload();
  });
  if (messages.value === null) return <NotLoaded failure={messages.failure} rows={1} />;
  if (messages.value.length === 0) return <p className="empty">None yet.</p>;
  return (
    <>
      <ul>
        {messages.value.slice(0, SHOWN).map((message) => (
          <li key={message.id} className="audit-entry">
            <p className="row-title">{auditWords(message.name)}</p>
            <p className="small">
              <time dateTime={new Date(message.createdAt).toISOString()}>{dateTime(message.createdAt)}</time>
              {', '}
              {STATE_WORDS[message.state].toLowerCase()}
              {message.lastAnswer === null ? null : `; the last answer was: ${message.lastAnswer}`}
            </p>
          </li>
        ))}
      </ul>
      <p>
        <Button look="secondary" busy={replay.busy} onClick={() => void replay.run()}>
          Send the last day again
        </Button>
      </p>
      {replay.failure ? (
        <Notice kind="bad">
          <p>{replay.failure.sentence}</p>
        </Notice>
      ) : null}
    </>
  );
}
