// The demo page, clicked in Chromium: files from a static host, a network in the page's worker, and a passkey that moves
// money on it. After loading, no request leaves the page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Device, type DeviceOptions, device, launchChromium } from '../chromium.ts';
import { buildPage, type StaticSite, serveFolder } from '../staticSite.ts';

const configFile = fileURLToPath(new URL('../../web/demo.config.ts', import.meta.url));
/** A host may serve the page under any path. */
const PATH = '/under/a/path/';
const PHONE = { width: 360, height: 740 };

let browser: Browser;
let folder: string;
let site: StaticSite;
const devices: Device[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  [browser] = await Promise.all([launchChromium(), buildPage({ configFile }, join(folder, PATH))]);
  site = await serveFolder(folder);
});
afterEach(async () => {
  const complaints = devices.flatMap((it) => it.complaints);
  await Promise.all(devices.splice(0).map((it) => it.context.close()));
  expect(complaints).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(options: DeviceOptions = {}): Promise<Device> {
  const opened = await device(browser, site.url, options);
  devices.push(opened);
  await opened.page.goto(PATH);
  return opened;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const balance = (page: Page) => page.getByTestId('balance').textContent();
const ledger = async (page: Page) => Number(await page.getByTestId('ledger').textContent());

async function openWallet(page: Page): Promise<string> {
  await page.getByText('The network is running.').waitFor();
  await button(page, 'Create wallet').click();
  await page.getByRole('heading', { name: 'Your wallet' }).waitFor();
  return (await page.getByTestId('wallet-address').getAttribute('data-address'))!;
}

async function fundAndSend(page: Page, amount: string): Promise<void> {
  await button(page, 'Fund with 10000 XLM').click();
  await expect.poll(() => balance(page)).toMatch(/^10000\s*XLM$/);
  await page.getByRole('textbox', { name: 'Amount' }).fill(amount);
  await button(page, 'Send with passkey').click();
  await page.getByText('Sent', { exact: true }).first().waitFor();
}

describe('the demo page', () => {
  it('makes a passkey wallet, funds it and sends, with no request after loading', async () => {
    const { page } = await open();
    await page.getByText('The network is running.').waitFor();
    const loaded = site.paths.length;
    const address = await openWallet(page);
    expect(address).toMatch(/^C[A-Z2-7]{55}$/);
    await fundAndSend(page, '12.5');
    await expect.poll(() => balance(page)).toMatch(/^9987\.5\s*XLM$/);
    const rows = page.getByRole('listitem');
    expect(await rows.count()).toBe(2);
    await rows.first().getByText('Transaction').click();
    expect(await rows.first().textContent()).toMatch(/[0-9a-f]{64}/);
    expect(site.paths.slice(loaded)).toEqual([]);
  });

  it('goes on after six months, in which the wallet was archived', async () => {
    const { page } = await open();
    await openWallet(page);
    await fundAndSend(page, '1');
    const before = await ledger(page);
    await button(page, '6 months on').click();
    await expect.poll(() => ledger(page)).toBeGreaterThan(before + 3_000_000);
    await page.getByRole('textbox', { name: 'Amount' }).fill('2');
    await button(page, 'Send with passkey').click();
    await expect.poll(() => balance(page)).toMatch(/^9997\s*XLM$/);
    await expect.poll(() => page.getByRole('listitem').count()).toBe(3);
  });

  it('moves nothing when the person is not recognised, and says so', async () => {
    const { page, setUserVerified } = await open();
    await openWallet(page);
    await button(page, 'Fund with 10000 XLM').click();
    await expect.poll(() => balance(page)).toMatch(/^10000\s*XLM$/);
    await setUserVerified(false);
    await page.getByRole('textbox', { name: 'Amount' }).fill('1');
    await button(page, 'Send with passkey').click();
    await page.getByRole('alert').waitFor();
    expect(await balance(page)).toMatch(/^10000\s*XLM$/);
  });

  it('refuses what cannot be sent, beside the field', async () => {
    const { page } = await open();
    await openWallet(page);
    await page.getByRole('textbox', { name: 'Amount' }).fill('1');
    await button(page, 'Send with passkey').click();
    await page.getByText('The wallet does not hold that much XLM').waitFor();
  });

  it('fits a phone and works by keyboard alone', async () => {
    const { page } = await open({ viewport: PHONE });
    await page.getByText('The network is running.').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your wallet' }).waitFor();
    const press = async (name: string) => {
      for (let tabs = 0; tabs < 30; tabs++) {
        const focused = await page.evaluate(() => document.activeElement?.textContent?.trim());
        if (focused === name) return page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await press('Fund with 10000 XLM');
    await expect.poll(() => balance(page)).toMatch(/^10000\s*XLM$/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await expect.poll(() => balance(page)).toMatch(/^9997\s*XLM$/);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
