// A proxy in front of a node that behaves as networks do on bad days: it drops requests before or after they took
// effect, answers late, delivers twice, and says TRY_AGAIN_LATER to transactions that it never passed on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Mischief = {
  dropRequest: number;
  dropAnswer: number;
  duplicate: number;
  delay: number;
  maxDelayMs: number;
  tryAgainLater: number;
};

export type FlakyRpc = { url: string; counts: Record<string, number>; close(): Promise<void> };

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** @param mischief how often each happens, from 0 to 1 */
export async function startFlakyRpc(rpcUrl: string, mischief: Mischief): Promise<FlakyRpc> {
  const counts: Record<string, number> = {};
  const happens = (what: Exclude<keyof Mischief, 'maxDelayMs'>) => {
    const does = Math.random() < mischief[what];
    if (does) counts[what] = (counts[what] ?? 0) + 1;
    return does;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    if (happens('dropRequest')) return void response.destroy();
    if (happens('delay')) await new Promise((done) => setTimeout(done, Math.random() * mischief.maxDelayMs));
    const { id, method } = JSON.parse(body) as { id: number; method: string };
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    if (method === 'sendTransaction' && happens('tryAgainLater')) {
      const result = { status: 'TRY_AGAIN_LATER', hash: '', latestLedger: 1, latestLedgerCloseTime: '0' };
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    }
    if (happens('duplicate')) await fetch(rpcUrl, init);
    const text = await (await fetch(rpcUrl, init)).text();
    if (happens('dropAnswer')) return void response.destroy();
    response.setHeader('content-type', 'application/json');
    response.end(text);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
