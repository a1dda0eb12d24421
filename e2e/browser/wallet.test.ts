// The person's stories, clicked in Chromium with a virtual authenticator: the browser makes and uses the passkey, the
// contract on the embedded network verifies it.
import { createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb } from '../../server/src/development/buildWeb.ts';
import { type Device, type DeviceOptions, device, launchChromium } from '../chromium.ts';
import { createWorld, type World } from '../world.ts';

const DELAY_SECONDS = 3600;
const PHONE = { width: 360, height: 740 };

type Site = { world: World; url: string };

let browser: Browser;
let site: Site;
let delayed: Site;
const devices: Device[] = [];

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function openSite(env: Record<string, string> = {}): Promise<Site> {
  const port = await freePort();
  const world = await createWorld({ webOrigin: `http://localhost:${port}`, env });
  return { world, url: await world.server.serveWeb(port, await buildWeb(() => {})) };
}

beforeAll(async () => {
  [browser, site, delayed] = await Promise.all([
    launchChromium(),
    openSite(),
    openSite({ RECOVERY_DELAY_SECONDS: String(DELAY_SECONDS) }),
  ]);
});
afterEach(async () => {
  const complaints = devices.flatMap((it) => it.complaints);
  await Promise.all(devices.splice(0).map((it) => it.context.close()));
  expect(complaints).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await site?.world.close();
  await delayed?.world.close();
});

async function open(at: Site = site, options: DeviceOptions = {}): Promise<Device> {
  const opened = await device(browser, at.url, options);
  devices.push(opened);
  return opened;
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
const fill = (page: Page, name: string, text: string) => page.getByRole('textbox', { name }).fill(text);
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor();
const balance = (page: Page) => page.getByTestId('balance').textContent();

async function createWallet({ page }: Device, email: string): Promise<string> {
  await page.goto('/');
  await fill(page, 'E-mail', email);
  await press(page, 'Create wallet');
  await heading(page, 'Your wallet');
  const address = await page.getByTestId('wallet-address').getAttribute('data-address');
  expect(address).toMatch(/^C[A-Z2-7]{55}$/);
  return address!;
}

async function send({ page }: Device, to: string, amount: string): Promise<void> {
  await follow(page, 'Send');
  await fill(page, 'To', to);
  await fill(page, 'Amount', amount);
  await press(page, 'Review');
  await heading(page, 'Review');
  await press(page, 'Approve with passkey');
}

async function recover({ page }: Device, { world }: Site, email: string): Promise<void> {
  await page.goto('/recover');
  await fill(page, 'E-mail', email);
  await press(page, 'Send code');
  await page.getByRole('textbox', { name: '6-digit code' }).fill(world.recoveryCode(email));
  await press(page, 'Recover with a new passkey');
}

describe('a person', () => {
  it('creates a wallet, sends, signs out, signs in, and recovers on a new device', async () => {
    const { world } = site;
    const phone = await open();
    const { page } = phone;
    const address = await createWallet(phone, 'ana@example.org');
    await expect.poll(() => balance(page)).toMatch(/^10000\s*XLM$/);

    const shop = await world.account();
    await follow(page, 'Send');
    await fill(page, 'To', shop);
    await fill(page, 'Amount', '12.5');
    await press(page, 'Review');
    await heading(page, 'Review');
    const words = (await page.getByRole('main').textContent())!.replaceAll(/\s/g, '');
    for (const part of [shop, address, '12.5XLM', 'transfer']) expect(words).toContain(part);
    await press(page, 'Approve with passkey');
    await heading(page, 'Sent');
    expect(await world.balanceStroops(shop)).toBe(100_000_000_000n + 125_000_000n);
    expect(await world.balanceStroops(address)).toBe(100_000_000_000n - 125_000_000n);

    await page.reload();
    await heading(page, 'Sent');
    await follow(page, 'Back to your wallet');
    await expect.poll(() => balance(page)).toMatch(/^9987\.5\s*XLM$/);
    await follow(page, 'Activity');
    await page.getByText('12.5').first().waitFor();

    await press(page, 'Sign out');
    await page.goto('/sign-in');
    await fill(page, 'E-mail', 'ana@example.org');
    await press(page, 'Sign in with passkey');
    await heading(page, 'Your wallet');

    const laptop = await open();
    await recover(laptop, site, 'ana@example.org');
    await heading(laptop.page, 'Your wallet');
    expect(await laptop.page.getByTestId('wallet-address').getAttribute('data-address')).toBe(address);
    await send(laptop, shop, '1');
    await heading(laptop.page, 'Sent');

    await page.reload();
    await heading(page, /sign in/i);
    await fill(page, 'E-mail', 'ana@example.org');
    await press(page, 'Sign in with passkey');
    await page.getByText(/passkey prompt was closed|does not open this wallet/).waitFor();
  });

  it('does all of it by keyboard alone', async () => {
    const { page } = await open();
    await page.goto('/');
    const tabTo = async (name: string | RegExp) => {
      const focused = () =>
        page.evaluate(() => {
          const it = document.activeElement as HTMLElement | null;
          return (
            it?.getAttribute('aria-label') ??
            (it as HTMLInputElement | null)?.labels?.[0]?.textContent ??
            it?.textContent ??
            ''
          );
        });
      for (let i = 0; i < 40; i++) {
        const text = (await focused()).trim();
        if (typeof name === 'string' ? text === name : name.test(text)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no Tab stop named ${name}`);
    };
    await tabTo('E-mail');
    await page.keyboard.type('keys@example.org');
    await tabTo('Create wallet');
    await page.keyboard.press('Enter');
    await heading(page, 'Your wallet');
    await tabTo('Send');
    await page.keyboard.press('Enter');
    await tabTo('To');
    await page.keyboard.type(await site.world.account());
    await tabTo('Amount');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await heading(page, 'Review');
    await tabTo('Approve with passkey');
    await page.keyboard.press('Space');
    await heading(page, 'Sent');
  });

  it.each(['light', 'dark'] as const)('has no sideways scrolling on a phone, in %s', async (colorScheme) => {
    const phone = await open(site, { viewport: PHONE, colorScheme });
    const { page } = phone;
    await createWallet(phone, `phone-${colorScheme}@example.org`);
    const shop = await site.world.account();
    const fits = async () => {
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
    };
    await fits();
    for (const path of ['/receive', '/activity', '/send']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await fits();
    }
    await fill(page, 'To', shop);
    await fill(page, 'Amount', '1');
    await press(page, 'Review');
    await heading(page, 'Review');
    await fits();
    await press(page, 'Approve with passkey');
    await heading(page, 'Sent');
    await fits();
  });
});

describe('a recovery under delay', () => {
  it('is shown to the owner, whose passkey cancels it', async () => {
    const phone = await open(delayed);
    await createWallet(phone, 'olga@example.org');
    const intruder = await open(delayed);
    await recover(intruder, delayed, 'olga@example.org');
    await intruder.page
      .getByText(/takes over|waiting|until then/i)
      .first()
      .waitFor();

    await phone.page.reload();
    await phone.page.getByText('A new passkey is about to take over this wallet').waitFor();
    await press(phone.page, 'Cancel recovery');
    await phone.page
      .getByText('A new passkey is about to take over this wallet')
      .waitFor({ state: 'detached' });
    await send(phone, await delayed.world.account(), '1');
    await heading(phone.page, 'Sent');
  });
});

describe('a sentence that helps', () => {
  it('is shown when the passkey prompt is refused, and trying again works', async () => {
    const phone = await open();
    const { page } = phone;
    await phone.setUserVerified(false);
    await page.goto('/');
    await fill(page, 'E-mail', 'shy@example.org');
    await press(page, 'Create wallet');
    await page.getByText('The passkey prompt was closed').waitFor();
    await phone.setUserVerified(true);
    await press(page, 'Create wallet');
    await heading(page, 'Your wallet');
  });

  it('is shown in place of the button where the browser has no passkeys', async () => {
    const { page } = await open(site, { withoutWebAuthn: true });
    await page.goto('/');
    await page.getByText('Passkeys are not available here').waitFor();
    expect(await page.getByRole('button', { name: 'Create wallet' }).count()).toBe(0);
  });

  it('is shown when the e-mail has a wallet, and when it has none', async () => {
    const first = await open();
    await createWallet(first, 'twice@example.org');
    const { page } = await open();
    await page.goto('/');
    await fill(page, 'E-mail', 'twice@example.org');
    await press(page, 'Create wallet');
    await page.getByText('There is a wallet for this e-mail already').waitFor();
    await page.goto('/sign-in');
    await fill(page, 'E-mail', 'nobody@example.org');
    await press(page, 'Sign in with passkey');
    await page.getByText('There is no wallet for this e-mail').waitFor();
  });

  it('is shown at the field that is wrong', async () => {
    const phone = await open();
    const { page } = phone;
    await createWallet(phone, 'typo@example.org');
    await expect.poll(() => balance(page)).toContain('XLM');
    await follow(page, 'Send');
    await fill(page, 'To', 'GABC');
    await fill(page, 'Amount', '99999999');
    await press(page, 'Review');
    for (const name of ['To', 'Amount']) {
      const field = page.getByRole('textbox', { name });
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    }
  });

  it('is shown for a wrong code', async () => {
    const first = await open();
    await createWallet(first, 'code@example.org');
    const { page } = await open();
    await page.goto('/recover');
    await fill(page, 'E-mail', 'code@example.org');
    await press(page, 'Send code');
    const right = site.world.recoveryCode('code@example.org');
    await page.getByRole('textbox', { name: '6-digit code' }).fill(right === '111111' ? '222222' : '111111');
    await press(page, 'Recover with a new passkey');
    await page.getByText('That is not the code we sent last').waitFor();
  });
});
