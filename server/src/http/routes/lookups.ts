// Look-ups in what the indexer has read: public, as the ledger is. The paths and the shapes of wallets and lists are those
// that the indexer clients of passkey-kit (`/api/wallet`) and smart-account-kit (`/api/contract`) ask for; the rest is ours.
import { createRoute, z } from '@hono/zod-openapi';
import { LatchkeyError, lookupSchema } from '@latchkey/sdk/api';
import { bytesToBase64Url } from '@latchkey/sdk/chain';
import { streamSSE } from 'hono/streaming';
import type { Database } from '../../db/database.ts';
import { eventsAfter, lastEvent } from '../../db/lookups.ts';
import { type Lookups, walletEventBody } from '../../indexer/lookups.ts';
import { createRouter } from '../router.ts';
import { json, problems } from './schemas.ts';

const STREAM_POLL_MS = 1_000;
const STREAM_BATCH = 100;
/** A comment this often tells proxies that the connection is alive. */
const POLLS_PER_HEARTBEAT = 15;
const MAX_STREAMS = 500;

const contract = z.object({ contract: lookupSchema.contractParam });
const lookupResponses = {
  200: json('wallets of which the key is a signer now', lookupSchema.lookupResponse),
  ...problems,
};

const wallet = createRoute({
  method: 'get',
  path: '/api/wallet/{contract}',
  request: { params: contract },
  responses: {
    200: json('signers that are, were or have expired', lookupSchema.indexedWalletSchema),
    ...problems,
  },
});
const contractOfKit = createRoute({
  method: 'get',
  path: '/api/contract/{contract}',
  request: { params: contract },
  responses: { 200: json('live signers, each as a rule', lookupSchema.contractSchema), ...problems },
});
const history = createRoute({
  method: 'get',
  path: '/api/wallet/{contract}/history',
  request: { params: contract, query: lookupSchema.historyQuery },
  responses: { 200: json('newest first', lookupSchema.historyResponse), ...problems },
});
const stream = createRoute({
  method: 'get',
  path: '/api/wallet/{contract}/events',
  request: {
    params: contract,
    headers: z.object({ 'last-event-id': lookupSchema.eventIdSchema.optional() }),
  },
  responses: {
    200: {
      description: 'server-sent events: what happens from now on, or after Last-Event-ID',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
});
const byAddress = createRoute({
  method: 'get',
  path: '/api/lookup/address/{address}',
  request: {
    params: z.object({ address: lookupSchema.stellarAddressParam }),
    query: lookupSchema.lookupQuery,
  },
  responses: lookupResponses,
});
const byPublicKey = createRoute({
  method: 'get',
  path: '/api/lookup/public-key/{hex}',
  request: { params: z.object({ hex: lookupSchema.hexParam }), query: lookupSchema.lookupQuery },
  responses: lookupResponses,
});
const byCredential = createRoute({
  method: 'get',
  path: '/api/lookup/{hex}',
  request: { params: z.object({ hex: lookupSchema.hexParam }), query: lookupSchema.lookupQuery },
  responses: lookupResponses,
});
const stats = createRoute({
  method: 'get',
  path: '/api/stats',
  responses: { 200: json('how far the network has been read', lookupSchema.indexerStatsSchema), ...problems },
});

export function lookupRoutes({ lookups, db }: { lookups: Lookups; db: Database }) {
  let streams = 0;
  return createRouter()
    .openapi(wallet, async (c) => c.json(await lookups.wallet(c.req.valid('param').contract), 200))
    .openapi(contractOfKit, async (c) => c.json(await lookups.contract(c.req.valid('param').contract), 200))
    .openapi(history, async (c) =>
      c.json(await lookups.history(c.req.valid('param').contract, c.req.valid('query')), 200),
    )
    .openapi(stream, async (c) => {
      const address = c.req.valid('param').contract;
      await lookups.wallet(address);
      if (streams >= MAX_STREAMS) throw new LatchkeyError('RATE_LIMITED');
      let position = { id: c.req.valid('header')['last-event-id'] ?? (await lastEvent(db)).id, wallet: '' };
      return streamSSE(c, async (sse) => {
        streams++;
        try {
          for (let poll = 1; !sse.aborted && !sse.closed; poll++) {
            for (const row of await eventsAfter(db, position, address, STREAM_BATCH)) {
              position = row;
              await sse.writeSSE({ id: row.id, event: row.kind, data: JSON.stringify(walletEventBody(row)) });
            }
            if (poll % POLLS_PER_HEARTBEAT === 1) await sse.write(': alive\n\n');
            await sse.sleep(STREAM_POLL_MS);
          }
        } finally {
          streams--;
        }
      });
    })
    .openapi(byAddress, async (c) => {
      const { address } = c.req.valid('param');
      const found = await lookups.byKey('address', address, c.req.valid('query').cursor);
      return c.json({ signerAddress: address, ...found }, 200);
    })
    .openapi(byPublicKey, async (c) => {
      const hex = c.req.valid('param').hex.toLowerCase();
      return c.json(await lookups.byKey('public_key', hex, c.req.valid('query').cursor), 200);
    })
    .openapi(byCredential, async (c) => {
      const hex = c.req.valid('param').hex.toLowerCase();
      const credentialId = bytesToBase64Url(Buffer.from(hex, 'hex'));
      const found = await lookups.byKey('credential_id', credentialId, c.req.valid('query').cursor);
      return c.json({ credentialId: hex, ...found }, 200);
    })
    .openapi(stats, async (c) => c.json(await lookups.stats(), 200));
}
