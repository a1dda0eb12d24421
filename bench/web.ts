// The size of the first load of the web wallet and of the merchants' dashboard, gzipped. 1 KB is 1000 bytes.
import { buildDashboard, buildWeb } from '../server/src/development/buildWeb.ts';
import type { Figure, Progress } from './figure.ts';
import { firstLoad } from './firstLoad.ts';

const MAX_GZIP_KB = 250;
const BYTES_PER_KB = 1000;

export async function web(progress: Progress): Promise<Figure[]> {
  progress('web: the size of the first load');
  const { gzipBytes, fontBytes } = await firstLoad(await buildWeb((step) => progress(`web: ${step}`)));
  const dashboard = await firstLoad(await buildDashboard((step) => progress(`web: ${step}`)));
  return [
    { key: 'web.gzipKb', value: gzipBytes / BYTES_PER_KB, target: MAX_GZIP_KB },
    { key: 'web.fontKb', value: fontBytes / BYTES_PER_KB },
    { key: 'web.dashboardGzipKb', value: dashboard.gzipBytes / BYTES_PER_KB, target: MAX_GZIP_KB },
  ];
}
