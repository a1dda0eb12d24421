// Everything that was done with the account, newest first, a page at a time.
import { useCallback } from 'react';
import { Button } from '../../ui/Button.tsx';
import { LoadingRows } from '../../ui/LoadingRows.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { dateTime } from '../../wallet/dates.ts';
import { auditFacts, auditWords } from '../auditWords.ts';
import { BackTo } from '../BackTo.tsx';
import { useClient } from '../clientContext.ts';
import { useMerchant } from '../merchantView.tsx';
import { usePages } from '../usePages.ts';

const PAGE_SIZE = 30;

export function Audit() {
  const client = useClient();
  const { news } = useMerchant();
  const load = useCallback(
    async (cursor: string | null) => {
      const page = await client.audit({ limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) });
      return { items: page.entries, cursor: page.cursor };
    },
    [client],
  );
  const { items, failure, loading, more } = usePages(load, news);
  return (
    <Screen
      title="Activity"
      above={<BackTo to="/settings">Settings</BackTo>}
      lead="Everything that was done with this account."
    >
      {items === null ? (
        failure ? null : (
          <LoadingRows count={6} />
        )
      ) : items.length === 0 ? (
        <p className="empty">Nothing yet.</p>
      ) : (
        <ul className="audit">
          {items.map(({ id, at, action, detail }) => {
            const facts = auditFacts(detail);
            return (
              <li key={id} className="audit-entry">
                <p className="row-title">{auditWords(action)}</p>
                <p className="small">
                  <time dateTime={new Date(at).toISOString()}>{dateTime(at)}</time>
                </p>
                {facts.length > 0 ? (
                  <details className="more">
                    <summary>Details</summary>
                    <dl className="audit-facts">
                      {facts.map(({ name, value }) => (
                        <div key={name}>
                          <dt>{name}</dt>
                          <dd className="mono">{value}</dd>
                        </div>
                      ))}
                    </dl>
                  </details>
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
      {failure ? (
        <Notice kind="bad">
          <p>{failure.sentence}</p>
          {more ? (
            <Button look="secondary" onClick={more}>
              Try again
            </Button>
          ) : null}
        </Notice>
      ) : null}
      {items !== null && more !== null && !failure ? (
        <Button look="secondary" className="button-wide" busy={loading} onClick={more}>
          Load more
        </Button>
      ) : null}
    </Screen>
  );
}
