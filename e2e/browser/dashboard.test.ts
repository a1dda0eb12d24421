// The merchants' stories, clicked in Chromium with a virtual authenticator: sign-up, withdrawals from both kinds of wallet,
// the upgrade with its gate and migration, devices, and what happens when something goes wrong.
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Device, type DeviceOptions, device, launchChromium } from '../chromium.ts';
import {
  addressOn,
  balanceOn,
  type DashboardSite,
  fill,
  follow,
  heading,
  NEWS_TIMEOUT_MS,
  openDashboard,
  press,
  review,
  type Shop,
} from './dashboardSite.ts';

let browser: Browser;
let site: DashboardSite;
let supplier: string;
const devices: Device[] = [];

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), openDashboard()]);
  const other = await site.world.merchant('supplier@example.org', { totp: false });
  supplier = (await other.me()).settlementAddress!;
});
afterEach(async () => {
  const complaints = devices.flatMap((it) => it.complaints);
  await Promise.all(devices.splice(0).map((it) => it.context.close()));
  expect(complaints).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(options: DeviceOptions = {}): Promise<Device> {
  const opened = await device(browser, site.url, options);
  devices.push(opened);
  return opened;
}

const paidShop = async (email: string): Promise<Shop> => site.pay(await site.signUp(await open(), email));

describe('a merchant', () => {
  it('signs up, is paid, withdraws, upgrades, withdraws with the passkey, and signs in with it', async () => {
    const { world } = site;
    const shop = await paidShop('bakery@example.org');
    const { page } = shop;
    expect(await addressOn(page)).toMatch(/^G[A-Z2-7]{55}$/);
    await page.getByText('Received').first().waitFor();

    const had = await world.usdcBalance(supplier);
    await review(page, '25', supplier);
    await heading(page, 'Review');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Withdraw');
    await heading(page, 'Withdrawn');
    expect(await world.usdcBalance(supplier)).toBe(had + 250_000_000n);

    await site.upgrade(shop);
    await follow(page, 'Later');
    const own = await addressOn(page);
    expect(own).toMatch(/^C[A-Z2-7]{55}$/);
    expect(await world.usdcBalance(own)).toBe(1_000_000_000n);

    await review(page, '40', supplier);
    await heading(page, 'Review');
    const words = (await page.getByRole('main').textContent())!.replaceAll(/\s/g, '');
    for (const part of [own, supplier, '40USDC', 'transfer']) expect(words).toContain(part);
    await press(page, 'Approve with passkey');
    await heading(page, 'Withdrawn');
    expect(await world.usdcBalance(own)).toBe(600_000_000n);
    await page.reload();
    await heading(page, 'Withdrawn');

    await press(page, 'Sign out');
    await fill(page, 'E-mail', 'bakery@example.org');
    await press(page, 'Sign in with passkey');
    await heading(page, 'Your settlement');
    await page.getByText('Only one device opens your wallet').waitFor();
  });

  it('signs in with a code and the digits of the app while there is no passkey', async () => {
    const shop = await site.signUp(await open(), 'flowers@example.org');
    const { page } = await open();
    await page.goto('/settings');
    await heading(page, 'Sign in');
    await fill(page, 'E-mail', shop.email);
    await press(page, 'No passkey yet: send a code');
    await heading(page, 'Enter the code');
    await fill(page, '8-digit code', site.world.recoveryCode(shop.email));
    await press(page, 'Sign in');
    await heading(page, 'Enter the digits of your app');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Sign in');
    await heading(page, 'Settings');
    await press(page, 'Sign out on all devices');
    await heading(page, 'Sign in');
    await shop.page.reload();
    await heading(shop.page, 'Sign in');
  });

  it('adds a second device with a security key, and removes it again', async () => {
    const shop = await paidShop('books@example.org');
    const { page } = shop;
    await site.upgrade(shop);
    // What the passkey is asked for besides is a step-up.
    await page.goto('/settings/api-keys');
    await fill(page, 'Name of the key', 'Shop server');
    await press(page, 'Create key');
    await page.getByTestId('api-key-secret').waitFor();
    await page.goto('/settings/upgrade');
    await follow(page, 'Add a second device');
    await heading(page, 'Devices');
    await fill(page, 'Name of the device', 'Blue key');
    const key = await shop.useSecurityKey();
    await press(page, 'Create its passkey');
    await page.getByText('The passkey for Blue key is made.').waitFor();
    await key.putAway();
    await press(page, 'Cancel');
    await page.reload();
    await press(page, 'Finish adding Blue key');
    await press(page, 'Approve with passkey');
    await page.getByText('Blue key opens your wallet now.').waitFor();
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(2);

    await press(page, 'Remove Blue key');
    await press(page, 'Remove with passkey');
    await page.getByText('Blue key was removed.').waitFor();
    await page.getByText('Only one device opens your wallet').waitFor();
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
  });

  it('sets rules, makes an API key and a webhook, and finds all of it in the activity', async () => {
    const shop = await site.signUp(await open(), 'garden@example.org');
    const { page } = shop;
    await page.goto('/settings/rules');
    await fill(page, 'Daily limit', '100');
    await press(page, 'Save rules');
    await page.getByText('The rules are saved.').waitFor();
    await fill(page, 'Daily limit', '200');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Save rules');
    await page.getByText(/^Looser rules from/).waitFor();

    await page.goto('/settings/api-keys');
    await fill(page, 'Name of the key', 'Shop server');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Create key');
    const secret = (await page.getByTestId('api-key-secret').textContent())!.trim();
    expect(secret.length).toBeGreaterThan(30);
    const me = await fetch(`${site.url}/v1/merchants/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect(me.status).toBe(200);
    await press(page, 'I have copied it');
    await press(page, 'Revoke Shop server');
    await press(page, 'Revoke Shop server');
    await page.getByText('No keys yet.').waitFor();

    await page.goto('/settings/webhooks');
    await fill(page, 'Address to call', 'http://localhost:9/payments');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Add webhook');
    await page.getByText('http://localhost:9/payments', { exact: true }).waitFor();

    await page.goto('/settings/activity');
    for (const words of ['Account opened', 'Withdrawal rules set', 'API key revoked', 'Webhook added'])
      await page.getByText(words, { exact: true }).first().waitFor();
  });

  it('takes the payments along as a file', async () => {
    const { page } = await paidShop('ledger@example.org');
    await follow(page, 'All payments');
    await page.getByText('Received').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download as CSV')]);
    const text = await readFile((await download.path())!, 'utf8');
    expect(download.suggestedFilename()).toBe('payments.csv');
    expect(text).toContain('125');
  });
});

describe('an upgrade', () => {
  it('makes one wallet and one migration of double clicks, a second tab and the back button', async () => {
    const shop = await paidShop('twice@example.org');
    const { page } = shop;
    await site.openGate(shop);
    const second = await shop.context.newPage();
    await second.goto('/');
    await page.goBack();
    await page.goForward();
    await heading(page, 'Approve the move');
    await page.getByRole('button', { name: 'Approve with passkey' }).dblclick();
    await heading(page, 'The wallet is yours');
    await page.goBack();
    await page.goto('/settings/upgrade');
    await heading(page, 'The wallet is yours');
    const rows = await site.world.server.services.db
      .selectFrom('settlement_migrations')
      .innerJoin('merchants', 'merchants.account_id', 'settlement_migrations.account_id')
      .select('state')
      .where('merchants.email', '=', shop.email)
      .execute();
    expect(rows).toEqual([{ state: 'done' }]);
  });

  it('says where it has stopped and where the money is, and goes on by Retry', async () => {
    const shop = await paidShop('frozen@example.org');
    const { page } = shop;
    const managed = await addressOn(page);
    await site.openGate(shop);
    await site.freeze(managed, true);
    await press(page, 'Approve with passkey');
    await heading(page, 'The move has stopped');
    await page.getByText('Your money is in the managed account').waitFor();
    await site.freeze(managed, false);
    await press(page, 'Retry');
    await heading(page, 'The wallet is yours');
    await follow(page, 'Later');
    await expect.poll(() => balanceOn(page), { timeout: NEWS_TIMEOUT_MS }).toMatch(/^125\s*USDC$/);
  });

  it('can be abandoned before anything has moved, without the new passkey', async () => {
    const shop = await paidShop('second-thoughts@example.org');
    const { page } = shop;
    await site.openGate(shop);
    await shop.removeAuthenticator();
    await page.getByText('Stay on managed instead').click();
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Abandon the upgrade');
    await heading(page, 'Make the wallet your own');
    await page.goto('/settings');
    await page.getByText('Managed for you').waitFor();
  });

  it('is not offered where the browser has no passkeys, and says why', async () => {
    const shop = await site.signUp(await open({ withoutWebAuthn: true }), 'old@example.org');
    const { page } = shop;
    await page.goto('/settings/upgrade');
    await heading(page, 'Stay on managed for now');
    await page.getByText('This browser has no passkeys').waitFor();
    expect(await page.getByRole('button', { name: 'Create passkey' }).count()).toBe(0);
  });
});

describe('a sentence that helps', () => {
  it('is shown at each field of a withdrawal that is wrong', async () => {
    const { page } = await paidShop('typo@example.org');
    await review(page, '9999', 'GABC');
    for (const name of ['Amount', 'Destination']) {
      const field = page.getByRole('textbox', { name });
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    }
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe('amount');
  });

  it('comes back to the field when only the network can tell', async () => {
    const shop = await paidShop('untrusting@example.org');
    const { page } = shop;
    await review(page, '1', await site.world.account());
    await heading(page, 'Review');
    await fill(page, 'Digits of your authenticator app', shop.digits());
    await press(page, 'Withdraw');
    await heading(page, 'Withdraw');
    const field = page.getByRole('textbox', { name: 'Destination' });
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  });

  it('is shown when the passkey prompt is refused, and trying again works', async () => {
    const shop = await paidShop('shy@example.org');
    const { page } = shop;
    await site.openGate(shop);
    await shop.setUserVerified(false);
    await press(page, 'Approve with passkey');
    await page.getByText('The passkey prompt was closed').waitFor();
    await shop.setUserVerified(true);
    await press(page, 'Approve with passkey');
    await heading(page, 'The wallet is yours');
  });
});

describe('the keyboard alone', () => {
  it('withdraws and upgrades', async () => {
    const shop = await paidShop('keys@example.org');
    const { page } = shop;
    const tabTo = async (name: string) => {
      for (let i = 0; i < 60; i++) {
        const focused = await page.evaluate(() => {
          const it = document.activeElement as HTMLInputElement | null;
          return (
            it?.getAttribute('aria-label') ??
            it?.labels?.[0]?.textContent ??
            it?.textContent ??
            ''
          ).trim();
        });
        if (focused === name) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no Tab stop named ${name}`);
    };
    const type = async (name: string, text: string) => {
      await tabTo(name);
      await page.keyboard.type(text);
    };
    const enter = async (name: string, title: string) => {
      await tabTo(name);
      await page.keyboard.press('Enter');
      await heading(page, title);
      // A new screen begins at its heading.
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    };
    await enter('Withdraw', 'Withdraw');
    await type('Amount', '5');
    await type('Destination', supplier);
    await enter('Review', 'Review');
    await type('Digits of your authenticator app', shop.digits());
    await tabTo('Withdraw');
    await page.keyboard.press('Enter');
    await heading(page, 'Withdrawn');
    await enter('Settings', 'Settings');
    await enter('Upgrade to your own wallet', 'Make the wallet your own');
    await tabTo('I understand that only my passkeys sign for this wallet');
    await page.keyboard.press('Space');
    await enter('Create passkey', 'Your passkey is made');
    await type('Digits of your authenticator app', shop.digits());
    await enter('Make the wallet', 'Approve the move');
    await tabTo('Approve with passkey');
    await page.keyboard.press('Space');
    await heading(page, 'The wallet is yours');
    await enter('Add a second device', 'Devices');
  });
});
