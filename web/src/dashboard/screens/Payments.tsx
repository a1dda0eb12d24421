// All payments, newest first, a page at a time, and as a file for bookkeeping.
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { useMerchant } from '../merchantView.tsx';
import { PaymentList } from '../PaymentList.tsx';
import { useCsv } from '../useCsv.ts';
import { usePayments } from '../usePayments.ts';

const PAGE_SIZE = 20;

export function Payments() {
  const { merchant } = useMerchant();
  const payments = usePayments(PAGE_SIZE);
  const csv = useCsv();
  const { items, more, loading, failure, gaps } = payments;
  return (
    <Screen title="Payments">
      <div>
        <Button look="secondary" busy={csv.busy} onClick={() => void csv.run()}>
          Download as CSV
        </Button>
      </div>
      {csv.failure ? (
        <Notice kind="bad">
          <p>{csv.failure.sentence}</p>
        </Notice>
      ) : null}
      {gaps.length > 0 ? (
        <Notice kind="warning" title="Some payments may be missing here">
          <p>
            The service could not read the ledgers{' '}
            {gaps.map(({ fromLedger, toLedger }) => `${fromLedger} to ${toLedger}`).join(', ')}. Your balance
            is right all the same: it comes from the network itself.
          </p>
        </Notice>
      ) : null}
      <PaymentList pages={payments} symbol={merchant.usdc.code} skeletonRows={6} />
      {items !== null && more !== null && !failure ? (
        <Button look="secondary" className="button-wide" busy={loading} onClick={more}>
          Load more
        </Button>
      ) : null}
      <p className="visually-hidden" role="status">
        {items === null ? 'Loading' : `${items.length} payments shown`}
      </p>
    </Screen>
  );
}
