// A list that the service gives page by page, newest first.
// Guarantees: no item twice, even when new ones arrive between two pages; at most MAX_ITEMS are kept on the screen.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../wallet/failure.ts';
import { merchantFailureOf } from './failure.ts';
import { useSession } from './session.tsx';

const MAX_ITEMS = 1_000;

export interface Pages<Item> {
  /** Null until the first page has come. */
  items: Item[] | null;
  failure: Failure | null;
  loading: boolean;
  /** Loads the next page, or the first one again after it failed; null when everything is shown. */
  more: (() => void) | null;
}

/**
 * @param load has to stay the same function while the list does (useCallback)
 * @param freshness loads the newest page again when it changes, and keeps older ones
 */
export function usePages<Item extends { id: string }>(
  load: (cursor: string | null) => Promise<{ items: Item[]; cursor: string | null }>,
  freshness?: unknown,
): Pages<Item> {
  const { expire } = useSession();
  const [pages, setPages] = useState<{ items: Item[] | null; cursor: string | null }>({
    items: null,
    cursor: null,
  });
  const [failure, setFailure] = useState<Failure | null>(null);
  const [loading, setLoading] = useState(false);
  const latestLoad = useRef(0);

  const loadFrom = useCallback(
    async (cursor: string | null) => {
      const thisLoad = ++latestLoad.current;
      setLoading(true);
      setFailure(null);
      try {
        const page = await load(cursor);
        if (thisLoad !== latestLoad.current) return;
        setPages((shown) => {
          const before = shown.items ?? [];
          if (cursor !== null)
            return { items: withoutRepeats([...before, ...page.items]), cursor: page.cursor };
          const meets = page.items.some((it) => it.id === before[0]?.id);
          if (!meets) return page;
          return { items: withoutRepeats([...page.items, ...before]), cursor: shown.cursor };
        });
      } catch (error) {
        if (thisLoad !== latestLoad.current) return;
        const seen = merchantFailureOf(error);
        if (seen.code === 'SESSION_EXPIRED') expire();
        else setFailure(seen);
      }
      setLoading(false);
    },
    [load, expire],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: freshness is the reason to load again.
  useEffect(() => {
    void loadFrom(null);
    return () => {
      latestLoad.current++;
    };
  }, [loadFrom, freshness]);

  const { items, cursor } = pages;
  const atEnd = items !== null && (cursor === null || items.length >= MAX_ITEMS);
  return { items, failure, loading, more: atEnd && !failure ? null : () => void loadFrom(cursor) };
}

/** The first of each id stays, which is the newest reading of it. */
function withoutRepeats<Item extends { id: string }>(items: Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => !seen.has(id) && seen.add(id));
}
