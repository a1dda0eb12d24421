// Settings of merchants' settlement wallets. They are off as a whole while SETTLEMENT_KEY_KEK is missing; with it, what is
// missing or malformed stops the start with one line that names it, and never repeats a key. Whether a key is the right
// one is found out when the database is open (settlement/localKek.ts).
import { StrKey } from '@stellar/stellar-sdk/base';
import type { ConfigReader } from './config.ts';
import type { NetworkName } from './db/settlementTables.ts';

/** What it takes to sign for merchants' managed accounts. */
export type SettlementKeys = {
  /** key encryption keys, 32 bytes each, by version; the highest one seals */
  kekByVersion: ReadonlyMap<number, Uint8Array>;
  /** what this server's network is called for merchants */
  networkName: NetworkName;
};

export type SettlementConfig = SettlementKeys & {
  usdc: { code: string; issuer: string };
  /** merchants that may sign up within 24 hours */
  signUpsPerDay: number;
  /** of the dashboard, where merchants' passkeys belong */
  relyingParty: { name: string; id: string; origin: string };
  /** the built dashboard, served on a port of its own beside the API; null where something else serves it */
  dashboard: { dir: string; port: number } | null;
  /** merchants' webhooks may go to this machine and to private networks; development only */
  webhooksMayBePrivate: boolean;
  /** the real network beside the server's own, for merchants who are moved there; null without one */
  mainnet: OtherNetworkConfig | null;
};

export type OtherNetworkConfig = {
  rpcUrl: string;
  networkPassphrase: string;
  factoryId: string;
  nativeTokenId: string;
  recoveryContractId: string | null;
  sponsorSecretKey: string;
  guardianSecretKey: string;
  usdc: { code: string; issuer: string };
  maxFeeStroops: bigint;
};

/** What the server's own network is like. */
type OwnNetwork = { networkPassphrase: string; rotationDelaySeconds: bigint; maxFeeStroops: bigint };

const DEFAULT_DASHBOARD_PORT = 3001n;
const DEFAULT_SIGN_UPS_PER_DAY = 1_000n;
const KEK = /^([1-9]\d{0,8}):([A-Za-z0-9+/]{43}=)$/;
const ASSET = /^([a-zA-Z0-9]{1,12}):(G[A-Z2-7]{55})$/;

function readKeks(read: ConfigReader): Map<number, Uint8Array> {
  const expected = '32 bytes in base64 after a version, such as 1:…; several with commas between';
  const keks = new Map<number, Uint8Array>();
  for (const entry of read.list('SETTLEMENT_KEY_KEK', (it) => KEK.test(it), expected)) {
    const [, version, key] = KEK.exec(entry)!;
    read.check('SETTLEMENT_KEY_KEK', !keks.has(Number(version)), 'a list that names each version once');
    keks.set(Number(version), new Uint8Array(Buffer.from(key!, 'base64')));
  }
  read.check('SETTLEMENT_KEY_KEK', keks.size > 0, expected);
  return keks;
}

function readAsset(read: ConfigReader, name: string): { code: string; issuer: string } {
  const [, code, issuer] = ASSET.exec(read.text(name)) ?? [];
  const isAsset = code !== undefined && issuer !== undefined && StrKey.isValidEd25519PublicKey(issuer);
  read.check(name, isAsset, "an asset, CODE:G… with its issuer's address");
  return { code: code!, issuer: issuer! };
}

/** Null while MAINNET_STELLAR_RPC_URL is missing: then there is no other network, and no other of these settings counts. */
function readMainnet(
  read: ConfigReader,
  networkName: NetworkName,
  own: OwnNetwork,
): OtherNetworkConfig | null {
  if (!read.optional('MAINNET_STELLAR_RPC_URL')) return null;
  read.check('MAINNET_STELLAR_RPC_URL', networkName === 'testnet', 'left out where this network is mainnet');
  const networkPassphrase = read.text('MAINNET_STELLAR_NETWORK_PASSPHRASE');
  read.check(
    'MAINNET_STELLAR_NETWORK_PASSPHRASE',
    networkPassphrase !== own.networkPassphrase,
    'another one than STELLAR_NETWORK_PASSPHRASE',
  );
  return {
    rpcUrl: read.url('MAINNET_STELLAR_RPC_URL'),
    networkPassphrase,
    factoryId: read.contract('MAINNET_WALLET_FACTORY_CONTRACT_ID'),
    nativeTokenId: read.contract('MAINNET_NATIVE_TOKEN_CONTRACT_ID'),
    recoveryContractId:
      own.rotationDelaySeconds === 0n ? null : read.contract('MAINNET_RECOVERY_CONTRACT_ID'),
    sponsorSecretKey: read.secretKey('MAINNET_OPEX_WALLET_SECRET_KEY'),
    guardianSecretKey: read.secretKey('MAINNET_RECOVERY_WALLET_SECRET_KEY'),
    usdc: readAsset(read, 'MAINNET_SETTLEMENT_USDC'),
    maxFeeStroops: read.integer('MAINNET_STELLAR_MAX_FEE', own.maxFeeStroops, 100n, 4_294_967_295n),
  };
}

/** Null while settlement wallets are off. @throws ConfigError */
export function readSettlementKeys(read: ConfigReader): SettlementKeys | null {
  if (!read.optional('SETTLEMENT_KEY_KEK')) return null;
  const networkName = read.oneOf('LATCHKEY_NETWORK_NAME', ['testnet', 'mainnet'], 'testnet') as NetworkName;
  return { kekByVersion: readKeks(read), networkName };
}

/** Null while settlement wallets are off. @throws ConfigError */
export function readSettlementConfig(
  read: ConfigReader,
  relyingPartyName: string,
  own: OwnNetwork,
): SettlementConfig | null {
  const keys = readSettlementKeys(read);
  if (keys === null) return null;
  const origin = read.origin('DASHBOARD_ORIGIN');
  const { hostname } = new URL(origin);
  const id = read.optional('DASHBOARD_RP_ID') ?? hostname;
  read.check(
    'DASHBOARD_RP_ID',
    id === hostname || hostname.endsWith(`.${id}`),
    'the host of DASHBOARD_ORIGIN or a parent domain of it',
  );
  const dir = read.optional('DASHBOARD_DIR');
  const port = Number(read.integer('DASHBOARD_PORT', DEFAULT_DASHBOARD_PORT, 0n, 65535n));
  return {
    ...keys,
    usdc: readAsset(read, 'SETTLEMENT_USDC'),
    signUpsPerDay: Number(
      read.integer('SETTLEMENT_SIGN_UPS_PER_DAY', DEFAULT_SIGN_UPS_PER_DAY, 0n, 1_000_000n),
    ),
    relyingParty: { name: relyingPartyName, id, origin },
    dashboard: dir === null ? null : { dir, port },
    webhooksMayBePrivate: read.optional('SETTLEMENT_PRIVATE_WEBHOOKS') === '1',
    mainnet: readMainnet(read, keys.networkName, own),
  };
}
