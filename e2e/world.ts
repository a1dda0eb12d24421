// The world a story happens in: a network, a server on it, and people with authenticators. The network is the embedded
// one over HTTP by default, or any other by its RPC URL; the server is put together exactly as in production.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevnet, type Devnet, type DevnetOptions, serveDevnet } from '@latchkey/devnet';
import { createLatchkey, type Latchkey } from '@latchkey/sdk';
import { createRpc, type Rpc, scValToI128, simulate, tokenCalls } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@latchkey/sdk/testing';
import { pino } from 'pino';
import { type Environment, readConfig } from '../server/src/config.ts';
import { prepareDevelopment } from '../server/src/development/prepare.ts';
import { type Server, type SpawnOptions, spawn } from '../server/src/spawn.ts';

export const origin = 'http://localhost:5173';
export const rpId = 'localhost';

export type Person = { email: string; latchkey: Latchkey; authenticator: SoftwareAuthenticator };

export type World = {
  net: Devnet | null;
  rpc: Rpc;
  server: Server;
  /** the complete environment of the server, to start another like it */
  env: Environment;
  logLines: string[];
  person(email: string): Person;
  /** A classic account with 10,000 XLM. */
  account(): Promise<string>;
  balanceStroops(address: string): Promise<bigint>;
  /** The newest message to an address. */
  mailTo(email: string): { subject: string; text: string };
  recoveryCode(email: string): string;
  close(): Promise<void>;
};

export type WorldOptions = SpawnOptions & {
  rpcUrl?: string;
  env?: Environment;
  webOrigin?: string;
  /** of the embedded network */
  devnet?: DevnetOptions;
};

/** A log that keeps its lines, for looking at what is in them. */
export function keptLog(lines: string[]) {
  return pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
  const net = options.rpcUrl === undefined ? await createDevnet(options.devnet) : null;
  const served = net && (await serveDevnet(net, { port: 0 }));
  const rpcUrl = options.rpcUrl ?? served!.rpcUrl;
  const development = await prepareDevelopment({
    dir,
    webOrigin: options.webOrigin ?? origin,
    env: {
      STELLAR_RPC_URL: rpcUrl,
      PORT: '0',
      REQUESTS_PER_MINUTE: '100000',
      ...(net?.usdc ? { SETTLEMENT_USDC: `${net.usdc.code}:${net.usdc.issuer.publicKey}` } : {}),
      ...options.env,
    },
  });
  const logLines: string[] = [];
  const server = await spawn(readConfig(development.env), { log: keptLog(logLines), ...options });
  const rpc = createRpc(rpcUrl);
  const { nativeTokenId } = server.services.config;

  const world: World = {
    net,
    rpc,
    server,
    env: development.env,
    logLines,
    person(email) {
      const authenticator = createSoftwareAuthenticator({ origin: options.webOrigin ?? origin, rpId });
      const latchkey = createLatchkey({ baseUrl: server.url, passkeys: authenticator, storage: null });
      return { email, latchkey, authenticator };
    },
    async account() {
      const { Keypair } = await import('@stellar/stellar-sdk/base');
      const address = Keypair.random().publicKey();
      const { friendbotUrl } = await rpc.call('getNetwork');
      const response = await fetch(`${friendbotUrl}?addr=${address}`);
      if (!response.ok) throw new Error(`friendbot answered ${response.status}`);
      return address;
    },
    async balanceStroops(address) {
      const { returnValue } = await simulate(rpc, {
        hostFunction: tokenCalls.balance(nativeTokenId, address),
      });
      return scValToI128(returnValue) ?? 0n;
    },
    mailTo(email) {
      const message = server.services.mailer.inbox?.find((it) => it.to === email);
      if (!message) throw new Error(`no mail to ${email}`);
      return message;
    },
    recoveryCode(email) {
      const code = /\b(\d{6}|\d{8})\b/.exec(world.mailTo(email).text)?.[1];
      if (!code) throw new Error('no code in the newest mail');
      return code;
    },
    async close() {
      await server.close();
      await development.close();
      await served?.close();
      await net?.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return world;
}
