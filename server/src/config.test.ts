import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment, readConfig, readIndexerConfig, readRelayerConfig } from './config.ts';

const jwtSecret = 'a secret that no message may repeat: 7f3a9c';
const sponsorSecretKey = 'SAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC5MY';
const guardianSecretKey = 'SABAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAFNE7';
const keyEncryptionKey = Buffer.alloc(32, 7).toString('base64');
const contractId = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const smtpUrl = 'smtps://postmaster:pa55word@mail.example';

const complete: Environment = {
  WEBAUTHN_RP_ORIGIN: 'https://wallet.example',
  STELLAR_RPC_URL: 'https://rpc.example/soroban',
  STELLAR_NETWORK_PASSPHRASE: 'Test SDF Network ; September 2015',
  WALLET_FACTORY_CONTRACT_ID: contractId,
  NATIVE_TOKEN_CONTRACT_ID: contractId,
  RECOVERY_CONTRACT_ID: contractId,
  OPEX_WALLET_SECRET_KEY: sponsorSecretKey,
  RECOVERY_WALLET_SECRET_KEY: guardianSecretKey,
  KEY_ENCRYPTION_KEY: keyEncryptionKey,
  JWT_SECRET: jwtSecret,
  DATABASE_URL: 'file:./latchkey.db',
  SMTP_URL: smtpUrl,
};

function refusal(change: Environment): string {
  try {
    readConfig({ ...complete, ...change });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the settings were accepted');
}

describe('a server that only indexes', () => {
  const { KEY_ENCRYPTION_KEY: _, JWT_SECRET: __, ...withoutKeys } = complete;

  it('needs no secret at all', () => {
    expect(readIndexerConfig(withoutKeys)).toMatchObject({ keyEncryptionKey: null, jwtSecret: null });
  });

  it('needs the key that seals webhooks where somebody manages those', () => {
    const env = { ...withoutKeys, ADMIN_TOKEN: 'x'.repeat(32) };
    expect(() => readIndexerConfig(env)).toThrow('KEY_ENCRYPTION_KEY is missing.');
  });
});

describe('a server that only submits', () => {
  it('needs neither origin, nor guardian, nor mail', () => {
    const { WEBAUTHN_RP_ORIGIN: _, RECOVERY_WALLET_SECRET_KEY: __, SMTP_URL: ___, ...rest } = complete;
    const { JWT_SECRET: ____, RECOVERY_CONTRACT_ID: _____, ...env } = rest;
    expect(readRelayerConfig(env)).toMatchObject({ sponsorSecretKey, channels: 5, metricsToken: null });
    expect(() => readConfig(env)).toThrow(ConfigError);
  });

  it('needs the keys that pay', () => {
    for (const name of ['OPEX_WALLET_SECRET_KEY', 'KEY_ENCRYPTION_KEY'])
      expect(() => readRelayerConfig({ ...complete, [name]: undefined })).toThrow(`${name} is missing.`);
  });
});

describe('a complete set of settings', () => {
  it('is read, with the documented defaults', () => {
    expect(readConfig(complete)).toEqual({
      indexer: { startLedger: null, formerFactoryIds: [] },
      adminToken: null,
      metricsToken: null,
      appName: 'Latchkey',
      settlement: null,
      host: '0.0.0.0',
      port: 3000,
      relyingParty: { name: 'Latchkey', id: 'wallet.example', origin: 'https://wallet.example' },
      rpcUrl: 'https://rpc.example/soroban',
      networkPassphrase: 'Test SDF Network ; September 2015',
      maxFeeStroops: 10_000_000n,
      factoryId: contractId,
      nativeTokenId: contractId,
      sponsorSecretKey,
      keyEncryptionKey: new Uint8Array(32).fill(7),
      channels: 5,
      sponsorLowStroops: 1_000_000_000n,
      knownWalletHashes: [],
      guardianSecretKey,
      jwtSecret,
      database: { url: 'file:./latchkey.db', authToken: null, replicaUrl: null },
      redisUrl: null,
      rotationDelaySeconds: 259_200n,
      recoveryContractId: contractId,
      smtp: { url: smtpUrl, from: 'Latchkey <no-reply@wallet.example>' },
      devInbox: false,
      webDir: null,
      requestsPerMinute: 300,
      trustedProxies: 0,
      logLevel: 'info',
    });
  });

  it('needs no mail server when mail is kept for the development inbox', () => {
    const config = readConfig({ ...complete, SMTP_URL: undefined, LATCHKEY_DEV_INBOX: '1' });
    expect(config).toMatchObject({ smtp: null, devInbox: true });
  });

  it('needs no recovery contract where recoveries have no delay', () => {
    const without = { ...complete, RECOVERY_DELAY_SECONDS: '0', RECOVERY_CONTRACT_ID: undefined };
    expect(readConfig(without)).toMatchObject({ rotationDelaySeconds: 0n, recoveryContractId: null });
    expect(readConfig({ ...without, RECOVERY_CONTRACT_ID: contractId }).recoveryContractId).toBeNull();
  });

  it('may name PostgreSQL and Redis, as URLs of either spelling', () => {
    for (const url of [
      'postgres://a:b@db.example/latchkey',
      'postgresql://db.example:5433/latchkey?sslmode=require',
    ]) {
      expect(readConfig({ ...complete, DATABASE_URL: url }).database).toMatchObject({ url });
    }
    for (const redisUrl of ['redis://cache.example:6379', 'rediss://a:b@cache.example/1']) {
      expect(readConfig({ ...complete, REDIS_URL: redisUrl })).toMatchObject({ redisUrl });
    }
  });

  it('may name libSQL by network instead of a database of its own', () => {
    const turso = {
      ...complete,
      DATABASE_URL: undefined,
      TURSO_DATABASE_URL: 'libsql://latchkey.example',
      TURSO_AUTH_TOKEN: 'token',
      TURSO_LOCAL_URL: 'file:replica.db',
    };
    expect(readConfig(turso).database).toEqual({
      url: 'libsql://latchkey.example',
      authToken: 'token',
      replicaUrl: 'file:replica.db',
    });
    const without = { ...turso, TURSO_AUTH_TOKEN: undefined, TURSO_LOCAL_URL: '' };
    expect(readConfig(without).database).toMatchObject({ authToken: null, replicaUrl: null });
    expect(() => readConfig({ ...turso, DATABASE_URL: 'file:a.db' })).toThrow(
      'DATABASE_URL must be left out where TURSO_DATABASE_URL is set.',
    );
  });

  it('is read without the white space around values', () => {
    expect(readConfig({ ...complete, PORT: ' 8080 ', DATABASE_URL: ' file:a.db\n' })).toMatchObject({
      port: 8080,
      database: { url: 'file:a.db' },
    });
  });
});

describe('a setting that is required', () => {
  it.each(Object.keys(complete))('stops the start in one line that names it: %s', (name) => {
    for (const missing of [undefined, '', '  ']) {
      expect(refusal({ [name]: missing })).toBe(`${name} is missing.`);
    }
  });
});

describe('a malformed setting', () => {
  const secretValues: [string, string][] = [
    ['DATABASE_URL', 'mysql://latchkey:pa55word@db.example/latchkey'],
    ['DATABASE_URL', 'libsql://db.example?authToken=pa55word'],
    ['REDIS_URL', 'https://:pa55word@cache.example'],
    ['SMTP_URL', 'https://postmaster:pa55word@mail.example'],
    ['OPEX_WALLET_SECRET_KEY', sponsorSecretKey.toLowerCase()],
    ['OPEX_WALLET_SECRET_KEY', 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO'],
    ['RECOVERY_WALLET_SECRET_KEY', `${guardianSecretKey.slice(0, -1)}A`],
    ['JWT_SECRET', 'x'.repeat(31)],
  ];

  it.each([
    ['WEBAUTHN_RP_ORIGIN', 'wallet.example'],
    ['WEBAUTHN_RP_ORIGIN', 'https://wallet.example/'],
    ['WEBAUTHN_RP_ORIGIN', 'https://wallet.example/app'],
    ['WEBAUTHN_RP_ORIGIN', 'https://user@wallet.example'],
    ['WEBAUTHN_RP_ORIGIN', 'HTTPS://Wallet.Example'],
    ['WEBAUTHN_RP_ORIGIN', 'http://wallet.example'],
    ['WEBAUTHN_RP_ORIGIN', 'http://127.0.0.1:3000'],
    ['WEBAUTHN_RP_ORIGIN', 'http://localhost.evil.example'],
    ['WEBAUTHN_RP_ORIGIN', 'ftp://localhost'],
    ['WEBAUTHN_ORIGIN', 'http://wallet.example'],
    ['WEBAUTHN_RP_ID', 'evil.example'],
    ['WEBAUTHN_RP_ID', 'allet.example'],
    ['WEBAUTHN_RP_ID', 'deeper.wallet.example'],
    ['WEBAUTHN_RP_ID', '.example'],
    ['STELLAR_RPC_URL', 'rpc.example'],
    ['STELLAR_RPC_URL', 'file:///etc/passwd'],
    ['STELLAR_MAX_FEE', 'much'],
    ['STELLAR_MAX_FEE', '99'],
    ['STELLAR_MAX_FEE', '1e6'],
    ['STELLAR_MAX_FEE', '4294967296'],
    ['WALLET_FACTORY_CONTRACT_ID', `${contractId.slice(0, -1)}A`],
    ['WALLET_FACTORY_CONTRACT_ID', 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO'],
    ['NATIVE_TOKEN_CONTRACT_ID', 'native'],
    ['RECOVERY_CONTRACT_ID', 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO'],
    ['DATABASE_URL', 'file:'],
    ['DATABASE_URL', 'postgres://'],
    ['TURSO_DATABASE_URL', 'latchkey.example'],
    ['TURSO_LOCAL_URL', 'file:replica.db'],
    ['TURSO_AUTH_TOKEN', 'eyJhbGciOiJFZERTQSJ9'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'cache.example:6379'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['RECOVERY_DELAY_SECONDS', '72h'],
    ['RECOVERY_DELAY_SECONDS', '31536001'],
    ['SMTP_URL', 'mail.example'],
    ['SMTP_URL', 'smtp://'],
    ['REQUESTS_PER_MINUTE', '0'],
    ['TRUSTED_PROXIES', '11'],
    ['LOG_LEVEL', 'loud'],
    ...secretValues,
  ])('stops the start in one line that names it: %s=%s', (name, value) => {
    const line = refusal({ [name]: value });
    expect(line).toMatch(new RegExp(`^${name} must be .*\\.$`));
    expect(line).not.toContain('\n');
  });

  it.each(secretValues)('is not repeated where it may be a secret: %s', (name, value) => {
    expect(refusal({ [name]: value })).not.toContain(value);
  });

  it('never brings the secrets beside it into the line', () => {
    for (const name of Object.keys(complete)) {
      const line = refusal({ [name]: name === 'STELLAR_NETWORK_PASSPHRASE' ? '' : '?' });
      for (const secret of [jwtSecret, sponsorSecretKey, guardianSecretKey, 'pa55word']) {
        expect(line).not.toContain(secret);
      }
    }
  });
});

describe('the relying party', () => {
  it('has the origin of WEBAUTHN_ORIGIN where both names are set', () => {
    const config = readConfig({ ...complete, WEBAUTHN_ORIGIN: 'https://other.example' });
    expect(config.relyingParty).toMatchObject({ id: 'other.example', origin: 'https://other.example' });
  });

  it('may have a parent domain as its id', () => {
    const parent = { WEBAUTHN_RP_ORIGIN: 'https://my.wallet.example:8443', WEBAUTHN_RP_ID: 'wallet.example' };
    expect(readConfig({ ...complete, ...parent }).relyingParty).toMatchObject({
      id: 'wallet.example',
      origin: 'https://my.wallet.example:8443',
    });
  });

  it('may be http on localhost', () => {
    const config = readConfig({ ...complete, WEBAUTHN_RP_ORIGIN: 'http://localhost:3000' });
    expect(config.relyingParty).toMatchObject({ id: 'localhost', origin: 'http://localhost:3000' });
  });
});

describe('settlement wallets', () => {
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
  const issuer = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
  const on: Environment = {
    SETTLEMENT_KEY_KEK: `1:${key(1)}`,
    SETTLEMENT_USDC: `USDC:${issuer}`,
    DASHBOARD_ORIGIN: 'https://pay.example',
  };

  it('are switched on by their key, with the documented defaults', () => {
    expect(readConfig({ ...complete, ...on }).settlement).toEqual({
      kekByVersion: new Map([[1, new Uint8Array(32).fill(1)]]),
      usdc: { code: 'USDC', issuer },
      networkName: 'testnet',
      signUpsPerDay: 1_000,
      dashboard: null,
      relyingParty: { name: 'Latchkey', id: 'pay.example', origin: 'https://pay.example' },
      webhooksMayBePrivate: false,
      mainnet: null,
    });
  });

  describe('on a second network', () => {
    const mainnet = {
      MAINNET_STELLAR_RPC_URL: 'https://rpc.example',
      MAINNET_STELLAR_NETWORK_PASSPHRASE: 'The real one',
      MAINNET_WALLET_FACTORY_CONTRACT_ID: contractId,
      MAINNET_NATIVE_TOKEN_CONTRACT_ID: contractId,
      MAINNET_RECOVERY_CONTRACT_ID: contractId,
      MAINNET_OPEX_WALLET_SECRET_KEY: sponsorSecretKey,
      MAINNET_RECOVERY_WALLET_SECRET_KEY: guardianSecretKey,
      MAINNET_SETTLEMENT_USDC: `USDC:${issuer}`,
    };

    it('need all of its settings', () => {
      const { settlement } = readConfig({ ...complete, ...on, ...mainnet });
      expect(settlement!.mainnet).toMatchObject({
        rpcUrl: 'https://rpc.example',
        networkPassphrase: 'The real one',
        maxFeeStroops: 10_000_000n,
        usdc: { code: 'USDC', issuer },
      });
      for (const name of Object.keys(mainnet).slice(1))
        expect(() => readConfig({ ...complete, ...on, ...mainnet, [name]: '' })).toThrow(
          `${name} is missing`,
        );
    });

    it('are refused where it has the same passphrase, or where this one is the real one', () => {
      const same = { MAINNET_STELLAR_NETWORK_PASSPHRASE: complete.STELLAR_NETWORK_PASSPHRASE };
      expect(() => readConfig({ ...complete, ...on, ...mainnet, ...same })).toThrow('another one');
      const real = { LATCHKEY_NETWORK_NAME: 'mainnet' };
      expect(() => readConfig({ ...complete, ...on, ...mainnet, ...real })).toThrow(
        'MAINNET_STELLAR_RPC_URL',
      );
    });
  });

  it('take several versions of the key', () => {
    const { settlement } = readConfig({
      ...complete,
      ...on,
      SETTLEMENT_KEY_KEK: `1:${key(1)}, 12:${key(2)}`,
    });
    expect([...settlement!.kekByVersion.keys()]).toEqual([1, 12]);
  });

  it.each([
    ['SETTLEMENT_KEY_KEK', key(1)],
    ['SETTLEMENT_KEY_KEK', '1:c2hvcnQ='],
    ['SETTLEMENT_KEY_KEK', `0:${key(1)}`],
    ['SETTLEMENT_KEY_KEK', `1:${key(1)},1:${key(2)}`],
    ['SETTLEMENT_KEY_KEK', `1:${key(1)},two:${key(2)}`],
    ['SETTLEMENT_USDC', undefined],
    ['SETTLEMENT_USDC', issuer],
    ['SETTLEMENT_USDC', `USDC:${issuer.slice(0, -1)}A`],
    ['SETTLEMENT_USDC', `DOLLARSOFTHEUSA:${issuer}`],
    ['DASHBOARD_ORIGIN', undefined],
    ['DASHBOARD_ORIGIN', 'http://pay.example'],
    ['DASHBOARD_RP_ID', 'other.example'],
    ['LATCHKEY_NETWORK_NAME', 'futurenet'],
  ])('are refused with a line that names %s when it is %s', (name, value) => {
    const line = refusal({ ...on, [name]: value });
    expect(line).toMatch(new RegExp(`^${name} `));
    expect(line).not.toContain(key(1));
    expect(line).not.toContain('c2hvcnQ');
  });
});
