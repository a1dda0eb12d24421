// The signed-in merchant, loaded once for all screens and kept fresh: at once when the service tells of news, quickly while
// something is on its way, slowly otherwise, and on return to the page. An old view stays on the screen while a new one
// loads, and stays when loading fails, with the failure beside it.
import type { Merchant } from '@latchkey/sdk/merchant';
import { createContext, type ReactNode, useCallback, useContext } from 'react';
import { useRefreshWhileVisible } from '../service/useRefreshWhileVisible.ts';
import type { Failure } from '../wallet/failure.ts';
import { useClient } from './clientContext.ts';
import { useLoaded } from './useLoaded.ts';
import { useNews } from './useNews.ts';

const REFRESH_EVERY_MS = 15_000;
const REFRESH_MOVING_EVERY_MS = 1_000;

export interface MerchantView {
  merchant: Merchant;
  /** Set when what is shown may be old. */
  failure: Failure | null;
  refresh: () => Promise<void>;
  /** Counts what the service told of; lists load again when it changes. */
  news: number;
}

interface Loaded {
  merchant: Merchant | null;
  failure: Failure | null;
  refresh: () => Promise<void>;
  news: number;
}

const MerchantContext = createContext<MerchantView | null>(null);

/** Whether something goes on without the merchant, and the screen should show it step by step. */
function isMoving({ settlement, migration }: Merchant): boolean {
  const isMigrating =
    migration !== null &&
    migration.error === null &&
    migration.state !== 'ready' &&
    migration.state !== 'done';
  const isDeploying = settlement.status === 'upgrading' && migration === null;
  return settlement.status === 'provisioning' || isDeploying || isMigrating;
}

export function useLoadedMerchant(): Loaded {
  const client = useClient();
  const load = useCallback(() => client.me(), [client]);
  const { value: merchant, failure, reload: refresh } = useLoaded(load);
  const news = useNews(refresh);
  const everyMs = merchant !== null && !isMoving(merchant) ? REFRESH_EVERY_MS : REFRESH_MOVING_EVERY_MS;
  useRefreshWhileVisible(refresh, everyMs);
  return { merchant, failure, refresh, news };
}

export function MerchantProvider({ view, children }: { view: MerchantView; children: ReactNode }) {
  return <MerchantContext value={view}>{children}</MerchantContext>;
}

export function useMerchant(): MerchantView {
  const view = useContext(MerchantContext);
  if (view === null) throw new Error('useMerchant: no MerchantProvider above this component');
  return view;
}
