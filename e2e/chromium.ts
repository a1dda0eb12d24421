// Chromium for the stories: the one CHROME_PATH names, else the machine's Chromium or Chrome, else the one that the npm
// package @sparticuz/chromium ships. Each story gets a context with a virtual authenticator, so passkeys are real
// credentials made and used by the browser itself.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

async function executable(): Promise<{ executablePath: string; args: string[] }> {
  const own = process.env.CHROME_PATH ?? CANDIDATES.find((path) => existsSync(path));
  if (own) return { executablePath: own, args: [] };
  const { default: shipped } = await import('@sparticuz/chromium');
  return { executablePath: await shipped.executablePath(), args: shipped.args };
}

export async function launchChromium(): Promise<Browser> {
  const { executablePath, args } = await executable();
  return chromium.launch({
    executablePath,
    args: [...args, '--disable-background-networking', '--disable-quic'],
  });
}

export type Device = {
  context: BrowserContext;
  page: Page;
  /** Whether the person touches the sensor and is recognised. */
  setUserVerified(verified: boolean): Promise<void>;
  /** Takes the authenticator away, as on a machine that has none. */
  removeAuthenticator(): Promise<void>;
  /** Brings another authenticator, such as a security key, which is the one that is touched until `putAway`. */
  useSecurityKey(): Promise<{ putAway(): Promise<void> }>;
  /** Everything the page wrote to its console as an error, and every exception. */
  complaints: string[];
};

export type DeviceOptions = {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  /** a browser that has no WebAuthn at all */
  withoutWebAuthn?: boolean;
};

export async function device(browser: Browser, url: string, options: DeviceOptions = {}): Promise<Device> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The server's refusals show up as failed loads, and Chromium advises to accept RS256 keys: neither is ours.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  if (options.withoutWebAuthn) {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
  }
  const cdp: CDPSession = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const addAuthenticator = (transport: 'internal' | 'usb') =>
    cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport,
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  const setTouched = (id: string, enabled: boolean) =>
    cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled });
  const { authenticatorId } = await addAuthenticator('internal');
  return {
    context,
    page,
    complaints,
    async setUserVerified(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async removeAuthenticator() {
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
    async useSecurityKey() {
      await setTouched(authenticatorId, false);
      const key = await addAuthenticator('usb');
      return {
        async putAway() {
          await setTouched(key.authenticatorId, false);
          await setTouched(authenticatorId, true);
        },
      };
    },
  };
}
