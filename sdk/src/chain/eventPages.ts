// Reads the events of a range of ledgers, page by page, and hands over whole ledgers only, so that whoever stores them can
// store how far they were read beside them. Does not look for ledgers that the node no longer has: it refuses those.
import type { Rpc, RpcMethods } from './rpc.ts';

export type ChainEvent = RpcMethods['getEvents']['result']['events'][number];
export type EventFilters = RpcMethods['getEvents']['params']['filters'];

/** stellar-rpc's own limits. */
const LEDGERS_PER_SEARCH = 10_000;
const MAX_EVENTS_PER_PAGE = 10_000;
const MAX_EVENTS_PER_LEDGER = 500_000;

/**
 * Reads from ledger `from` on, to `latest` at most and one search far; returns the first ledger after what was read.
 * @param store is given all events of the ledgers from `from` to before `to`, in order
 * @throws LatchkeyError NETWORK_UNAVAILABLE, RpcError
 */
export async function readEventPages(
  rpc: Rpc,
  range: { filters: EventFilters; from: number; latest: number; eventsPerPage?: number | undefined },
  store: (events: ChainEvent[], from: number, to: number) => Promise<void>,
): Promise<number> {
  const { filters, from, latest } = range;
  const limit = range.eventsPerPage ?? MAX_EVENTS_PER_PAGE;
  const end = Math.min(latest + 1, from + LEDGERS_PER_SEARCH);
  let next = from;
  let cursor: string | null = null;
  let waiting: ChainEvent[] = [];
  while (next < end) {
    const page: RpcMethods['getEvents']['result'] = await rpc.call('getEvents', {
      ...(cursor === null ? { startLedger: next, endLedger: end } : {}),
      filters,
      pagination: { limit, ...(cursor === null ? {} : { cursor }) },
    });
    waiting.push(...page.events);
    const isFull = page.events.length === limit;
    // The last ledger of a full page may go on in the next one; and another node may answer, which is behind.
    const complete = isFull ? page.events.at(-1)!.ledger : page.latestLedger + 1;
    const stored = Math.min(complete, end);
    if (stored > next) {
      await store(
        waiting.filter(({ ledger }) => ledger < stored),
        next,
        stored,
      );
      waiting = waiting.filter(({ ledger }) => ledger >= stored);
      next = stored;
    }
    if (!isFull) break;
    if (waiting.length > MAX_EVENTS_PER_LEDGER) throw new Error(`ledger ${next} has too many events`);
    cursor = page.cursor;
  }
  return next;
}
