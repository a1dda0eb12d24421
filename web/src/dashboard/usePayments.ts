// The merchant's payments, page by page, the newest as soon as the service tells of them.
import type { Payment } from '@latchkey/sdk/merchant';
import { useCallback, useState } from 'react';
import { useClient } from './clientContext.ts';
import { useMerchant } from './merchantView.tsx';
import { type Pages, usePages } from './usePages.ts';

/** Ledgers that could not be read, so that payments in them are not listed. */
type Gap = { fromLedger: number; toLedger: number };

export function usePayments(pageSize: number): Pages<Payment> & { gaps: Gap[] } {
  const client = useClient();
  const { merchant, news } = useMerchant();
  const [gaps, setGaps] = useState<Gap[]>([]);
  const load = useCallback(
    async (cursor: string | null) => {
      const page = await client.payments({ limit: pageSize, ...(cursor === null ? {} : { cursor }) });
      setGaps(page.missing);
      // A move between the merchant's own wallets is one event with two sides, of which one is told.
      const items = page.payments.filter((it) => it.kind !== 'migration' || it.direction === 'in');
      return { items, cursor: page.cursor };
    },
    [client, pageSize],
  );
  return { ...usePages(load, `${news} ${merchant.settlement.balance}`), gaps };
}
