// For whoever runs the service: /health says that the process answers, /ready whether it can do its work now, with
// what is missing, and /metrics has the relayer's figures for Prometheus. Nothing here is secret, but /metrics says
// how busy the service is: where a token is configured, it is for whoever shows that.
import { allChannels } from '../../db/channels.ts';
import { indexerCursor } from '../../db/indexerCursor.ts';
import type { RelayerServices } from '../../spawn.ts';
import type { IndexerServices } from '../../spawnIndexer.ts';
import { requireBearer } from '../bearer.ts';
import { type App, createRouter } from '../router.ts';

/** @param missing what the process lacks for its own work, besides a network */
function healthRoutes(rpc: RelayerServices['rpc'], missing: () => Promise<string[]>): App {
  const router = createRouter();
  router.get('/health', (c) => c.json({ status: 'ok' }));
  router.get('/ready', async (c) => {
    const lacks = await missing().catch(() => ['database']);
    const health = await rpc.call('getHealth').catch(() => null);
    if (health?.status !== 'healthy') lacks.push('network');
    const isReady = lacks.length === 0;
    return c.json({ status: isReady ? 'ready' : 'not ready', missing: lacks }, isReady ? 200 : 503);
  });
  return router;
}

export function operationRoutes({ config, db, rpc, metrics, sponsorWatch }: RelayerServices): App {
  const router = healthRoutes(rpc, async () => [
    ...((await allChannels(db)).some((it) => it.state === 'active') ? [] : ['channel accounts']),
    ...(sponsorWatch.isLow() ? ['sponsor balance'] : []),
  ]);
  if (config.metricsToken !== null) router.use('/metrics', requireBearer(config.metricsToken));
  router.get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  return router;
}

/** Of a server that only indexes: look-ups that are not as of now are said to be missing. */
export function indexerOperationRoutes({ db, rpc }: IndexerServices): App {
  return healthRoutes(rpc, async () => {
    const status = (await indexerCursor(db))?.status ?? 'starting';
    return status === 'following' ? [] : [`index (${status})`];
  });
}
