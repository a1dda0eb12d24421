// What settlement's figures are measured on: a network in a process of its own, with its test USDC, and a server in this one,
// put together as in production on a libSQL file, which merchants call over HTTP with authenticators in software.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MerchantBody, MerchantSessionBody } from '@latchkey/sdk/api';
import { createRpc, type Rpc } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@latchkey/sdk/testing';
import { Secret, TOTP } from 'otpauth';
import { pino } from 'pino';
import { testUsdc } from '../../devnet/src/setup/testUsdc.ts';
import { sha256 } from '../../devnet/src/sha256.ts';
import { readConfig } from '../../server/src/config.ts';
import { prepareDevelopment } from '../../server/src/development/prepare.ts';
import { type Server, spawn } from '../../server/src/spawn.ts';
import { startDevnet } from '../processes.ts';

const CHANNELS = 20;
const DASHBOARD_ORIGIN = 'http://localhost:5174';
const TOTP_PERIOD_MS = 30_000;
const POLL_MS = 5;
const TIMEOUT_MS = 60_000;

export type BenchMerchant = {
  id: string;
  authenticator: SoftwareAuthenticator;
  /** GET, or POST where there is a body. @throws Error for any answer but a success */
  call<T>(path: string, json?: unknown): Promise<T>;
  /** Sets an authenticator app up; its next code. */
  appCode(): Promise<string>;
};

export type SettlementService = {
  rpc: Rpc;
  server: Server;
  signUp(email: string): Promise<BenchMerchant>;
  /** Gives an address 10,000 USDC. */
  giveUsdc(address: string): Promise<void>;
  closeLedgers(everySeconds: number | 'at once'): Promise<void>;
  stop(): Promise<void>;
};

/** Looks until it is there. @throws Error when that takes too long */
export async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error('it took too long');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export async function startSettlement(): Promise<SettlementService> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const network = await startDevnet();
  let server: Server | null = null;
  const stop = async () => {
    await server?.close();
    await network.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const rpc = createRpc(network.rpcUrl);
    const { passphrase, friendbotUrl } = await rpc.call('getNetwork');
    const usdc = testUsdc(sha256(new TextEncoder().encode(passphrase)));
    const { env } = await prepareDevelopment({
      dir,
      webOrigin: 'http://localhost:5173',
      dashboardOrigin: DASHBOARD_ORIGIN,
      env: {
        STELLAR_RPC_URL: network.rpcUrl,
        PORT: '0',
        REQUESTS_PER_MINUTE: '1000000',
        RELAYER_CHANNELS: String(CHANNELS),
        SETTLEMENT_SIGN_UPS_PER_DAY: '1000000',
        SETTLEMENT_USDC: `USDC:${usdc.issuer.publicKey}`,
      },
    });
    server = await spawn(readConfig(env), { log: pino({ level: 'silent' }) });
    const { url, services } = server;

    async function post<T>(path: string, json?: unknown, token?: string): Promise<T> {
      const reply = await fetch(url + path, {
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
      });
      const body = (await reply.json()) as T;
      if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
      return body;
    }

    return {
      rpc,
      server,
      stop,
      async signUp(email) {
        await post('/v1/merchants/email-codes', { email });
        const mail = services.mailer.inbox!.find((it) => it.to === email)!;
        const code = /\b(\d{8})\b/.exec(mail.text)![1]!;
        const signedUp = await post<MerchantSessionBody>('/v1/merchants', {
          email,
          code,
          name: 'Shop',
        });
        let { token } = signedUp;
        return {
          id: signedUp.merchant.id,
          authenticator: createSoftwareAuthenticator({ origin: DASHBOARD_ORIGIN, rpId: 'localhost' }),
          call: (path, json) => post(path, json, token),
          async appCode() {
            const { secret } = await post<{ secret: string }>('/v1/merchants/me/totp', {}, token);
            const app = new TOTP({ secret: Secret.fromBase32(secret) });
            const confirm = { totp: app.generate() };
            ({ token } = await post<MerchantSessionBody>('/v1/merchants/me/totp/confirm', confirm, token));
            return app.generate({ timestamp: Date.now() + TOTP_PERIOD_MS });
          },
        };
      },
      async giveUsdc(address) {
        const reply = await fetch(`${friendbotUrl}?asset=USDC&addr=${address}`);
        if (!reply.ok) throw new Error(`friendbot answered ${reply.status}`);
      },
      async closeLedgers(every) {
        const params =
          every === 'at once' ? { mode: 'instant' } : { mode: 'interval', intervalSeconds: every };
        await rpc.call('devnet_setMineMode' as never, params as never);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Once its account is on the network. */
export function provisioned(merchant: BenchMerchant): Promise<MerchantBody> {
  return until(async () => {
    const me = await merchant.call<MerchantBody>('/v1/merchants/me');
    return me.settlementAddress === null ? null : me;
  });
}
