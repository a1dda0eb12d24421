// What a developer's machine lacks on first start is made here and kept in a folder of its own: secrets, the embedded
// network with its state, accounts funded by friendbot, contracts deployed. Settings that are given are left alone;
// with STELLAR_RPC_URL set, no network is embedded and that one is used. Never runs in production.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRpc, ledgerEntryExists, type Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { LedgerKey, LedgerKeyAccount } from '@stellar/stellar-sdk/xdr';
import { type Environment, readRotationDelaySeconds } from '../config.ts';
import { type Deployment, deployContracts } from '../deployment/deployContracts.ts';
import { createSponsor } from '../relayer/sponsor.ts';

const DEVNET_PORT = 8000;
const LEDGER_CLOSE_MS = 5_000;
const DASHBOARD_ORIGIN = 'http://localhost:5174';
const FRIENDBOT_TIMEOUT_MS = 15_000;

export type Development = {
  env: Environment;
  network: { rpcUrl: string; embedded: boolean };
  close(): Promise<void>;
};

type Secrets = {
  sponsorSecretKey: string;
  guardianSecretKey: string;
  jwtSecret: string;
  keyEncryptionKey: string;
  settlementKek: string;
};

async function keptSecrets(dir: string): Promise<Secrets> {
  const file = join(dir, 'secrets.json');
  const kept = await readFile(file, 'utf8').catch(() => null);
  const before: Partial<Secrets> = kept ? JSON.parse(kept) : {};
  if (before.settlementKek) return before as Secrets;
  const secrets: Secrets = {
    sponsorSecretKey: Keypair.random().secret(),
    guardianSecretKey: Keypair.random().secret(),
    jwtSecret: randomBytes(32).toString('base64url'),
    keyEncryptionKey: randomBytes(32).toString('base64'),
    settlementKek: `1:${randomBytes(32).toString('base64')}`,
    ...before,
  };
  await writeFile(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}

async function fund(rpc: Rpc, address: string): Promise<void> {
  const { friendbotUrl } = await rpc.call('getNetwork');
  if (!friendbotUrl) throw new Error(`The network has no friendbot: fund ${address} and start again.`);
  const url = new URL(friendbotUrl);
  url.searchParams.set('addr', address);
  const response = await fetch(url, { signal: AbortSignal.timeout(FRIENDBOT_TIMEOUT_MS) });
  // 400 is friendbot's answer for an account that has its money already.
  if (!response.ok && response.status !== 400) throw new Error(`friendbot answered ${response.status}`);
}

async function embeddedNetwork(dir: string, port: number, passphrase: string | undefined) {
  const { createDevnet, serveDevnet } = await import('@latchkey/devnet');
  const statePath = join(dir, 'devnet');
  const net = await createDevnet({ statePath, usdc: true, ...(passphrase ? { passphrase } : {}) });
  const served = await serveDevnet(net, { port, closeIntervalMs: LEDGER_CLOSE_MS });
  return {
    rpcUrl: served.rpcUrl,
    embedded: true,
    usdc: `USDC:${net.usdc!.issuer.publicKey}`,
    close: async () => {
      await served.close();
      await net.close();
    },
  };
}

async function accountExists(rpc: Rpc, address: string): Promise<boolean> {
  const accountId = Keypair.fromPublicKey(address).xdrAccountId();
  return ledgerEntryExists(rpc, LedgerKey.account(new LedgerKeyAccount({ accountId })));
}

/** The contracts' ids: those that are given, or else those of a deployment. */
async function developmentContracts(
  env: Environment,
  delaySeconds: bigint,
  deploy: () => Promise<Deployment>,
): Promise<Environment> {
  const areGiven =
    env.WALLET_FACTORY_CONTRACT_ID &&
    env.NATIVE_TOKEN_CONTRACT_ID &&
    (delaySeconds === 0n || env.RECOVERY_CONTRACT_ID);
  if (areGiven) return {};
  const { factoryId, nativeTokenId, recoveryContractId } = await deploy();
  return {
    WALLET_FACTORY_CONTRACT_ID: factoryId,
    NATIVE_TOKEN_CONTRACT_ID: nativeTokenId,
    ...(recoveryContractId === null ? {} : { RECOVERY_CONTRACT_ID: recoveryContractId }),
  };
}

/** Settlement wallets are on where the network's USDC is known: the embedded one's, or one that is given. */
function settlementSettings(
  usdc: string | null,
  { settlementKek }: Secrets,
  dashboardOrigin = DASHBOARD_ORIGIN,
): Environment {
  if (usdc === null) return {};
  return {
    SETTLEMENT_KEY_KEK: settlementKek,
    SETTLEMENT_USDC: usdc,
    DASHBOARD_ORIGIN: dashboardOrigin,
    SETTLEMENT_PRIVATE_WEBHOOKS: '1',
  };
}

/** @param onStep told in a few words what is being made */
export async function prepareDevelopment(options: {
  dir: string;
  env: Environment;
  devnetPort?: number;
  webOrigin: string;
  dashboardOrigin?: string;
  onStep?: (text: string) => void;
}): Promise<Development> {
  const { dir, env } = options;
  const onStep = options.onStep ?? (() => {});
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const secrets = await keptSecrets(dir);

  const network = env.STELLAR_RPC_URL
    ? { rpcUrl: env.STELLAR_RPC_URL, embedded: false, usdc: null, close: async () => {} }
    : await embeddedNetwork(dir, options.devnetPort ?? DEVNET_PORT, env.STELLAR_NETWORK_PASSPHRASE);
  const { rpcUrl, close } = network;

  try {
    const rpc = createRpc(rpcUrl);
    const { passphrase } = await rpc.call('getNetwork');
    const sponsorSecretKey = env.OPEX_WALLET_SECRET_KEY ?? secrets.sponsorSecretKey;
    const sponsor = createSponsor(rpc, sponsorSecretKey, env.STELLAR_NETWORK_PASSPHRASE ?? passphrase);
    const guardianSecretKey = env.RECOVERY_WALLET_SECRET_KEY ?? secrets.guardianSecretKey;
    const guardianAddress = Keypair.fromSecret(guardianSecretKey).publicKey();
    if (!(await accountExists(rpc, sponsor.address))) {
      onStep('funding the sponsor account');
      await fund(rpc, sponsor.address);
    }
    // The host verifies an account's signature against the signers it has on the ledger: it has to exist there.
    if (!(await accountExists(rpc, guardianAddress))) {
      onStep('funding the guardian account');
      await fund(rpc, guardianAddress);
    }
    const rotationDelay = env.RECOVERY_DELAY_SECONDS?.trim() || '0';
    const delaySeconds = readRotationDelaySeconds({ RECOVERY_DELAY_SECONDS: rotationDelay });
    const contracts = await developmentContracts(env, delaySeconds, () =>
      deployContracts({
        rpc,
        sponsor,
        recovery: delaySeconds === 0n ? null : { guardian: guardianAddress, delaySeconds },
        onStep,
      }),
    );
    return {
      network: { rpcUrl, embedded: network.embedded },
      close,
      env: {
        WEBAUTHN_RP_NAME: 'Latchkey',
        WEBAUTHN_RP_ORIGIN: options.webOrigin,
        STELLAR_NETWORK_PASSPHRASE: passphrase,
        RECOVERY_DELAY_SECONDS: rotationDelay,
        JWT_SECRET: secrets.jwtSecret,
        KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
        OPEX_WALLET_SECRET_KEY: secrets.sponsorSecretKey,
        RECOVERY_WALLET_SECRET_KEY: secrets.guardianSecretKey,
        ...contracts,
        ...settlementSettings(env.SETTLEMENT_USDC ?? network.usdc, secrets, options.dashboardOrigin),
        ...(env.TURSO_DATABASE_URL ? {} : { DATABASE_URL: pathToFileURL(join(dir, 'latchkey.db')).href }),
        ...(env.SMTP_URL ? {} : { LATCHKEY_DEV_INBOX: '1' }),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'warn',
        ...env,
        STELLAR_RPC_URL: rpcUrl,
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
