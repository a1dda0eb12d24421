// What merchants who look at their dashboard are told the moment it is known: payments, withdrawals, the migration, the
// balance. What changed is found in the tables, so it does not matter which process, or which part of one, changed it; the
// tables are looked at only while somebody listens, for all who listen together. Nothing is kept for those who do not: a
// page reads the lists when it connects.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { newestPayments, type PaymentPosition, paymentsAfter } from '../db/settlementPayments.ts';
import { type MovingPart, movingPartsOf } from '../db/settlementProgress.ts';
import { type MerchantOnNetwork, paymentBodies } from './payments.ts';

const MAX_PAYMENTS_AT_ONCE = 50;
const MAX_LISTENERS = 1_000;
const MAX_LISTENERS_OF_MERCHANT = 10;
const MERCHANTS_PER_LOOK = 200;
/** Withdrawals older than that do not change any more. */
const WITHDRAWALS_SINCE_MS = 86_400_000;

export type MerchantEvent = {
  name: 'payment' | 'withdrawal' | 'migration' | 'balance';
  data: Record<string, unknown>;
};
export type MerchantEvents = {
  /**
   * From now on, until the function that it gives is called.
   * @param ear must not throw; `end` is called when there will be nothing more
   * @throws LatchkeyError RATE_LIMITED when too many listen already
   */
  listen(merchant: Listening, ear: Ear): Promise<() => void>;
  /** Looks once for everybody who listens. */
  look(): Promise<void>;
  /** Ends it for everybody. */
  close(): void;
};

export type Ear = { tell(event: MerchantEvent): void; end(): void };

/** Who listens: the stream ends with the session that it was opened in, and when the merchant moves. */
export type Listening = MerchantOnNetwork & { sessionEpoch: number };

type Listener = Listening & {
  ear: Ear;
  /** what was seen last; null until it is known from where on to tell */
  seen: { newestEventId: string; position: PaymentPosition | null; versions: Map<string, string> } | null;
};

/** What the tables say of a few merchants. */
type Seen = {
  /** null when the merchant is not on this network any more, or its sessions were ended */
  newestEventId(merchant: Listening): string | null;
  parts(merchant: MerchantOnNetwork): MovingPart[];
};

const keyOf = ({ accountId, network }: MerchantOnNetwork) => `${network} ${accountId}`;

export function createMerchantEvents(deps: {
  db: Database;
  log: Logger;
  nowMs: () => number;
}): MerchantEvents {
  const { db, log, nowMs } = deps;
  const listeners = new Set<Listener>();
  let isClosed = false;
  let isLooking = false;

  async function see(accountIds: string[]): Promise<Seen> {
    const parts = Map.groupBy(await movingPartsOf(db, accountIds, nowMs() - WITHDRAWALS_SINCE_MS), keyOf);
    const newest = new Map((await newestPayments(db, accountIds)).map((it) => [keyOf(it), it]));
    return {
      newestEventId(merchant) {
        const found = newest.get(keyOf(merchant));
        return found?.sessionEpoch === merchant.sessionEpoch ? (found.eventId ?? '') : null;
      },
      parts: (merchant) => parts.get(keyOf(merchant)) ?? [],
    };
  }

  function moved({ seen }: Listener, parts: MovingPart[]): MerchantEvent[] {
    const changed = parts.filter(({ id, version }) => seen!.versions.get(id) !== version);
    seen!.versions = new Map(parts.map(({ id, version }) => [id, version]));
    return changed.map(({ name, id, state }) => ({ name, data: { id, state } }));
  }

  async function paid(listener: Listener, newestEventId: string): Promise<MerchantEvent[]> {
    const { accountId, network } = listener;
    const seen = listener.seen!;
    if (newestEventId === seen.newestEventId) return [];
    const rows = await paymentsAfter(db, accountId, network, seen.position, MAX_PAYMENTS_AT_ONCE);
    const last = rows.at(-1);
    // The rest comes with the next look.
    seen.newestEventId = rows.length < MAX_PAYMENTS_AT_ONCE ? newestEventId : (last?.event_id ?? '');
    seen.position = last ?? seen.position;
    const bodies = await paymentBodies(db, accountId, rows);
    return bodies.map((body) => ({ name: 'payment', data: body }));
  }

  async function tell(listener: Listener, now: Seen): Promise<void> {
    if (!listener.seen) return;
    const newestEventId = now.newestEventId(listener);
    if (newestEventId === null) {
      listeners.delete(listener);
      listener.ear.end();
      return;
    }
    const events = [...(await paid(listener, newestEventId)), ...moved(listener, now.parts(listener))];
    if (events.length === 0 || !listeners.has(listener)) return;
    for (const event of events) listener.ear.tell(event);
    // What it is now is for the page to ask: between here and there it may have changed again.
    listener.ear.tell({ name: 'balance', data: {} });
  }

  async function lookForAll(): Promise<void> {
    const accountIds = [...new Set([...listeners].map((it) => it.accountId))];
    for (let at = 0; at < accountIds.length; at += MERCHANTS_PER_LOOK) {
      const some = accountIds.slice(at, at + MERCHANTS_PER_LOOK);
      const now = await see(some);
      for (const listener of listeners) if (some.includes(listener.accountId)) await tell(listener, now);
    }
  }

  return {
    async listen(merchant, ear) {
      const { accountId } = merchant;
      const ofMerchant = [...listeners].filter((it) => it.accountId === accountId).length;
      if (isClosed || listeners.size >= MAX_LISTENERS || ofMerchant >= MAX_LISTENERS_OF_MERCHANT) {
        throw new LatchkeyError('RATE_LIMITED', { message: 'Too many pages listen already. Close one.' });
      }
      const listener: Listener = { ...merchant, ear, seen: null };
      listeners.add(listener);
      try {
        const now = await see([accountId]);
        const newestEventId = now.newestEventId(merchant) ?? '';
        listener.seen = {
          newestEventId,
          position: newestEventId === '' ? null : { event_id: newestEventId, direction: 'out' },
          versions: new Map(now.parts(merchant).map(({ id, version }) => [id, version])),
        };
      } catch (error) {
        listeners.delete(listener);
        throw error;
      }
      return () => void listeners.delete(listener);
    },
    async look() {
      if (isLooking) return;
      isLooking = true;
      try {
        await lookForAll();
      } catch (error) {
        log.warn({ err: error }, 'what changed for merchants is looked for again');
      } finally {
        isLooking = false;
      }
    },
    close() {
      isClosed = true;
      for (const { ear } of listeners) ear.end();
      listeners.clear();
    },
  };
}
