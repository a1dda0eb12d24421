// Refreshes what a page shows at a beat while the page is visible, and at once when the person returns to it.
// A hidden page asks for nothing.
import { useEffect } from 'react';

export function useRefreshWhileVisible(refresh: () => Promise<void>, everyMs: number): void {
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
}
