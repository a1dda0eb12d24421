// The wallet's history, page by page, newest first.
// Guarantees: no item twice, even when new ones arrive between two pages; at most MAX_ITEMS are kept on the screen.
import type { ActivityItem } from '@latchkey/sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Failure, failureOf } from './failure.ts';
import { useLatchkey } from './latchkeyContext.ts';
import { useSession } from './session.tsx';

const MAX_ITEMS = 1_000;

export interface ActivityPages {
  /** Null until the first page has come. */
  items: ActivityItem[] | null;
  failure: Failure | null;
  loading: boolean;
  /** Loads the next page, or the first one again after it failed; null when everything is shown. */
  more: (() => void) | null;
}

/** Loads the first page at once, and again whenever `freshness` changes; older pages on demand. */
export function useActivity(pageSize: number, freshness?: unknown): ActivityPages {
  const latchkey = useLatchkey();
  const { expire } = useSession();
  const [pages, setPages] = useState<{ items: ActivityItem[] | null; cursor: string | null }>({
    items: null,
    cursor: null,
  });
  const [failure, setFailure] = useState<Failure | null>(null);
  const [loading, setLoading] = useState(false);
  const latestLoad = useRef(0);

  const load = useCallback(
    async (cursor: string | null) => {
      const thisLoad = ++latestLoad.current;
      setLoading(true);
      setFailure(null);
      try {
        const page = await latchkey.activity({ limit: pageSize, ...(cursor === null ? {} : { cursor }) });
        if (thisLoad !== latestLoad.current) return;
        setPages((shown) => ({
          items: cursor === null ? page.items : withoutRepeats([...(shown.items ?? []), ...page.items]),
          cursor: page.cursor,
        }));
      } catch (error) {
        if (thisLoad !== latestLoad.current) return;
        const seen = failureOf(error);
        if (seen.code === 'SESSION_EXPIRED') expire();
        else setFailure(seen);
      }
      setLoading(false);
    },
    [latchkey, pageSize, expire],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: freshness is the reason to load again.
  useEffect(() => {
    void load(null);
    return () => {
      latestLoad.current++;
    };
  }, [load, freshness]);

  const { items, cursor } = pages;
  const atEnd = items !== null && (cursor === null || items.length >= MAX_ITEMS);
  return { items, failure, loading, more: atEnd && !failure ? null : () => void load(cursor) };
}

function withoutRepeats(items: ActivityItem[]): ActivityItem[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
