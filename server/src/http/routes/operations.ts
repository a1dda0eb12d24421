// For whoever runs the service: /health says that the process answers, /ready whether it can do its work now, with
// what is missing, and /metrics has the relayer's figures for Prometheus. Nothing here is secret, but /metrics says
// how busy the service is: keep it from the public at the proxy if that matters.
import { allChannels } from '../../db/channels.ts';
import type { Services } from '../../spawn.ts';
import { createRouter } from '../router.ts';

export function operationRoutes({ db, rpc, metrics, sponsorWatch }: Services) {
  const router = createRouter();
  router.get('/health', (c) => c.json({ status: 'ok' }));

  router.get('/ready', async (c) => {
    const missing: string[] = [];
    const channels = await allChannels(db).catch(() => null);
    if (channels === null) missing.push('database');
    else if (!channels.some((it) => it.state === 'active')) missing.push('channel accounts');
    const health = await rpc.call('getHealth').catch(() => null);
    if (health?.status !== 'healthy') missing.push('network');
    if (sponsorWatch.isLow()) missing.push('sponsor balance');
    return c.json(
      { status: missing.length === 0 ? 'ready' : 'not ready', missing },
      missing.length === 0 ? 200 : 503,
    );
  });

  router.get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  return router;
}
