// The one place where screens get the merchant's client from. main.tsx provides the real one.
import type { MerchantClient } from '@latchkey/sdk/merchant';
import { createContext, useContext } from 'react';

export const ClientContext = createContext<MerchantClient | null>(null);

/** Throws outside a provider: that is a mistake in the app, not something a person can cause. */
export function useClient(): MerchantClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('useClient: no ClientContext provider above this component');
  return client;
}
