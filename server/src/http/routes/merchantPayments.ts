// What came to and left a merchant's settlement address: lists, a file for spreadsheets, the balance over time, the audit,
// and a stream of events. An API key that may read takes all of it but the stream and the audit, which are the dashboard's.
import { createRoute, z } from '@hono/zod-openapi';
import { settlementSchema as schema } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Settlement } from '../../settlement/settlement.ts';
import { eventStream } from '../eventStream.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { textStream } from '../textStream.ts';
import { json, problems } from './schemas.ts';

const payments = createRoute({
  method: 'get',
  path: '/v1/merchants/me/settlement/payments',
  request: { query: schema.paymentsQuery },
  responses: { 200: json('newest first', schema.paymentsResponse), ...problems },
});
const paymentsCsv = createRoute({
  method: 'get',
  path: '/v1/merchants/me/settlement/payments.csv',
  request: { query: schema.paymentsQuery.pick({ cursor: true }) },
  responses: {
    200: {
      description: 'newest first; where there are too many for one file, its last line says how to go on',
      content: { 'text/csv': { schema: z.string() } },
    },
    ...problems,
  },
});
const balanceHistory = createRoute({
  method: 'get',
  path: '/v1/merchants/me/settlement/balance-history',
  request: { query: schema.balanceHistoryQuery },
  responses: { 200: json('oldest first', schema.balanceHistoryResponse), ...problems },
});
const audit = createRoute({
  method: 'get',
  path: '/v1/merchants/me/settlement/audit',
  request: { query: schema.paymentsQuery },
  responses: { 200: json('newest first', schema.auditResponse), ...problems },
});
const events = createRoute({
  method: 'get',
  path: '/v1/merchants/me/settlement/events',
  responses: {
    200: {
      description: 'payment, withdrawal, migration, balance',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
});

export function merchantPaymentRoutes(settlement: Settlement, log: Logger) {
  const { access, payments: list, balanceHistory: history, audit: auditList, events: live } = settlement;

  async function reader(c: Context<AppEnv>) {
    const { merchant } = await access.require(c.req.header('authorization'), 'read');
    return { accountId: merchant.account_id, network: merchant.network };
  }

  return createRouter()
    .openapi(payments, async (c) => c.json(await list.page(await reader(c), c.req.valid('query')), 200))
    .openapi(paymentsCsv, async (c) => {
      const headers = {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="payments.csv"',
      };
      const lines = list.csv(await reader(c), c.req.valid('query').cursor);
      const isBrokenOff = (error: unknown) => log.warn({ err: error }, 'a file of payments was broken off');
      return (await textStream(lines, headers, isBrokenOff)) as never;
    })
    .openapi(balanceHistory, async (c) => {
      const points = await history.of(await reader(c), c.req.valid('query').days);
      return c.json({ points: points.map(({ at, balance }) => ({ at, balance: String(balance) })) }, 200);
    })
    .openapi(audit, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return c.json(await auditList.page(merchant.account_id, c.req.valid('query')), 200);
    })
    .openapi(events, async (c) => {
      const merchant = await access.requireSession(c.req.header('authorization'));
      return (await eventStream(({ send, end }) => {
        const { account_id: accountId, network, session_epoch: sessionEpoch } = merchant;
        return live.listen(
          { accountId, network, sessionEpoch },
          { tell: ({ name, data }) => send(name, data), end },
        );
      })) as never;
    });
}
