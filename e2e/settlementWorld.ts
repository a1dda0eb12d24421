// A world with merchants: the embedded network has a test USDC and somebody who pays with it, the server has settlement
// wallets switched on, and its clock can be moved on, so that authenticator apps show their next codes without waiting.
import { randomBytes } from 'node:crypto';
import type { settlementSchema } from '@latchkey/sdk/api';
import { tokenCalls } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@latchkey/sdk/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { Secret, TOTP } from 'otpauth';
import { usdcBalance } from '../server/src/settlement/balance.ts';
import { type Usdc, usdcOf } from '../server/src/settlement/network.ts';
import type { Settlement } from '../server/src/settlement/settlement.ts';
import { type Answer, call } from './api.ts';
import { submit } from './submit.ts';
import { createWorld, keptLog, type World, type WorldOptions } from './world.ts';

export const dashboardOrigin = 'http://localhost:5174';
const TOTP_PERIOD_MS = 30_000;
const POLL_MS = 25;
const PROVISIONING_TIMEOUT_MS = 15_000;

export type MerchantPerson = {
  email: string;
  id: string;
  token: string;
  authenticator: SoftwareAuthenticator;
  /** Calls the server as this merchant: GET, or POST where there is a body. */
  call<T = Record<string, unknown>>(
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  me(): Promise<settlementSchema.MerchantBody>;
  /** Sets an authenticator app up. */
  setUpTotp(): Promise<void>;
  /** The app's next code, good once; moves the server's clock on where it is used up for now. */
  totp(): string;
};

export type SettlementWorld = World & {
  settlement: Settlement;
  usdc: Usdc;
  /** What the server's clock says. */
  nowMs(): number;
  /** Moves the server's clock on. */
  passMs(ms: number): void;
  emailCode(email: string): Promise<string>;
  /** A merchant who has signed up, with an authenticator app; `isProvisioned` waits for the account on the network. */
  merchant(email: string, options?: { totp?: boolean; isProvisioned?: boolean }): Promise<MerchantPerson>;
  /** Somebody pays to any address. */
  pay(to: string, amount: bigint): Promise<void>;
  usdcBalance(address: string): Promise<bigint>;
};

export async function createSettlementWorld(options: WorldOptions = {}): Promise<SettlementWorld> {
  let passedMs = 0;
  const nowMs = options.nowMs ?? (() => Date.now() + passedMs);
  const logLines: string[] = [];
  const world = await createWorld({
    log: keptLog(logLines),
    ...options,
    nowMs,
    devnet: { usdc: true, accounts: 1, ...options.devnet },
  });
  const { net, rpc, server } = world;
  if (!net) throw new Error('merchants need the embedded network');
  const { settlement, config } = server.services;
  if (!settlement || !config.settlement) throw new Error('settlement is off');
  const usdc = usdcOf(config.settlement.usdc, config.networkPassphrase);
  const payer = Keypair.fromSecret(net.accounts[0]!.secretKey);
  let paying: Promise<unknown> = Promise.resolve();

  async function emailCode(email: string): Promise<string> {
    const answer = await call(world, '/v1/merchants/email-codes', { json: { email } });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    const mail = world.server.services.mailer.inbox!.filter((it) => it.to === email);
    return mail.map(({ text }) => /\b(\d{8})\b/.exec(text)?.[1]).find((it) => it !== undefined)!;
  }

  function personOf(email: string, id: string, token: string): MerchantPerson {
    let app: TOTP | null = null;
    let lastStep = 0;
    const person: MerchantPerson = {
      email,
      id,
      token,
      authenticator: createSoftwareAuthenticator({ origin: dashboardOrigin, rpId: 'localhost' }),
      call: (path, json, headers = {}) =>
        call(world, path, {
          ...(json === undefined ? {} : { json }),
          headers: { authorization: `Bearer ${person.token}`, ...headers },
        }),
      async me() {
        const answer = await person.call<settlementSchema.MerchantBody>('/v1/merchants/me');
        if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
        return answer.body;
      },
      async setUpTotp() {
        const answer = await person.call<{ secret: string }>('/v1/merchants/me/totp', {});
        app = new TOTP({ secret: Secret.fromBase32(answer.body.secret) });
        const confirmed = await person.call<{ token: string }>('/v1/merchants/me/totp/confirm', {
          totp: person.totp(),
        });
        if (confirmed.status !== 200) throw new Error(JSON.stringify(confirmed.body));
        // The sessions before have ended.
        person.token = confirmed.body.token;
      },
      totp() {
        if (!app) throw new Error('no authenticator app was set up');
        const step = Math.max(lastStep + 1, Math.floor(nowMs() / TOTP_PERIOD_MS));
        while (step > Math.floor(nowMs() / TOTP_PERIOD_MS) + 1) passedMs += TOTP_PERIOD_MS;
        lastStep = step;
        return app.generate({ timestamp: step * TOTP_PERIOD_MS });
      },
    };
    return person;
  }

  return {
    ...world,
    logLines,
    settlement,
    usdc,
    nowMs,
    passMs(ms) {
      passedMs += ms;
    },
    emailCode,
    async merchant(email, { totp = true, isProvisioned = true } = {}) {
      const code = await emailCode(email);
      const name = `Shop ${randomBytes(2).toString('hex')}`;
      const answer = await call<settlementSchema.MerchantSessionBody>(world, '/v1/merchants', {
        json: { email, code, name },
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      const person = personOf(email, answer.body.merchant.id, answer.body.token);
      if (totp) await person.setUpTotp();
      const until = performance.now() + PROVISIONING_TIMEOUT_MS;
      while (isProvisioned && (await person.me()).settlementAddress === null) {
        if (performance.now() > until) throw new Error('the account was not provisioned');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return person;
    },
    pay(to, amount) {
      // One account pays: its sequence numbers are used one after another.
      const call = tokenCalls.transfer(usdc.contractId, payer.publicKey(), to, amount);
      const paid = paying.then(() => submit(world, call, undefined, payer));
      paying = paid.catch(() => {});
      return paid.then(() => {});
    },
    usdcBalance: (address) => usdcBalance({ rpc, usdc }, address),
  };
}
