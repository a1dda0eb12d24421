// A list of what happened to the wallet, with its loading, empty and failed states.
import type { ActivityItem } from '@latchkey/sdk';
import { Amount } from '../ui/Amount.tsx';
import { shortAddress } from '../ui/addressGroups.ts';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { LoadingRows } from '../ui/LoadingRows.tsx';
import { Notice } from '../ui/Notice.tsx';
import { dateTime } from './dates.ts';
import type { ActivityPages } from './useActivity.ts';

const ICONS: Record<ActivityItem['kind'], IconName> = {
  created: 'key',
  rotated: 'key',
  sent: 'out',
  received: 'in',
};

const TITLES: Record<ActivityItem['kind'], string> = {
  created: 'Wallet created',
  rotated: 'New passkey took over',
  sent: 'Sent',
  received: 'Received',
};

export function ActivityList({ activity, skeletonRows }: { activity: ActivityPages; skeletonRows: number }) {
  const { items, failure, more } = activity;
  if (failure) {
    return (
      <Notice kind="bad">
        <p>{failure.sentence}</p>
        {more ? (
          <Button look="secondary" onClick={more}>
            Try again
          </Button>
        ) : null}
      </Notice>
    );
  }
  if (items === null) return <LoadingRows count={skeletonRows} />;
  if (items.length === 0) {
    return <p className="empty">Nothing has happened yet. What you send and receive will be listed here.</p>;
  }
  return (
    <ul className="rows">
      {items.map((item) => (
        <Row key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Row({ item }: { item: ActivityItem }) {
  return (
    <li className={`row row-${item.kind} row-${item.status}`}>
      <span className="row-icon">
        <Icon name={ICONS[item.kind]} />
      </span>
      <span className="row-what">
        <span className="row-head">
          <span className="row-title">{TITLES[item.kind]}</span>
          {item.amount === null ? null : (
            <span className="row-amount">
              <Amount
                amount={item.amount}
                decimals={item.decimals}
                symbol={item.symbol}
                sign={item.kind === 'sent' ? '\u2212' : '+'}
              />
            </span>
          )}
        </span>
        {item.counterparty === null ? null : (
          <span className="row-who">
            {item.kind === 'sent' ? 'to' : 'from'}{' '}
            <span className="mono" title={item.counterparty}>
              {shortAddress(item.counterparty)}
            </span>
          </span>
        )}
        <span className="row-when">
          <time dateTime={new Date(item.at).toISOString()}>{dateTime(item.at)}</time>
          {item.status === 'pending' ? <span className="tag tag-pending">On its way</span> : null}
          {item.status === 'failed' ? <span className="tag tag-failed">Failed, nothing moved</span> : null}
        </span>
      </span>
    </li>
  );
}
