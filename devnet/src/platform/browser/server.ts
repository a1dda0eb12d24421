// HTTP, which no browser can serve: asking for it is an error that says so.
import type { DevnetServer } from '../../http/server.ts';

export async function serve(): Promise<DevnetServer> {
  throw new TypeError('a browser cannot listen on a port: call the network by its value');
}
