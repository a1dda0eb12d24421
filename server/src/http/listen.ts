// One listening socket. Closing it answers what is in progress and then, after a while, hangs up on who is left.
import { serve } from '@hono/node-server';

const SHUTDOWN_TIMEOUT_MS = 10_000;

export type Listener = { url: string; close(): Promise<void> };

/** @param port 0 for any that is free */
export function listen(
  fetch: Parameters<typeof serve>[0]['fetch'],
  port: number,
  hostname: string,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname }, ({ port: bound }) => {
      server.off('error', reject);
      resolve({
        url: `http://localhost:${bound}`,
        close: () =>
          new Promise((done) => {
            const timer = setTimeout(
              () => 'closeAllConnections' in server && server.closeAllConnections(),
              SHUTDOWN_TIMEOUT_MS,
            );
            server.close(() => {
              clearTimeout(timer);
              done();
            });
            if ('closeIdleConnections' in server) server.closeIdleConnections();
          }),
      });
    });
    server.on('error', reject);
  });
}
