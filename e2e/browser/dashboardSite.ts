// What the dashboard's stories share: a world with merchants, the built dashboard on an origin of its own, and the steps
// that most stories begin with, clicked as a person does.
import { createServer } from 'node:net';
import {
  Account,
  Asset,
  AuthRevocableFlag,
  Keypair,
  Operation,
  TransactionBuilder,
} from '@stellar/stellar-sdk/base';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { buildDashboard } from '../../server/src/development/buildWeb.ts';
import { readAccount } from '../../server/src/relayer/sponsor.ts';
import type { Device } from '../chromium.ts';
import { createSettlementWorld, type SettlementWorld } from '../settlementWorld.ts';
import type { WorldOptions } from '../world.ts';

const TOTP_PERIOD_MS = 30_000;
const SCREEN_TIMEOUT_MS = 15_000;
const POLL_MS = 50;
/** Well below the time after which the page asks by itself. */
export const NEWS_TIMEOUT_MS = 5_000;

/** A merchant at a browser, with the authenticator app beside it. */
export type Shop = Device & {
  email: string;
  /** What the app shows next; good once. */
  digits(): string;
};

export type DashboardSite = {
  world: SettlementWorld;
  url: string;
  /** Signs up in this browser, with an authenticator app; `look` is told the name of each screen on the way. */
  signUp(at: Device, email: string, look?: (screen: string) => Promise<void>): Promise<Shop>;
  /** Somebody pays to the shop, whose browser is at its home screen and shows it. */
  pay(shop: Shop, amount?: bigint): Promise<Shop>;
  /** From a managed wallet to the gate, where nothing has moved yet. */
  openGate(shop: Shop): Promise<void>;
  /** From a managed wallet to one of the merchant's own. */
  upgrade(shop: Shop): Promise<void>;
  /** The issuer freezes what an account holds, or lets go of it. */
  freeze(address: string, isFrozen: boolean): Promise<void>;
  close(): Promise<void>;
};

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click();
export const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
export const fill = (page: Page, name: string | RegExp, text: string) =>
  page.getByRole('textbox', { name }).fill(text);
/** Waits for the screen with this title; where it does not come, the error has the words of the one that is there. */
export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page
    .getByRole('heading', { level: 1, name })
    .waitFor({ timeout: SCREEN_TIMEOUT_MS })
    .catch(async (cause: unknown) => {
      const words = await page.locator('main').innerText();
      throw new Error(`no screen ${name}, but: ${words}`, { cause });
    });
}
export const balanceOn = (page: Page) => page.getByTestId('balance').textContent();

export const addressOn = async (page: Page) =>
  (await page.getByTestId('settlement-address').getAttribute('data-address'))!;

export async function review(page: Page, amount: string, destination: string): Promise<void> {
  await page.goto('/withdraw');
  await fill(page, 'Amount', amount);
  await fill(page, 'Destination', destination);
  await press(page, 'Review');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export async function openDashboard(options: WorldOptions = {}): Promise<DashboardSite> {
  const port = await freePort();
  const dir = await buildDashboard(() => {});
  const world = await createSettlementWorld({
    ...options,
    env: { DASHBOARD_ORIGIN: `http://localhost:${port}`, ...options.env },
  });
  const url = await world.server.serveWeb(port, dir);

  return {
    world,
    url,
    async signUp(at, email, look = async () => {}) {
      const { page } = at;
      await page.goto('/sign-up');
      await fill(page, 'E-mail', email);
      await press(page, 'Send code');
      await heading(page, 'Enter the code');
      await look('code');

      await fill(page, '8-digit code', world.recoveryCode(email));
      await fill(page, 'Name of your business', `Shop of ${email.split('@')[0]}`);
      await press(page, 'Open account');
      await heading(page, 'Set up an authenticator app');
      await press(page, 'Show the QR code');
      await page.getByTestId('totp-secret').waitFor();
      await look('authenticator');
      const secret = await page.getByTestId('totp-secret').getAttribute('data-secret');
      const app = new TOTP({ secret: Secret.fromBase32(secret!) });
      let lastStep = 0;
      const digits = () => {
        const nowMs = world.nowMs();
        const step = Math.max(lastStep + 1, Math.floor(nowMs / TOTP_PERIOD_MS));
        const ahead = step * TOTP_PERIOD_MS - nowMs;
        if (ahead > 0) world.passMs(ahead);
        lastStep = step;
        return app.generate({ timestamp: step * TOTP_PERIOD_MS });
      };
      await fill(page, 'Digits of your authenticator app', digits());
      await press(page, 'Confirm');
      await heading(page, 'Your authenticator app is set up');
      await follow(page, 'Go to your dashboard');
      await page.getByTestId('settlement-address').waitFor();
      return { ...at, email, digits };
    },
    async pay(shop, amount = 1_250_000_000n) {
      await world.pay(await addressOn(shop.page), amount);
      const until = performance.now() + NEWS_TIMEOUT_MS;
      while (/^0\s/.test((await balanceOn(shop.page)) ?? '')) {
        if (performance.now() > until) throw new Error('the screen does not show the payment');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return shop;
    },
    openGate,
    async upgrade(shop) {
      await openGate(shop);
      await press(shop.page, 'Approve with passkey');
      await heading(shop.page, 'The wallet is yours');
    },
    async freeze(address, isFrozen) {
      const { rpc, usdc } = world;
      const issuer = Keypair.fromSecret(world.net!.usdc!.issuer.secretKey);
      const { sequenceNumber } = await readAccount(rpc, issuer.publicKey());
      const transaction = new TransactionBuilder(new Account(issuer.publicKey(), String(sequenceNumber)), {
        fee: '1000',
        networkPassphrase: world.net!.passphrase,
      })
        .addOperation(Operation.setOptions({ setFlags: AuthRevocableFlag }))
        .addOperation(
          Operation.setTrustLineFlags({
            trustor: address,
            asset: new Asset(usdc.code, usdc.issuer),
            flags: { authorized: !isFrozen },
          }),
        )
        .setTimeout(60)
        .build();
      transaction.sign(issuer);
      const { hash } = await rpc.call('sendTransaction', { transaction: transaction.toXDR() });
      for (;;) {
        const { status } = await rpc.call('getTransaction', { hash });
        if (status === 'SUCCESS') return;
        if (status === 'FAILED') throw new Error('the issuer could not change the trust line');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    close: () => world.close(),
  };

  async function openGate(shop: Shop): Promise<void> {
    const { page } = shop;
    await page.goto('/settings');
    await follow(page, 'Upgrade to your own wallet');
    await page.getByRole('checkbox').check();
    await press(page, 'Create passkey');
    await heading(page, 'Your passkey is made');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Make the wallet');
    await heading(page, 'Approve the move');
  }
}
