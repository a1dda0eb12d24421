// The same stories against a network in a process of its own, reached over HTTP only.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { stories } from './stories.suite.ts';

const START_TIMEOUT_MS = 20_000;
let devnet: ChildProcess | undefined;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function startDevnet(): Promise<string> {
  const port = await freePort();
  const main = fileURLToPath(new URL('../devnet/src/main.ts', import.meta.url));
  devnet = spawn(process.execPath, [main, '--port', String(port), '--quiet'], { stdio: 'inherit' });
  const rpcUrl = `http://localhost:${port}/rpc`;
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getHealth' });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }).catch(() => null);
    if (answer?.ok) return rpcUrl;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the network did not start');
}

afterAll(() => void devnet?.kill());

stories('on a network in another process', async () => ({ rpcUrl: await startDevnet() }));
