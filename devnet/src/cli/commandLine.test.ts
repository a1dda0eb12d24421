import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../version.ts';
import { readCommandLine, UsageError } from './commandLine.ts';

const read = (...args: string[]) => readCommandLine(args);

describe('the command line', () => {
  it('has quickstart’s port, and accounts and USDC, without a word', () => {
    expect(read()).toMatchObject({
      port: 8000,
      host: '127.0.0.1',
      mineMode: 'instant',
      accounts: 10,
      hasUsdc: true,
      isTls: false,
      isQuiet: false,
    });
  });

  it('takes every option', () => {
    const words =
      '--port 0 --host ::1 --state f --mine 2.5 --limits testnet --protocol 29 --passphrase p --accounts 3';
    expect(read(...words.split(' '), '--seed', 'a b', '--no-usdc', '--tls', '--quiet')).toMatchObject({
      port: 0,
      host: '::1',
      statePath: 'f',
      mineMode: 'interval',
      mineIntervalSeconds: 2.5,
      limits: 'testnet',
      protocol: 29,
      passphrase: 'p',
      accounts: 3,
      seedPhrase: 'a b',
      hasUsdc: false,
      isTls: true,
      isQuiet: true,
    });
    expect(read('--mine', 'manual')).toMatchObject({ mineMode: 'manual' });
    expect(read('--time', '1800000000')).toMatchObject({ startSeconds: 1_800_000_000 });
    expect(read('--time', '2027-01-15T08:00:00Z')).toMatchObject({ startSeconds: 1_800_000_000 });
    expect(read('--fork', 'http://x')).toMatchObject({ forkUrl: 'http://x' });
    expect(read('--fork', 'http://x', '--limits', 'unlimited')).toMatchObject({ limits: 'unlimited' });
    expect([read('-h'), read('--version')]).toEqual(['help', 'version']);
  });

  it.each([
    ['--bogus', "Unknown option '--bogus'"],
    ['extra', "Unexpected argument 'extra'"],
    ['--port', "Option '--port <value>' argument missing"],
    ['--port -1', 'Option'],
    ['--port 65536', '--port 65536: a whole number from 0 to 65535'],
    ['--port 1e3', '--port 1e3: a whole number'],
    ['--accounts 101', '--accounts 101: a whole number from 0 to 100'],
    ['--mine 0', '--mine 0: instant, manual or a number of seconds'],
    ['--mine often', '--mine often: instant, manual'],
    ['--limits none', '--limits none: choose mainnet, testnet, unlimited'],
    ['--limits toString', '--limits toString: choose'],
    ['--protocol 28', '--protocol 28: choose 29 or 30'],
    ['--time soon', '--time soon: Unix seconds or a date'],
    ['--fork http://x --passphrase p', '--passphrase cannot be given with --fork'],
    ['--fork example.org', '--fork example.org: the http(s) address'],
    ['--passphrase=', '--passphrase is empty'],
    ['--usdc --no-usdc', '--usdc and --no-usdc contradict'],
  ])('refuses %s', (words, reason) => {
    expect(() => read(...words.split(' '))).toThrow(UsageError);
    expect(() => read(...words.split(' '))).toThrow(reason);
  });

  it('knows the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
  });
});
