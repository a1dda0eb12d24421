// Settings from environment variables, checked once at start: a missing or malformed one stops the start with one
// line that names it. Values of secrets never appear in those lines. Development defaults are not decided here but
// in development/prepare.ts.
import { StrKey } from '@stellar/stellar-sdk/base';
import {
  readSettlementConfig,
  readSettlementKeys,
  type SettlementConfig,
  type SettlementKeys,
} from './settlementConfig.ts';

/** What a server needs that only reads the network. */
export type IndexerConfig = {
  /** address to listen on */
  host: string;
  port: number;
  rpcUrl: string;
  networkPassphrase: string;
  factoryId: string;
  nativeTokenId: string;
  /** seals what the database keeps secret, 32 bytes; without it nobody is told by webhook */
  keyEncryptionKey: Uint8Array | null;
  /** what webhooks' secrets of earlier versions were derived from */
  jwtSecret: string | null;
  database: { url: string; authToken: string | null; replicaUrl: string | null };
  /** where servers count rate limits together; null counts in this process */
  redisUrl: string | null;
  indexer: {
    /** read from here on; null for the oldest ledger that the node has */
    startLedger: number | null;
    /** former factories, whose wallets count too */
    formerFactoryIds: string[];
  };
  /** code that is a wallet too, besides the factory's; hex */
  knownWalletHashes: string[];
  /** bearer token of whoever manages webhooks; null when nobody does */
  adminToken: string | null;
  /** bearer token of whoever reads /metrics; null when everybody does */
  metricsToken: string | null;
  requestsPerMinute: number;
  /** how many proxies in front add to X-Forwarded-For; 0 when clients connect directly */
  trustedProxies: number;
  logLevel: string;
};

/** What a server needs that only submits for others. */
export type RelayerConfig = IndexerConfig & {
  /** in mail about wallets whose submissions it settles */
  appName: string;
  maxFeeStroops: bigint;
  sponsorSecretKey: string;
  keyEncryptionKey: Uint8Array;
  /** channel accounts: how many submissions are on their way at a time */
  channels: number;
  /** below it the server warns that the sponsor needs money */
  sponsorLowStroops: bigint;
  /** what signs for merchants' managed accounts; null while settlement is off */
  settlement: SettlementKeys | null;
};

export type Config = Omit<RelayerConfig, 'settlement'> & {
  relyingParty: { name: string; id: string; origin: string };
  jwtSecret: string;
  guardianSecretKey: string;
  rotationDelaySeconds: bigint;
  /** the contract that delays recoveries, which new wallets name as guardian; null without a delay */
  recoveryContractId: string | null;
  smtp: { url: string; from: string } | null;
  /** show sent mail at /dev/inbox instead of sending it; development only */
  devInbox: boolean;
  /** folder with the built web wallet, served on the same port as the API */
  webDir: string | null;
  /** merchants and their settlement wallets; null while they are off */
  settlement: SettlementConfig | null;
};

const SERVER_ROLES = ['all', 'relayer', 'indexer'] as const;
/**
 * `indexer` reads the network and answers look-ups; it pays for nothing. `relayer` submits, for holders of API keys and for
 * wallets whose server shares the database. `all` does both, and serves wallets.
 */
export type ServerRole = (typeof SERVER_ROLES)[number];

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
const DEFAULT_CHANNELS = 5n;
const MAX_CHANNELS = 1_000n;
/** 100 XLM. */
const DEFAULT_SPONSOR_LOW_STROOPS = 1_000_000_000n;
const HASHES = /^[0-9a-f]{64}(,[0-9a-f]{64})*$/;
const DEFAULT_REQUESTS_PER_MINUTE = 300;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type ConfigReader = ReturnType<typeof reader>;

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
    check,
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
    /** Separated by commas; none when it is missing. */
    list(name: string, isValid: (value: string) => boolean, expected: string): string[] {
      const values = (env[name] ?? '').split(',').map((it) => it.trim());
      const given = values.filter((it) => it !== '');
      check(name, given.every(isValid), expected);
      return given;
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
    key32(name: string): Uint8Array {
      const value = text(name);
      const bytes = Buffer.from(value, 'base64');
      check(name, bytes.length === 32 && bytes.toString('base64') === value, '32 bytes in base64');
      return new Uint8Array(bytes);
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

/** One database: DATABASE_URL, or libSQL by network under the names that Turso uses. */
function readDatabase(read: ReturnType<typeof reader>): Config['database'] {
  if (!read.optional('TURSO_DATABASE_URL')) {
    const url = read.matching(
      'DATABASE_URL',
      /^(file:.+|postgres(ql)?:\/\/\S+)$/,
      'a libSQL file such as file:./latchkey.db, or postgres://user:password@host/database',
    );
    for (const name of ['TURSO_AUTH_TOKEN', 'TURSO_LOCAL_URL']) {
      if (read.optional(name)) throw new ConfigError(`${name} must be left out without TURSO_DATABASE_URL.`);
    }
    return { url, authToken: null, replicaUrl: null };
  }
  const url = read.matching(
    'TURSO_DATABASE_URL',
    /^(libsql|https?|wss?):\/\/[^\s/]+/,
    'a URL such as libsql://database.example',
  );
  if (read.optional('DATABASE_URL')) {
    throw new ConfigError('DATABASE_URL must be left out where TURSO_DATABASE_URL is set.');
  }
  const replicaUrl = read.optional('TURSO_LOCAL_URL')
    ? read.matching('TURSO_LOCAL_URL', /^file:.+/, 'a file such as file:./replica.db')
    : null;
  return { url, authToken: read.optional('TURSO_AUTH_TOKEN'), replicaUrl };
}

/** @throws ConfigError naming the first variable that is missing or malformed */
export function readIndexerConfig(env: Environment): IndexerConfig {
  const read = reader(env);
  const startLedger = read.optional('INDEXER_START_LEDGER');
  const adminToken = read.optional('ADMIN_TOKEN') && read.secret('ADMIN_TOKEN');
  // Webhooks' secrets are sealed under it.
  if (adminToken !== null) read.key32('KEY_ENCRYPTION_KEY');
  return {
    host: read.optional('HOST') ?? '0.0.0.0',
    port: Number(read.integer('PORT', 3000n, 0n, 65535n)),
    rpcUrl: read.url('STELLAR_RPC_URL'),
    networkPassphrase: read.text('STELLAR_NETWORK_PASSPHRASE'),
    factoryId: read.contract('WALLET_FACTORY_CONTRACT_ID'),
    nativeTokenId: read.contract('NATIVE_TOKEN_CONTRACT_ID'),
    keyEncryptionKey: read.optional('KEY_ENCRYPTION_KEY') ? read.key32('KEY_ENCRYPTION_KEY') : null,
    jwtSecret: read.optional('JWT_SECRET') && read.secret('JWT_SECRET'),
    database: readDatabase(read),
    redisUrl: read.optional('REDIS_URL')
      ? read.matching('REDIS_URL', /^rediss?:\/\/[^\s/]+/, 'a URL such as redis://cache.example:6379')
      : null,
    indexer: {
      startLedger:
        startLedger === null ? null : Number(read.integer('INDEXER_START_LEDGER', 1n, 1n, 4_294_967_295n)),
      formerFactoryIds: read.list(
        'INDEXER_FORMER_FACTORIES',
        (id) => StrKey.isValidContract(id),
        'contract addresses (C…) separated by commas',
      ),
    },
    knownWalletHashes: read.optional('KNOWN_WALLET_HASHES')
      ? read
          .matching('KNOWN_WALLET_HASHES', HASHES, 'sha256 hashes in hex, with commas between them')
          .split(',')
      : [],
    adminToken,
    metricsToken: read.optional('METRICS_TOKEN') && read.secret('METRICS_TOKEN'),
    requestsPerMinute: Number(
      read.integer('REQUESTS_PER_MINUTE', BigInt(DEFAULT_REQUESTS_PER_MINUTE), 1n, 1_000_000n),
    ),
    trustedProxies: Number(read.integer('TRUSTED_PROXIES', 0n, 0n, 10n)),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

/** What the process is to do. @throws ConfigError */
export function readRole(env: Environment): ServerRole {
  return reader(env).oneOf('LATCHKEY_ROLE', SERVER_ROLES, 'all') as ServerRole;
}

/** @throws ConfigError naming the first variable that is missing or malformed */
export function readRelayerConfig(env: Environment): RelayerConfig {
  const read = reader(env);
  return {
    ...readIndexerConfig(env),
    appName: read.optional('WEBAUTHN_RP_NAME') ?? 'Latchkey',
    maxFeeStroops: read.integer('STELLAR_MAX_FEE', DEFAULT_MAX_FEE_STROOPS, 100n, 4_294_967_295n),
    sponsorSecretKey: read.secretKey('OPEX_WALLET_SECRET_KEY'),
    keyEncryptionKey: read.key32('KEY_ENCRYPTION_KEY'),
    channels: Number(read.integer('RELAYER_CHANNELS', DEFAULT_CHANNELS, 1n, MAX_CHANNELS)),
    sponsorLowStroops: read.integer('SPONSOR_LOW_STROOPS', DEFAULT_SPONSOR_LOW_STROOPS, 0n, 10n ** 17n),
    settlement: readSettlementKeys(read),
  };
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
  const relayer = readRelayerConfig(env);
  const { appName, networkPassphrase, maxFeeStroops } = relayer;
  return {
    ...relayer,
    relyingParty: { name: appName, id: rpId, origin },
    jwtSecret: read.secret('JWT_SECRET'),
    guardianSecretKey: read.secretKey('RECOVERY_WALLET_SECRET_KEY'),
    rotationDelaySeconds,
    recoveryContractId: rotationDelaySeconds === 0n ? null : read.contract('RECOVERY_CONTRACT_ID'),
    smtp: smtpUrl
      ? { url: smtpUrl, from: read.optional('SMTP_FROM') ?? `Latchkey <no-reply@${rpId}>` }
      : null,
    devInbox,
    webDir: read.optional('WEB_DIR'),
    settlement: readSettlementConfig(read, appName, {
      networkPassphrase,
      rotationDelaySeconds,
      maxFeeStroops,
    }),
  };
}
