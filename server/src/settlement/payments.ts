// What a merchant received and sent, as pages and as CSV. What kind a payment is follows from what is known when it is
// looked at: between the merchant's own addresses it is a migration, in a transaction of a withdrawal of ours it is that
// withdrawal. Only the merchant's present network is shown.
import { LatchkeyError, type PaymentBody, type settlementSchema } from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import {
  addressesOf,
  type PaymentPosition,
  type PaymentRow,
  paymentGaps,
  paymentPage,
  withdrawalHashes,
} from '../db/settlementPayments.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import { csvLine, UTF8_BOM } from './csv.ts';
import type { SettlementNetworks } from './network.ts';

const DEFAULT_LIMIT = 50;
const CSV_PAGE = 500;
export const MAX_CSV_ROWS = 200_000;
const CURSOR = /^(\d{19}-\d{10})-(in|out)$/;
const CSV_HEAD = [
  'at',
  'direction',
  'kind',
  'amount',
  'asset',
  'counterparty',
  'memo',
  'ledger',
  'transactionHash',
  'id',
];

/** Whose payments. */
export type MerchantOnNetwork = { accountId: string; network: NetworkName };

export type Payments = {
  /** Newest first. @throws LatchkeyError INVALID_REQUEST for a cursor that is none */
  page(
    merchant: MerchantOnNetwork,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<settlementSchema.PaymentsBody>;
  /** All of them, newest first, in pieces of a file; beyond a great many its last line says how to go on. */
  csv(merchant: MerchantOnNetwork, cursor?: string): AsyncGenerator<string, void>;
};

export const paymentId = ({ event_id, direction }: PaymentPosition) => `${event_id}-${direction}`;

function readCursor(text: string | undefined): PaymentPosition | null {
  if (text === undefined) return null;
  const match = CURSOR.exec(text);
  if (!match) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'cursor: is not one that a page ended with.',
      details: { field: 'cursor' },
    });
  }
  return { event_id: match[1]!, direction: match[2] as PaymentRow['direction'] };
}

/** How rows look to their merchant. */
export async function paymentBodies(
  db: Database,
  accountId: string,
  rows: PaymentRow[],
): Promise<PaymentBody[]> {
  if (rows.length === 0) return [];
  const own = await addressesOf(db, accountId);
  const outgoing = rows.filter(({ direction }) => direction === 'out').map(({ hash }) => hash);
  const withdrawals = await withdrawalHashes(db, accountId, [...new Set(outgoing)]);
  const kindOf = (row: PaymentRow): PaymentBody['kind'] => {
    if (own.has(row.counterparty)) return 'migration';
    return row.direction === 'out' && withdrawals.has(row.hash) ? 'withdrawal' : 'payment';
  };
  return rows.map((row) => ({
    id: paymentId(row),
    direction: row.direction,
    kind: kindOf(row),
    amount: row.amount,
    counterparty: row.counterparty,
    memo: row.memo,
    ledger: row.ledger,
    at: row.at,
    transactionHash: row.hash,
  }));
}

export function createPayments(deps: { db: Database; networks: SettlementNetworks }): Payments {
  const { db, networks } = deps;
  return {
    async page({ accountId, network }, { cursor, limit = DEFAULT_LIMIT }) {
      const rows = await paymentPage(db, accountId, network, readCursor(cursor), limit + 1);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const gaps = await paymentGaps(db, network);
      return {
        payments: await paymentBodies(db, accountId, shown),
        cursor: rows.length > limit && last ? paymentId(last) : null,
        missing: gaps.map((gap) => ({ fromLedger: gap.from_ledger, toLedger: gap.to_ledger })),
      };
    },
    async *csv({ accountId, network }, cursor) {
      const { code, issuer } = networks.of(network).usdc;
      yield UTF8_BOM + csvLine(CSV_HEAD);
      let before = readCursor(cursor);
      for (let written = 0; written < MAX_CSV_ROWS; written += CSV_PAGE) {
        const rows: PaymentRow[] = await paymentPage(db, accountId, network, before, CSV_PAGE);
        if (rows.length === 0) return;
        const bodies = await paymentBodies(db, accountId, rows);
        yield bodies.map((body) => csvRow(body, `${code}:${issuer}`)).join('');
        before = rows.at(-1)!;
      }
      yield csvLine([`The file goes on at payments.csv?cursor=${paymentId(before!)}`]);
    },
  };
}

function csvRow(body: PaymentBody, asset: string): string {
  return csvLine([
    new Date(body.at).toISOString(),
    body.direction,
    body.kind,
    // With all its places, so that columns line up and sums are exact.
    decimalAmount(body.amount),
    asset,
    body.counterparty,
    body.memo ?? '',
    String(body.ledger),
    body.transactionHash,
    body.id,
  ]);
}

const USDC_DECIMALS = 7;

function decimalAmount(amount: string): string {
  const digits = amount.padStart(USDC_DECIMALS + 1, '0');
  return `${digits.slice(0, -USDC_DECIMALS)}.${digits.slice(-USDC_DECIMALS)}`;
}
