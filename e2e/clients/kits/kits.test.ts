// passkey-kit and smart-account-kit, as npm has them, against a relayer and an indexer of ours: their own classes submit, in
// both forms and on both ways (Channels' client with a key, the bare one without), and look up. smart-account-kit also
// makes a wallet of its own, of OpenZeppelin's contract, and pays from it. In a process of their own.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenCalls } from '@latchkey/sdk/chain';
import { HostFunction } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREATE, NEW_WALLET } from '../../../server/src/relayer/callPolicy.ts';
import { fundedKeypair, newApiKey, ownTransaction, postSubmission } from '../../apiKeyHolder.ts';
import { keyWallet, signedTransfer, unsignedCall } from '../../keyWallets.ts';
import { deploy, submit } from '../../submit.ts';
import { createWorld, type World } from '../../world.ts';
import { INSTALL_COMMAND, isInstalled, kits } from '../tools.ts';
import { bundleStory } from './bundle.ts';
import { type HttpsProxy, startHttpsProxy } from './httpsProxy.ts';

const wasm = (name: string) => readFileSync(new URL(`contracts/wasm/${name}.wasm`, import.meta.url));
const accountHash = createHash('sha256').update(wasm('account')).digest('hex');
const PAID_STROOPS = 125_000_000n;

async function tell(program: string, env: NodeJS.ProcessEnv): Promise<Map<string, unknown>> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [program], { env: { PATH, HOME, ...env } });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`the story ended with ${status} after\n${output}\n${errors}`);
  const lines = output.matchAll(/^(\w+): (.*)$/gm);
  return new Map([...lines].map(([, name, json]) => [name!, JSON.parse(json!)]));
}

const isMissing = !isInstalled(kits);
const title = isMissing ? `the wallet kits (brought by ${INSTALL_COMMAND})` : 'the wallet kits';
// With CI set they are not left out.
describe.skipIf(isMissing && !process.env.CI)(title, () => {
  let world: World;
  let proxy: HttpsProxy;
  let folder: string;
  let facts: Map<string, unknown>;
  let credential: string;
  let ourWallet: string;
  let shop: string;
  let had: bigint;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-kits-'));
    world = await createWorld({ env: { KNOWN_WALLET_HASHES: accountHash } });
    const { nativeTokenId: token, factoryId, networkPassphrase, rpcUrl } = world.server.services.config;
    proxy = await startHttpsProxy(rpcUrl, folder);
    const verifier = await deploy(world, wasm('verifier'));
    await submit(world, HostFunction.hostFunctionTypeUploadContractWasm(wasm('account')));

    const allowed = [
      { contract: token, functions: ['transfer'] },
      { contract: factoryId, functions: ['deploy'] },
      { contract: NEW_WALLET, functions: [CREATE] },
    ];
    await newApiKey(world, { allowed, isPublic: true });
    const { secret } = await newApiKey(world);
    const ana = world.person('ana@example.org');
    ourWallet = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
    credential = Buffer.from(ana.authenticator.credentials[0]!.id, 'base64url').toString('hex');
    shop = await world.account();
    const payer = await keyWallet(world.rpc, factoryId);
    expect((await postSubmission(world, secret, unsignedCall(payer.deploy))).body.status).toBe('confirmed');
    await world.net!.fund(payer.address);
    const expiresAtLedger = (await world.rpc.call('getLatestLedger')).sequence + 1_000;
    const call = () =>
      signedTransfer(payer, { token, to: shop, amount: 1n }, { networkPassphrase, expiresAtLedger });
    const own = async (validForSeconds: bigint) => {
      const keypair = await fundedKeypair(world);
      const hostFunction = tokenCalls.transfer(token, keypair.publicKey(), shop, 1n);
      return (await ownTransaction(world, { keypair, hostFunction, validForSeconds })).xdr;
    };
    while ((await fetch(`${world.server.url}/api/wallet/${ourWallet}`)).status !== 200)
      await world.server.services.indexer.catchUp();
    had = await world.balanceStroops(shop);
    facts = await tell(await bundleStory(kits.folder, folder), {
      NODE_EXTRA_CA_CERTS: proxy.certificateFile,
      RPC_URL: proxy.url,
      LATCHKEY_URL: world.server.url,
      API_KEY: secret,
      NETWORK_PASSPHRASE: networkPassphrase,
      FRIENDBOT_URL: (await world.rpc.call('getNetwork')).friendbotUrl,
      ACCOUNT_WASM_HASH: accountHash,
      VERIFIER: verifier,
      TOKEN: token,
      SHOP: shop,
      OUR_WALLET: ourWallet,
      OUR_CREDENTIAL: credential,
      SIGNED: JSON.stringify({
        bare: await call(),
        bareXdr: await own(120n),
        managed: await call(),
        managedXdr: await own(120n),
        lateXdr: await own(-5n),
      }),
    });
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await world?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const onChain = async (fact: string) => {
    const { status } = await world.rpc.call('getTransaction', { hash: String(facts.get(fact)) });
    return status;
  };

  it('smart-account-kit creates a wallet of its own contract', async () => {
    expect(facts.get('kitDeployed')).toEqual([true, null]);
    expect(await onChain('kitDeployedHash')).toBe('SUCCESS');
    expect(facts.get('kitConnects')).toBe(facts.get('kitWallet'));
  });

  it('smart-account-kit pays from that wallet with a passkey', async () => {
    expect(facts.get('kitTransfer')).toEqual([true, null]);
    expect(await onChain('kitTransferHash')).toBe('SUCCESS');
    expect(await world.balanceStroops(shop)).toBe(had + PAID_STROOPS + 4n);
  });

  it("smart-account-kit's indexer client finds a wallet of ours by its passkey", () => {
    expect(facts.get('isHealthy')).toBe(true);
    const summary = {
      contract_id: ourWallet,
      context_rule_count: 1,
      external_signer_count: 1,
      delegated_signer_count: 0,
      native_signer_count: 0,
      context_rule_ids: [0],
    };
    expect(facts.get('byCredential')).toMatchObject([credential, 1, [summary]]);
    expect(facts.get('discovered')).toBe(1);
    expect(facts.get('byAddress')).toEqual([shop, 0, []]);
    expect(facts.get('details')).toMatchObject({
      contractId: ourWallet,
      summary,
      contextRules: [
        {
          context_rule_id: 0,
          signers: [{ signer_type: 'External', credential_id: credential }],
          policies: [],
        },
      ],
    });
    expect(facts.get('noDetails')).toBeNull();
    expect(facts.get('stats')).toEqual([2, 1, true, true]);
  });

  it("smart-account-kit's relayer client submits both forms, and knows why one is refused", () => {
    expect(facts.get('bareSend')).toEqual([true, 'confirmed', 'string', 'string']);
    expect(facts.get('bareSendXdr')).toEqual([true, 'confirmed']);
    expect(facts.get('bareRefused')).toEqual([false, 'SIMULATION_FAILED']);
    expect(facts.get('bareLate')).toEqual([false, 'INVALID_TIME_BOUNDS']);
  });

  it("passkey-kit's server submits both forms with a key, and knows why one is refused", () => {
    expect(facts.get('managedXdr')).toEqual(['confirmed', 'string', 'string']);
    expect(facts.get('managedCall')).toEqual(['confirmed', 'string']);
    expect(facts.get('managedRefused')).toEqual(['PluginExecutionError', 'SIMULATION_FAILED', true]);
    expect(facts.get('managedLate')).toEqual(['PluginExecutionError', 'INVALID_TIME_BOUNDS', true]);
    expect(facts.get('managedStranger')).toEqual(['PluginExecutionError', 'UNAUTHORIZED', true]);
  });
});
