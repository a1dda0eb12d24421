// The command line's words: reads and checks them, and knows the text of --help. What cannot be meant is refused with the
// reason; nothing is guessed.
import { parseArgs } from 'node:util';
import { PROTOCOL_VERSIONS } from '../engine/engineFile.ts';
import { LIMITS, type LimitsName } from '../ledger/limits.ts';
import type { MineMode } from '../network/network.ts';
import { DEFAULT_ACCOUNTS, DEFAULT_SEED_PHRASE, MAX_ACCOUNTS } from '../setup/seededAccounts.ts';

export const USAGE = `usage: latchkey-devnet [--port 8000] [--state FILE] [options]

  --port 8000          port for JSON-RPC and friendbot (0: any free one)
  --host 127.0.0.1     address to listen on
  --tls                serves HTTPS, with a certificate made for this machine and kept
  --state FILE         keeps the network in FILE across restarts
  --fork URL           goes on from what the network behind this stellar-rpc holds
  --mine MODE          when ledgers close: instant (default), manual, or every so many SECONDS
  --limits NAME        ${Object.keys(LIMITS).join(', ')} (default mainnet, or what FILE or fork has)
  --protocol N         ${PROTOCOL_VERSIONS.join(' or ')} (default ${PROTOCOL_VERSIONS.at(-1)}; with --fork that network's)
  --passphrase TEXT    network passphrase (default that of stellar network add local)
  --time TIME          starts the clock here, or where FILE left it if that is later: Unix seconds or a date as in
                       2027-01-31T12:00:00Z
  --accounts ${DEFAULT_ACCOUNTS}        how many funded accounts with known keys there are (0 to ${MAX_ACCOUNTS})
  --seed PHRASE        what their keys are derived from (SEP-5)
  --no-usdc            leaves out the test USDC
  --quiet              no banner and no request log
  --help               this text
  --version            the version
`;

export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

export type CommandLine = {
  readonly port: number;
  readonly host: string;
  readonly isTls: boolean;
  readonly statePath: string | undefined;
  readonly forkUrl: string | undefined;
  readonly mineMode: MineMode;
  /** When mining by the clock. */
  readonly mineIntervalSeconds: number | undefined;
  readonly limits: LimitsName | undefined;
  readonly protocol: number | undefined;
  readonly passphrase: string | undefined;
  readonly startSeconds: number | undefined;
  readonly accounts: number;
  readonly seedPhrase: string;
  readonly hasUsdc: boolean;
  readonly isQuiet: boolean;
};

const OPTIONS = {
  port: { type: 'string', default: '8000' },
  host: { type: 'string', default: '127.0.0.1' },
  tls: { type: 'boolean', default: false },
  state: { type: 'string' },
  fork: { type: 'string' },
  mine: { type: 'string', default: 'instant' },
  limits: { type: 'string' },
  protocol: { type: 'string' },
  passphrase: { type: 'string' },
  time: { type: 'string' },
  accounts: { type: 'string', default: String(DEFAULT_ACCOUNTS) },
  seed: { type: 'string', default: DEFAULT_SEED_PHRASE },
  usdc: { type: 'boolean' },
  'no-usdc': { type: 'boolean' },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine | 'help' | 'version' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const { fork, limits } = values;
  if (fork !== undefined && values.passphrase !== undefined) {
    throw new UsageError(
      '--passphrase cannot be given with --fork: a fork has the passphrase of the other network',
    );
  }
  if (fork !== undefined && !/^https?:\/\/./.test(fork)) {
    throw new UsageError(`--fork ${fork}: the http(s) address of a stellar-rpc is expected`);
  }
  if (values.passphrase === '') throw new UsageError('--passphrase is empty');
  if (limits !== undefined && !Object.hasOwn(LIMITS, limits)) {
    throw new UsageError(`--limits ${limits}: choose ${Object.keys(LIMITS).join(', ')}`);
  }
  if (values.usdc && values['no-usdc']) throw new UsageError('--usdc and --no-usdc contradict each other');
  return {
    port: wholeNumber('port', values.port, 0, 65_535),
    host: values.host,
    isTls: values.tls,
    statePath: values.state,
    forkUrl: fork,
    ...mining(values.mine),
    limits: limits as LimitsName | undefined,
    protocol: protocolOf(values.protocol),
    passphrase: values.passphrase,
    startSeconds: values.time === undefined ? undefined : seconds(values.time),
    accounts: wholeNumber('accounts', values.accounts, 0, MAX_ACCOUNTS),
    seedPhrase: values.seed,
    hasUsdc: !values['no-usdc'],
    isQuiet: values.quiet,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (cause) {
    const [reason] = (cause as Error).message.split('. ');
    throw new UsageError(reason ?? 'the command line cannot be read', { cause });
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} ${text}: a whole number from ${least} to ${most} is expected`);
  }
  return value;
}

function mining(mode: string): Pick<CommandLine, 'mineMode' | 'mineIntervalSeconds'> {
  if (mode === 'instant' || mode === 'manual') return { mineMode: mode, mineIntervalSeconds: undefined };
  const intervalSeconds = Number(mode);
  const MAX_INTERVAL_SECONDS = 86_400;
  if (!(intervalSeconds > 0 && intervalSeconds <= MAX_INTERVAL_SECONDS)) {
    throw new UsageError(`--mine ${mode}: instant, manual or a number of seconds is expected`);
  }
  return { mineMode: 'interval', mineIntervalSeconds: intervalSeconds };
}

function protocolOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const version = PROTOCOL_VERSIONS.find((known) => String(known) === text);
  if (version === undefined)
    throw new UsageError(`--protocol ${text}: choose ${PROTOCOL_VERSIONS.join(' or ')}`);
  return version;
}

function seconds(text: string): number {
  const MAX_SECONDS = 0xffff_ffff;
  const value = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1000);
  if (!(value > 0 && value <= MAX_SECONDS)) {
    throw new UsageError(`--time ${text}: Unix seconds or a date as in 2027-01-31T12:00:00Z is expected`);
  }
  return value;
}
