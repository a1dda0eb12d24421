// What the dashboard looks like: every screen on a phone and on a desk, in both colour schemes, none of which scrolls
// sideways. With LATCHKEY_SCREENSHOTS naming a folder, the screens are kept there as pictures.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { device, launchChromium } from '../chromium.ts';
import { type DashboardSite, heading, openDashboard, press, review, type Shop } from './dashboardSite.ts';

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };
const pictures = process.env.LATCHKEY_SCREENSHOTS;

let browser: Browser;
let site: DashboardSite;
let supplier: string;

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), openDashboard()]);
  const other = await site.world.merchant('supplier@example.org', { totp: false });
  supplier = (await other.me()).settlementAddress!;
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

describe.each(['light', 'dark'] as const)('on a phone, in %s, and on a desk', (colorScheme) => {
  it.each([
    ['phone', PHONE],
    ['desk', DESK],
  ])('%s: no screen scrolls sideways', async (width, viewport) => {
    const at = await device(browser, site.url, { viewport, colorScheme });
    const { page } = at;
    const look = async (name: string) => {
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(widths[0], name).toBeLessThanOrEqual(widths[1]!);
      if (!pictures) return;
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    };
    const lookAt = async (path: string, title: string) => {
      await page.goto(path);
      await heading(page, title);
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      await look(path.slice(1).replaceAll('/', '-') || 'home');
    };
    await lookAt('/sign-in', 'Sign in');
    await lookAt('/sign-up', 'Get paid in USDC');
    const shop = await site.pay(await site.signUp(at, `${width}-${colorScheme}@example.org`, look));
    await lookAt('/', 'Your settlement');
    await lookAt('/payments', 'Payments');
    await lookAt('/settings', 'Settings');
    await lookAt('/settings/rules', 'Withdrawal rules');
    await lookAt('/settings/api-keys', 'API keys');
    await lookAt('/settings/webhooks', 'Webhooks');
    await lookAt('/settings/activity', 'Activity');
    await lookAt('/withdraw', 'Withdraw');
    await review(page, '1.5', supplier);
    await heading(page, 'Review');
    await look('withdraw-review');
    await lookAt('/settings/upgrade', 'Make the wallet your own');
    await site.openGate(shop);
    await look('gate');
    await site.freeze(await managedOf(shop), true);
    await press(page, 'Approve with passkey');
    await heading(page, 'The move has stopped');
    await look('stopped');
    await site.freeze(await managedOf(shop), false);
    await press(page, 'Retry');
    await heading(page, /^(Your wallet is moving|The wallet is yours)$/);
    await look('moving');
    await heading(page, 'The wallet is yours');
    await look('done');
    await lookAt('/settings/devices', 'Devices');
    await review(page, '2', supplier);
    await heading(page, 'Review');
    await look('passkey-review');
    await press(page, 'Approve with passkey');
    await heading(page, 'Withdrawn');
    await look('withdrawn');
    await lookAt('/', 'Your settlement');
    await look('home-own');
    await at.context.close();
    expect(at.complaints).toEqual([]);
  });
});

async function managedOf({ email }: Shop): Promise<string> {
  const row = await site.world.server.services.db
    .selectFrom('merchant_settlement_keys')
    .innerJoin('merchants', 'merchants.account_id', 'merchant_settlement_keys.account_id')
    .select('merchant_settlement_keys.address')
    .where('merchants.email', '=', email)
    .executeTakeFirstOrThrow();
  return row.address;
}
