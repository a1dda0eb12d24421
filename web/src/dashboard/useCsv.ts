// Saves the list of payments as a file. The browser is given the bytes, not a link, because the API wants the session in a
// header.
import { useClient } from './clientContext.ts';
import { useMerchantAction } from './useMerchantAction.ts';

const REVOKE_AFTER_MS = 60_000;

export function useCsv() {
  const client = useClient();
  return useMerchantAction(async () => {
    const url = URL.createObjectURL(await client.paymentsCsv());
    const link = document.createElement('a');
    link.href = url;
    link.download = 'payments.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
  });
}
