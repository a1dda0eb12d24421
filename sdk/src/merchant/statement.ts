// What came in and went out: payments by page, as CSV, as balance over time, and news of them as they happen.
import { LatchkeyError } from '../api/errors.ts';
import type { AuditBody, PaymentsBody } from '../api/settlementSchema.ts';
import { type Connection, MERCHANT_PATH } from './connection.ts';
import { openEvents } from './eventStream.ts';
import { type BalancePoint, type Payment, paymentOf } from './merchantTypes.ts';

const SETTLEMENT_PATH = `${MERCHANT_PATH}/settlement`;

export type PaymentsPage = Omit<PaymentsBody, 'payments'> & { payments: Payment[] };

export type Page = { cursor?: string; limit?: number };

export function statementCalls(
  { api, signedIn }: Connection,
  raw: { doFetch: typeof fetch; baseUrl: string; token: () => string | null },
) {
  const query = ({ cursor, limit }: Page) => ({
    cursor,
    limit: limit === undefined ? undefined : String(limit),
  });
  return {
    /** `missing` are ledgers that the service could not read: payments in them are not listed. */
    payments: (page: Page = {}): Promise<PaymentsPage> =>
      signedIn(async () => {
        const path = `${SETTLEMENT_PATH}/payments`;
        const { payments, cursor, missing } = await api.get<PaymentsBody>(path, query(page));
        return { payments: payments.map(paymentOf), cursor, missing };
      }),

    paymentsCsv: (): Promise<Blob> =>
      signedIn(async () => {
        const token = raw.token();
        const response = await raw
          .doFetch(`${raw.baseUrl}${SETTLEMENT_PATH}/payments.csv`, {
            headers: { accept: 'text/csv', ...(token ? { authorization: `Bearer ${token}` } : {}) },
          })
          .catch((cause: unknown) => {
            throw new LatchkeyError('NETWORK_UNREACHABLE', { cause });
          });
        if (response.status === 401) throw new LatchkeyError('SESSION_EXPIRED');
        if (!response.ok) throw new LatchkeyError('NETWORK_UNREACHABLE');
        return response.blob();
      }),

    balanceHistory: (days: number): Promise<BalancePoint[]> =>
      signedIn(async () => {
        const path = `${SETTLEMENT_PATH}/balance-history`;
        const body = await api.get<{ points: { at: number; balance: string }[] }>(path, {
          days: String(days),
        });
        return body.points.map(({ at, balance }) => ({ at, balance: BigInt(balance) }));
      }),

    /** Names of what happens, until the connection ends or `signal` aborts. */
    events: (signal: AbortSignal): Promise<AsyncGenerator<string>> =>
      signedIn(() => openEvents(raw.doFetch, `${raw.baseUrl}${SETTLEMENT_PATH}/events`, raw.token(), signal)),

    audit: (page: Page = {}): Promise<AuditBody> =>
      signedIn(() => api.get<AuditBody>(`${SETTLEMENT_PATH}/audit`, query(page))),
  };
}
