// What the chain says about the person's wallet, loaded once for all signed-in screens and kept fresh: on return to
// the page, on demand and at a slow beat while the page is visible. An old view stays on the screen while a new one
// loads, and stays when loading fails, with the failure beside it.
import type { WalletView } from '@latchkey/sdk';
import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react';
import { useLatest } from '../service/useLatest.ts';
import { useRefreshWhileVisible } from '../service/useRefreshWhileVisible.ts';
import { type Failure, failureOf } from './failure.ts';
import { useLatchkey } from './latchkeyContext.ts';
import { useSession } from './session.tsx';

const REFRESH_EVERY_MS = 15_000;
/** While there is nothing to show yet, e.g. because the wallet is still being created. */
const FIRST_VIEW_EVERY_MS = 3_000;

interface WalletViewState {
  view: WalletView | null;
  failure: Failure | null;
  refresh: () => Promise<void>;
}

const WalletViewContext = createContext<WalletViewState | null>(null);

export function WalletViewProvider({ children }: { children: ReactNode }) {
  const latchkey = useLatchkey();
  const { expire } = useSession();
  const load = useCallback(() => latchkey.wallet(), [latchkey]);
  const { value: view, failure, reload: refresh } = useLatest({ load, readFailure: failureOf, expire });

  const everyMs = view === null ? FIRST_VIEW_EVERY_MS : REFRESH_EVERY_MS;
  useRefreshWhileVisible(refresh, everyMs);

  const value = useMemo(() => ({ view, failure, refresh }), [view, failure, refresh]);
  return <WalletViewContext value={value}>{children}</WalletViewContext>;
}

export function useWalletView(): WalletViewState {
  const state = useContext(WalletViewContext);
  if (state === null) throw new Error('useWalletView: no WalletViewProvider above this component');
  return state;
}
