// Settings from environment variables, checked once at start: a missing or malformed one stops the start with one
// line that names it. Values of secrets never appear in those lines. Development defaults are not decided here but
// in development/prepare.ts.
import { StrKey } from '@stellar/stellar-sdk/base';

export type Config = {
  /** address to listen on */
  host: string;
  port: number;
  relyingParty: { name: string; id: string; origin: string };
  rpcUrl: string;
  networkPassphrase: string;
  maxFeeStroops: bigint;
  factoryId: string;
  nativeTokenId: string;
  sponsorSecretKey: string;
  guardianSecretKey: string;
  jwtSecret: string;
  databaseUrl: string;
  rotationDelaySeconds: bigint;
  /** the contract that delays recoveries, which new wallets name as guardian; null without a delay */
  recoveryContractId: string | null;
  smtp: { url: string; from: string } | null;
  /** show sent mail at /dev/inbox instead of sending it; development only */
  devInbox: boolean;
  /** folder with the built web wallet, served on the same port as the API */
  webDir: string | null;
  requestsPerMinute: number;
  /** how many proxies in front add to X-Forwarded-For; 0 when clients connect directly */
  trustedProxies: number;
  logLevel: string;
};

export type Environment = Record<string, string | undefined>;

/** One malformed or missing variable, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIN_SECRET_CHARS = 32;
const DEFAULT_ROTATION_DELAY_SECONDS = 72n * 3600n;
/** A year; the contract takes a day more. */
const MAX_ROTATION_DELAY_SECONDS = 31_536_000n;
const DEFAULT_MAX_FEE_STROOPS = 10_000_000n;
const DEFAULT_REQUESTS_PER_MINUTE = 300;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

function reader(env: Environment) {
  const text = (name: string): string => {
    const value = env[name]?.trim();
    if (!value) throw new ConfigError(`${name} is missing.`);
    return value;
  };
  const check = (name: string, ok: boolean, expected: string) => {
    if (!ok) throw new ConfigError(`${name} must be ${expected}.`);
  };
  return {
    text,
    optional: (name: string): string | null => env[name]?.trim() || null,
    integer(name: string, fallback: bigint, min: bigint, max: bigint): bigint {
      const value = env[name]?.trim();
      if (!value) return fallback;
      check(
        name,
        /^\d{1,18}$/.test(value) && BigInt(value) >= min && BigInt(value) <= max,
        `a whole number from ${min} to ${max}`,
      );
      return BigInt(value);
    },
    origin(name: string): string {
      const value = text(name);
      let url: URL;
      try {
        url = new URL(value);
      } catch {
        throw new ConfigError(`${name} must be an origin such as https://wallet.example.`);
      }
      const secure = url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost');
      check(
        name,
        secure && url.origin === value,
        'an https origin without path, such as https://wallet.example',
      );
      return value;
    },
    url(name: string): string {
      const value = text(name);
      check(name, URL.canParse(value) && /^https?:/.test(value), 'an http or https URL');
      return value;
    },
    contract(name: string): string {
      const value = text(name);
      check(name, StrKey.isValidContract(value), 'a contract address (C…)');
      return value;
    },
    matching(name: string, pattern: RegExp, expected: string): string {
      const value = text(name);
      check(name, pattern.test(value), expected);
      return value;
    },
    oneOf(name: string, choices: readonly string[], fallback: string): string {
      const value = env[name]?.trim() || fallback;
      check(name, choices.includes(value), `one of ${choices.join(', ')}`);
      return value;
    },
    secretKey(name: string): string {
      const value = text(name);
      check(name, StrKey.isValidEd25519SecretSeed(value), 'a Stellar secret key (S…)');
      return value;
    },
    secret(name: string): string {
      const value = text(name);
      check(name, value.length >= MIN_SECRET_CHARS, `at least ${MIN_SECRET_CHARS} characters long`);
      return value;
    },
  };
}

/** @throws ConfigError */
export function readRotationDelaySeconds(env: Environment): bigint {
  const name = 'RECOVERY_DELAY_SECONDS';
  return reader(env).integer(name, DEFAULT_ROTATION_DELAY_SECONDS, 0n, MAX_ROTATION_DELAY_SECONDS);
}

/** @throws ConfigError naming the first variable that is missing or malformed */
export function readConfig(env: Environment): Config {
  const read = reader(env);
  const originName = read.optional('WEBAUTHN_ORIGIN') ? 'WEBAUTHN_ORIGIN' : 'WEBAUTHN_RP_ORIGIN';
  const origin = read.origin(originName);
  const { hostname } = new URL(origin);
  const rpId = read.optional('WEBAUTHN_RP_ID') ?? hostname;
  if (rpId !== hostname && !hostname.endsWith(`.${rpId}`)) {
    throw new ConfigError(`WEBAUTHN_RP_ID must be the host of ${originName} or a parent domain of it.`);
  }
  const smtpUrl = read.optional('SMTP_URL')
    ? read.matching('SMTP_URL', /^smtps?:\/\/[^\s/]+/, 'a URL such as smtps://user:password@mail.example')
    : null;
  const rotationDelaySeconds = readRotationDelaySeconds(env);
  const devInbox = read.optional('LATCHKEY_DEV_INBOX') === '1';
  if (!smtpUrl && !devInbox) throw new ConfigError('SMTP_URL is missing.');
  return {
    host: read.optional('HOST') ?? '0.0.0.0',
    port: Number(read.integer('PORT', 3000n, 0n, 65535n)),
    relyingParty: { name: read.optional('WEBAUTHN_RP_NAME') ?? 'Latchkey', id: rpId, origin },
    rpcUrl: read.url('STELLAR_RPC_URL'),
    networkPassphrase: read.text('STELLAR_NETWORK_PASSPHRASE'),
    maxFeeStroops: read.integer('STELLAR_MAX_FEE', DEFAULT_MAX_FEE_STROOPS, 100n, 4_294_967_295n),
    factoryId: read.contract('WALLET_FACTORY_CONTRACT_ID'),
    nativeTokenId: read.contract('NATIVE_TOKEN_CONTRACT_ID'),
    sponsorSecretKey: read.secretKey('OPEX_WALLET_SECRET_KEY'),
    guardianSecretKey: read.secretKey('RECOVERY_WALLET_SECRET_KEY'),
    jwtSecret: read.secret('JWT_SECRET'),
    databaseUrl: read.matching('DATABASE_URL', /^file:.+/, 'a libSQL file such as file:./latchkey.db'),
    rotationDelaySeconds,
    recoveryContractId: rotationDelaySeconds === 0n ? null : read.contract('RECOVERY_CONTRACT_ID'),
    smtp: smtpUrl
      ? { url: smtpUrl, from: read.optional('SMTP_FROM') ?? `Latchkey <no-reply@${rpId}>` }
      : null,
    devInbox,
    webDir: read.optional('WEB_DIR'),
    requestsPerMinute: Number(
      read.integer('REQUESTS_PER_MINUTE', BigInt(DEFAULT_REQUESTS_PER_MINUTE), 1n, 1_000_000n),
    ),
    trustedProxies: Number(read.integer('TRUSTED_PROXIES', 0n, 0n, 10n)),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}
