// The processes that measurements start: the whole of Latchkey as `npm start` runs it, or a network alone. Each gets
// free ports, a temporary folder and an environment without the caller's settings, and is gone after `stop`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ANSWER_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 10;

export const root = fileURLToPath(new URL('../', import.meta.url));

/** Only what a process needs to run at all: a STELLAR_RPC_URL of the caller's would measure another network. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  const ports = await Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Asks until the answer is 2xx. @throws Error when the process ends or the time is over first */
async function untilOk(child: ChildProcess, url: string, init?: RequestInit): Promise<void> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`the process ended with ${ended} before ${url} answered`);
    const response = await fetch(url, init).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} did not answer within ${ANSWER_TIMEOUT_MS} ms`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exit;
  clearTimeout(timer);
}

export type DevelopmentStart = {
  pid: number;
  apiUrl: string;
  webUrl: string;
  rpcUrl: string;
  /** from the start of the process to the first page and a healthy API */
  readyMs: number;
  stop(): Promise<void>;
};

/**
 * Runs what `npm start` runs on a fresh state folder until the page and /api/health answer.
 * @param folder the tree to run it from
 */
export async function startDevelopment(folder = root): Promise<DevelopmentStart> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const ports = (await freePorts(4)).map(String) as [string, string, string, string];
  const [apiPort, webPort, devnetPort, dashboardPort] = ports;
  const args = [
    '--max-semi-space-size=2',
    'server/src/main.ts',
    '--dev',
    '--dir',
    dir,
    '--web-port',
    webPort,
    '--devnet-port',
    devnetPort,
    '--dashboard-port',
    dashboardPort,
  ];
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...bareEnvironment(), PORT: apiPort },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const apiUrl = `http://localhost:${apiPort}`;
  const webUrl = `http://localhost:${webPort}`;
  const stop = async () => {
    await stopped(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await Promise.all([untilOk(child, webUrl), untilOk(child, `${apiUrl}/api/health`)]);
  } catch (error) {
    await stop();
    throw error;
  }
  const readyMs = performance.now() - startedAt;
  return { pid: child.pid!, apiUrl, webUrl, rpcUrl: `http://localhost:${devnetPort}/rpc`, readyMs, stop };
}

/**
 * Runs a network in a process of its own.
 * @param command file of the command line: the sources, or what was built of them
 */
export async function startDevnet(
  command = 'devnet/src/main.ts',
): Promise<{ rpcUrl: string; stop(): Promise<void> }> {
  const [port] = (await freePorts(1)) as [number];
  const child = spawn(process.execPath, [command, '--port', String(port), '--quiet'], {
    cwd: root,
    env: bareEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const rpcUrl = `http://localhost:${port}/rpc`;
  try {
    await untilOk(child, rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getHealth' }),
    });
  } catch (error) {
    await stopped(child);
    throw error;
  }
  return { rpcUrl, stop: () => stopped(child) };
}
