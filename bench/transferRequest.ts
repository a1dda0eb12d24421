// CPU time of the server for one transfer, options and POST together, in a process of its own: the network runs in
// another, so that neither the Soroban host nor this client is counted. Medians after a warm-up. The share of WebAuthn
// is `verifyAssertion` over the same assertions in the same process, and the reference is the bare verification of
// their P-256 signatures by node:crypto.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64Url } from '@latchkey/sdk/chain';
import { postTransfer, transferOptions } from '../e2e/api.ts';
import { prepareDevelopment } from '../server/src/development/prepare.ts';
import { type Figure, median, type Progress } from './figure.ts';
import type { Ask, Signed, Told } from './measuredServer.ts';
import { bareEnvironment, startDevnet } from './processes.ts';
import { walletAndShop } from './walletAndShop.ts';

const WARM_UP = 40;
const MEASURED = 100;
const ORIGIN = 'http://localhost:5173';

type Member<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

async function heard<Kind extends Told['kind']>(child: ChildProcess, kind: Kind): Promise<Member<Kind>> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = async (): Promise<Told[]> => {
    const [code] = await once(child, 'exit', { signal });
    return [{ kind: 'failed', message: `the server ended with ${code}` }];
  };
  try {
    const [told] = (await Promise.race([once(child, 'message', { signal }), ended()])) as [Told];
    if (told.kind === 'failed') throw new Error(told.message);
    if (told.kind !== kind) throw new Error(`the server said "${told.kind}" for "${kind}"`);
    return told as Member<Kind>;
  } finally {
    answered.abort();
  }
}

function ask<Kind extends Told['kind']>(
  child: ChildProcess,
  question: Ask,
  kind: Kind,
): Promise<Member<Kind>> {
  const answer = heard(child, kind);
  child.send(question);
  return answer;
}

async function measure(child: ChildProcess, rpcUrl: string, progress: Progress): Promise<Figure[]> {
  const { url } = await heard(child, 'listening');
  const usage = async () => (await ask(child, { kind: 'usage' }, 'usage')).cpuMs;
  const { authenticator, walletAddress, shop } = await walletAndShop({ apiUrl: url, origin: ORIGIN, rpcUrl });
  const world = { server: { url } } as Parameters<typeof postTransfer>[0];
  const wanted = { fromWalletAddress: walletAddress, toWalletAddress: shop, amount: '1.5' };
  const signed: Signed[] = [];

  async function transfer(): Promise<number> {
    const before = await usage();
    const options = await transferOptions(world, wanted);
    if (options.status !== 200) throw new Error(`transfer-options: ${JSON.stringify(options.body)}`);
    const { options_json } = options.body;
    const response = await authenticator.authenticate(options_json);
    const { body } = await postTransfer(world, { ...wanted, authenticationResponseJSON: response });
    const used = (await usage()) - before;
    if (body.status !== 'confirmed') throw new Error(`a transfer: ${JSON.stringify(body)}`);
    const { publicKey } = authenticator.credentials.find((it) => it.id === response.id)!;
    signed.push({ challenge: options_json.challenge, response, publicKey: bytesToBase64Url(publicKey) });
    return used;
  }

  for (let count = 0; count < WARM_UP; count++) await transfer();
  progress(`transferRequest: ${MEASURED} transfers, after ${WARM_UP} to warm up`);
  const used: number[] = [];
  for (let count = 0; count < MEASURED; count++) used.push(await transfer());
  const { assertionMs, p256Ms } = await ask(child, { kind: 'verify', signed }, 'verified');
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
  let child: ChildProcess | null = null;
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
    child = fork(new URL('measuredServer.ts', import.meta.url), {
      env: { ...bareEnvironment(), ...development.env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return await measure(child, network.rpcUrl, progress);
  } finally {
    if (child?.connected) {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
    await network.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
