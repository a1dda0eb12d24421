// What the chain says about the person's wallet, loaded once for all signed-in screens and kept fresh: on return to
// the page, on demand and at a slow beat while the page is visible. An old view stays on the screen while a new one
// loads, and stays when loading fails, with the failure beside it.
import type { WalletView } from '@latchkey/sdk';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
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
  const [view, setView] = useState<WalletView | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const latestLoad = useRef(0);

  const refresh = useCallback(async () => {
    const load = ++latestLoad.current;
    try {
      const loaded = await latchkey.wallet();
      if (load !== latestLoad.current) return;
      setView(loaded);
      setFailure(null);
    } catch (error) {
      if (load !== latestLoad.current) return;
      const seen = failureOf(error);
      if (seen.code === 'SESSION_EXPIRED') expire();
      else setFailure(seen);
    }
  }, [latchkey, expire]);

  useEffect(() => {
    void refresh();
    return () => {
      latestLoad.current++;
    };
  }, [refresh]);

  const everyMs = view === null ? FIRST_VIEW_EVERY_MS : REFRESH_EVERY_MS;
  useEffect(() => {
    const refreshIfVisible = () => {
      if (document.visibilityState === 'visible') void refresh();
    };
    const timer = setInterval(refreshIfVisible, everyMs);
    document.addEventListener('visibilitychange', refreshIfVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refreshIfVisible);
    };
  }, [refresh, everyMs]);

  const value = useMemo(() => ({ view, failure, refresh }), [view, failure, refresh]);
  return <WalletViewContext value={value}>{children}</WalletViewContext>;
}

export function useWalletView(): WalletViewState {
  const state = useContext(WalletViewContext);
  if (state === null) throw new Error('useWalletView: no WalletViewProvider above this component');
  return state;
}
