// Payments that came in and went out, with their loading, empty and failed states.
import type { Payment } from '@latchkey/sdk/merchant';
import { Amount } from '../ui/Amount.tsx';
import { shortAddress } from '../ui/addressGroups.ts';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { LoadingRows } from '../ui/LoadingRows.tsx';
import { Notice } from '../ui/Notice.tsx';
import { dateTime } from '../wallet/dates.ts';
import type { Pages } from './usePages.ts';
import { USDC_DECIMALS } from './withdrawForm.ts';

function titleOf({ kind, direction }: Payment): string {
  if (kind === 'withdrawal') return 'Withdrawn';
  if (kind === 'migration') return 'Moved to your own wallet';
  return direction === 'in' ? 'Received' : 'Paid';
}

function iconOf({ kind, direction }: Payment): IconName {
  if (kind === 'migration') return 'key';
  return direction === 'in' ? 'in' : 'out';
}

interface PaymentListProps {
  pages: Pages<Payment>;
  symbol: string;
  skeletonRows: number;
}

export function PaymentList({ pages, symbol, skeletonRows }: PaymentListProps) {
  const { items, failure, more } = pages;
  if (failure && items === null) {
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
    return <p className="empty">No payments yet. They are listed here as soon as the network has them.</p>;
  }
  return (
    <ul className="rows">
      {items.map((item) => (
        <Row key={item.id} payment={item} symbol={symbol} />
      ))}
    </ul>
  );
}

function Row({ payment, symbol }: { payment: Payment; symbol: string }) {
  const { direction, kind, amount, counterparty, memo, at } = payment;
  const isMove = kind === 'migration';
  const sign = direction === 'in' ? '+' : '\u2212';
  return (
    <li className={`row ${direction === 'in' && !isMove ? 'row-received' : 'row-sent'}`}>
      <span className="row-icon">
        <Icon name={iconOf(payment)} />
      </span>
      <span className="row-what">
        <span className="row-head">
          <span className="row-title">{titleOf(payment)}</span>
          <span className="row-amount">
            <Amount amount={amount} decimals={USDC_DECIMALS} symbol={symbol} {...(isMove ? {} : { sign })} />
          </span>
        </span>
        <span className="row-who">
          {direction === 'in' ? 'from' : 'to'}{' '}
          <span className="mono" title={counterparty}>
            {shortAddress(counterparty)}
          </span>
          {memo === null ? null : <> · memo {memo}</>}
        </span>
        <span className="row-when">
          <time dateTime={new Date(at).toISOString()}>{dateTime(at)}</time>
        </span>
      </span>
    </li>
  );
}
