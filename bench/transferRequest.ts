// CPU time of the server for one transfer, options and POST together, in a process of its own: the network runs in
// another, so that neither the Soroban host nor this client is counted. Medians after a warm-up. The share of WebAuthn
// is `verifyAssertion` over the same assertions in the same process, and the reference is the bare verification of
// their P-256 signatures by node:crypto.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64Url } from '@latchkey/sdk/chain';
import { postTransfer, transferOptions } from '../e2e/api.ts';
import { prepareDevelopment } from '../server/src/development/prepare.ts';
import { type Figure, median, type Progress } from './figure.ts';
import type { Signed } from './measuredServer.ts';
import { startDevnet } from './processes.ts';
import { type ServerProcess, startServer } from './serverProcess.ts';
import { walletAndShop } from './walletAndShop.ts';

const WARM_UP = 40;
const MEASURED = 100;
const ORIGIN = 'http://localhost:5173';

async function measure(server: ServerProcess, rpcUrl: string, progress: Progress): Promise<Figure[]> {
  const { url } = server;
  const { authenticator, walletAddress, shop } = await walletAndShop({ apiUrl: url, origin: ORIGIN, rpcUrl });
  const world = { server: { url } } as Parameters<typeof postTransfer>[0];
  const wanted = { fromWalletAddress: walletAddress, toWalletAddress: shop, amount: '1.5' };
  const signed: Signed[] = [];

  async function transfer(): Promise<number> {
    const before = await server.cpuMs();
    const options = await transferOptions(world, wanted);
    if (options.status !== 200) throw new Error(`transfer-options: ${JSON.stringify(options.body)}`);
    const { options_json } = options.body;
    const response = await authenticator.authenticate(options_json);
    const { body } = await postTransfer(world, { ...wanted, authenticationResponseJSON: response });
    const used = (await server.cpuMs()) - before;
    if (body.status !== 'confirmed') throw new Error(`a transfer: ${JSON.stringify(body)}`);
    const { publicKey } = authenticator.credentials.find((it) => it.id === response.id)!;
    signed.push({ challenge: options_json.challenge, response, publicKey: bytesToBase64Url(publicKey) });
    return used;
  }

  for (let count = 0; count < WARM_UP; count++) await transfer();
  progress(`transferRequest: ${MEASURED} transfers, after ${WARM_UP} to warm up`);
  const used: number[] = [];
  for (let count = 0; count < MEASURED; count++) used.push(await transfer());
  const { assertionMs, p256Ms } = await server.ask({ kind: 'verify', signed }, 'verified');
  const [cpuMs, webauthnMs, p256VerifyMs] = [used, assertionMs.slice(WARM_UP), p256Ms.slice(WARM_UP)].map(
    median,
  ) as [number, number, number];
  return [
    { key: 'transferRequest.cpuMs', value: cpuMs },
    { key: 'transferRequest.webauthnMs', value: webauthnMs },
    { key: 'transferRequest.webauthnShare', value: webauthnMs / cpuMs },
    { key: 'transferRequest.p256VerifyMs', value: p256VerifyMs },
    { key: 'transferRequest.overP256Verify', value: cpuMs / p256VerifyMs },
  ];
}

export async function transferRequest(progress: Progress): Promise<Figure[]> {
  progress('transferRequest: starting a network and a server, each in its process');
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const network = await startDevnet();
  let server: ServerProcess | null = null;
  try {
    const development = await prepareDevelopment({
      dir,
      webOrigin: ORIGIN,
      env: {
        STELLAR_RPC_URL: network.rpcUrl,
        PORT: '0',
        LOG_LEVEL: 'info',
        REQUESTS_PER_MINUTE: '1000000',
      },
    });
    server = await startServer(development.env);
    return await measure(server, network.rpcUrl, progress);
  } finally {
    await server?.stop();
    await network.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
