// What the relayer's figures are measured on: a network with mainnet's limits, a server on it, each in its process, and
// wallets whose keys are here, so that neither the Soroban host nor the callers count as the server. The database is a
// libSQL file, as in the smallest installation.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SubmissionBody } from '@latchkey/sdk/api';
import { createRpc, type Rpc } from '@latchkey/sdk/chain';
import {
  type KeyWallet,
  keyWallet,
  type Relayed,
  signedTransfer,
  unsignedCall,
} from '../../e2e/keyWallets.ts';
import { createApiKey } from '../../server/src/db/apiKeys.ts';
import { openDatabase } from '../../server/src/db/database.ts';
import { prepareDevelopment } from '../../server/src/development/prepare.ts';
import { RECIPIENT } from '../participants.ts';
import { startDevnet } from '../processes.ts';
import { type ServerProcess, startServer } from '../serverProcess.ts';

const WALLETS = 50;
/** A key may have 500 submissions waiting, so one would do; the sum of a key's fees has no bound here. */
const STROOPS_PER_DAY = 10n ** 15n;
const MANY = 1_000_000_000;
const MAX_FEE_STROOPS = 10_000_000n;
const APPROVAL_LEDGERS = 500;
const WAIT_SECONDS = 60;

export type Service = {
  rpc: Rpc;
  server: ServerProcess;
  /** Signed transfers of the wallets in turn, to be posted. */
  transfers(count: number): Promise<Relayed[]>;
  /** Posts and waits until it is confirmed. @throws Error for any other outcome */
  confirmed(body: Relayed): Promise<SubmissionBody & { hash: string; ledger: number }>;
  /** From now on ledgers close when there is something to do, or by the clock. */
  closeLedgers(everySeconds: number | 'at once'): Promise<void>;
  stop(): Promise<void>;
};

export async function startService(channels: number): Promise<Service> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const network = await startDevnet();
  let server: ServerProcess | null = null;
  const stop = async () => {
    await server?.stop();
    await network.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const { env } = await prepareDevelopment({
      dir,
      webOrigin: 'http://localhost:5173',
      env: {
        STELLAR_RPC_URL: network.rpcUrl,
        PORT: '0',
        LOG_LEVEL: 'info',
        REQUESTS_PER_MINUTE: '1000000',
        RELAYER_CHANNELS: String(channels),
      },
    });
    const factory = env.WALLET_FACTORY_CONTRACT_ID!;
    const token = env.NATIVE_TOKEN_CONTRACT_ID!;
    const networkPassphrase = env.STELLAR_NETWORK_PASSPHRASE!;
    const secret = await apiKey(env.DATABASE_URL!, [
      { contract: token, functions: ['transfer'] },
      { contract: factory, functions: ['deploy'] },
    ]);
    server = await startServer(env);
    const { url } = server;
    const rpc = createRpc(network.rpcUrl);

    const confirmed: Service['confirmed'] = async (body) => {
      const reply = await fetch(`${url}/v1/submissions?wait=${WAIT_SECONDS}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify(body),
      });
      const answer = (await reply.json()) as SubmissionBody;
      const { hash, ledger } = answer;
      if (answer.status !== 'confirmed' || hash === null || ledger === null)
        throw new Error(`a submission: ${JSON.stringify(answer)}`);
      return { ...answer, hash, ledger };
    };

    const { friendbotUrl } = await rpc.call('getNetwork');
    const newWallet = async (): Promise<KeyWallet> => {
      const wallet = await keyWallet(rpc, factory);
      await confirmed(unsignedCall(wallet.deploy));
      const funded = await fetch(`${friendbotUrl}?addr=${wallet.address}`);
      if (!funded.ok) throw new Error(`friendbot answered ${funded.status}`);
      return wallet;
    };
    const wallets = await Promise.all(Array.from({ length: WALLETS }, newWallet));
    return {
      rpc,
      server,
      confirmed,
      stop,
      async transfers(count) {
        const { sequence } = await rpc.call('getLatestLedger');
        const on = { networkPassphrase, expiresAtLedger: sequence + APPROVAL_LEDGERS };
        const made: Relayed[] = [];
        for (let index = 0; index < count; index++)
          made.push(
            await signedTransfer(wallets[index % WALLETS]!, { token, to: RECIPIENT, amount: 1n }, on),
          );
        return made;
      },
      async closeLedgers(every) {
        const params =
          every === 'at once' ? { mode: 'instant' } : { mode: 'interval', intervalSeconds: every };
        await rpc.call('devnet_setMineMode' as never, params as never);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function apiKey(
  databaseUrl: string,
  allowed: { contract: string; functions: string[] }[],
): Promise<string> {
  const db = await openDatabase(databaseUrl);
  try {
    const { secret } = await createApiKey(
      db,
      {
        name: 'bench',
        allowed,
        maxFeeStroops: MAX_FEE_STROOPS,
        submissionsPerDay: MANY,
        stroopsPerDay: STROOPS_PER_DAY,
        walletSubmissionsPerDay: MANY,
        mayRestore: false,
        isPublic: false,
      },
      Date.now(),
    );
    return secret;
  } finally {
    await db.destroy();
  }
}
