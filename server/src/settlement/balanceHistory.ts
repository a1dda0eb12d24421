// What a merchant had over time: what the ledger says it has now, and backwards from there what came and went. So the last
// point is always the truth, and a payment that was never read moves only the points before it.
import type { Database } from '../db/database.ts';
import {
  addressesOf,
  type PaymentPosition,
  type PaymentRow,
  paymentCursor,
  paymentPage,
} from '../db/settlementPayments.ts';
import { balancesAtLedger } from './balancesAtLedger.ts';
import type { SettlementNetworks } from './network.ts';
import type { PaymentReader } from './paymentReader.ts';
import type { MerchantOnNetwork } from './payments.ts';

const DAY_MS = 86_400_000;
const PAGE = 1_000;
/** Beyond it the history begins later than was asked for. */
const MAX_PAYMENTS_READ = 100_000;
/** More than a chart can show; of more changes the last in each stretch of time is kept. */
const MAX_POINTS = 400;
/** Another process may read at the same time, and each undoes the other's windows. */
const MAX_CATCH_UPS = 3;

export type BalancePoint = { at: number; balance: bigint };

/**
 * The balance at `fromMs`, after each payment since, and now.
 * @param payments newest first, none older than `fromMs`
 */
export function balancePoints(
  now: BalancePoint,
  payments: Pick<PaymentRow, 'direction' | 'amount' | 'at'>[],
  fromMs: number,
): BalancePoint[] {
  const points: BalancePoint[] = [now];
  let balance = now.balance;
  for (const { direction, amount, at } of payments) {
    // Of what happened at the same time only what it came to is a point.
    if (points.at(-1)!.at !== at) points.push({ at, balance });
    balance -= direction === 'in' ? BigInt(amount) : -BigInt(amount);
  }
  if (points.at(-1)!.at > fromMs) points.push({ at: fromMs, balance });
  return thinned(points.reverse());
}

function thinned(points: BalancePoint[]): BalancePoint[] {
  if (points.length <= MAX_POINTS) return points;
  const [first, last] = [points[0]!, points.at(-1)!];
  const stretchMs = (last.at - first.at) / (MAX_POINTS - 2);
  const kept = new Map<number, BalancePoint>();
  for (const point of points.slice(1, -1)) kept.set(Math.floor((point.at - first.at) / stretchMs), point);
  return [first, ...kept.values(), last];
}

export type BalanceHistory = {
  /** Oldest first. @throws LatchkeyError NETWORK_UNAVAILABLE, NETWORK_NOT_OFFERED */
  of(merchant: MerchantOnNetwork, days: number): Promise<BalancePoint[]>;
};

export function createBalanceHistory(deps: {
  db: Database;
  networks: SettlementNetworks;
  readers: Map<string, PaymentReader>;
  nowMs: () => number;
}): BalanceHistory {
  const { db, networks, readers, nowMs } = deps;

  /** Payments of ledgers up to `lastLedger`, newest first, none older than `fromMs`. */
  async function payments(
    { accountId, network }: MerchantOnNetwork,
    fromMs: number,
    lastLedger: number,
  ): Promise<PaymentRow[]> {
    const found: PaymentRow[] = [];
    let before: PaymentPosition | null = null;
    while (found.length < MAX_PAYMENTS_READ) {
      const rows: PaymentRow[] = await paymentPage(db, accountId, network, before, PAGE);
      found.push(...rows.filter(({ at, ledger }) => at >= fromMs && ledger <= lastLedger));
      before = rows.at(-1) ?? null;
      if (rows.length < PAGE || before === null || rows.at(-1)!.at < fromMs) break;
    }
    return found;
  }

  return {
    async of(merchant, days) {
      const network = networks.of(merchant.network);
      const { name } = network;
      const addresses = await addressesOf(db, merchant.accountId, name);
      const { amounts, ledger } = await balancesAtLedger(network, [...addresses]);
      // What the balance knows of has to be read first, or it would be taken for older.
      for (let tries = 0; tries < MAX_CATCH_UPS; tries++) {
        if (((await paymentCursor(db, name)) ?? 0) > ledger) break;
        await readers.get(name)?.catchUp();
      }
      const at = nowMs();
      const fromMs = at - days * DAY_MS;
      const rows = await payments(merchant, fromMs, ledger);
      const balance = amounts.reduce((sum, amount) => sum + amount, 0n);
      return balancePoints({ at: Math.max(at, (rows[0]?.at ?? 0) + 1), balance }, rows, fromMs);
    },
  };
}
