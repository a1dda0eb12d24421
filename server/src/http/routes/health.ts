// GET /api/health: whether this process can do its work, with the ledger it sees.
import { createRoute, z } from '@hono/zod-openapi';
import type { Services } from '../../spawn.ts';
import { createRouter } from '../router.ts';

const health = z.object({
  status: z.enum(['ok', 'network-unavailable']),
  latestLedger: z.number().int().nullable(),
  sponsorBalanceStroops: z.string().nullable(),
});

const route = createRoute({
  method: 'get',
  path: '/api/health',
  responses: {
    200: { description: 'ready', content: { 'application/json': { schema: health } } },
    503: { description: 'the network node is away', content: { 'application/json': { schema: health } } },
  },
});

export function healthRoutes({ sponsor, log }: Services) {
  return createRouter().openapi(route, async (c) => {
    try {
      const account = await sponsor.account();
      const sponsorBalanceStroops = String(account.balanceStroops);
      return c.json({ status: 'ok' as const, latestLedger: account.asOfLedger, sponsorBalanceStroops }, 200);
    } catch (error) {
      log.warn({ err: error }, 'health: the network is unavailable');
      return c.json(
        { status: 'network-unavailable' as const, latestLedger: null, sponsorBalanceStroops: null },
        503,
      );
    }
  });
}
