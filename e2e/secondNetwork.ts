// Another network with contracts, a sponsor and a test USDC of its own, and the settings that make it the real one of a
// server that is on the embedded network.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevnet, type Devnet, serveDevnet } from '@latchkey/devnet';
import { createRpc, type Rpc, tokenCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { Environment } from '../server/src/config.ts';
import { prepareDevelopment } from '../server/src/development/prepare.ts';
import { type Usdc, usdcOf } from '../server/src/settlement/network.ts';
import { submit } from './submit.ts';
import { origin, type World } from './world.ts';

export type SecondNetwork = {
  net: Devnet;
  rpc: Rpc;
  usdc: Usdc;
  env: Environment;
  /** Somebody pays to any address there. */
  pay(world: World, to: string, amount: bigint): Promise<void>;
  close(): Promise<void>;
};

export async function openSecondNetwork(passphrase: string): Promise<SecondNetwork> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-second-'));
  const net = await createDevnet({ passphrase, usdc: true, accounts: 1 });
  const served = await serveDevnet(net, { port: 0 });
  const asset = { code: net.usdc!.code, issuer: net.usdc!.issuer.publicKey };
  const { env, close } = await prepareDevelopment({
    dir,
    webOrigin: origin,
    env: { STELLAR_RPC_URL: served.rpcUrl },
  });
  const rpc = createRpc(served.rpcUrl);
  const usdc = usdcOf(asset, passphrase);
  const payer = Keypair.fromSecret(net.accounts[0]!.secretKey);
  return {
    net,
    rpc,
    usdc,
    env: {
      MAINNET_STELLAR_RPC_URL: served.rpcUrl,
      MAINNET_STELLAR_NETWORK_PASSPHRASE: passphrase,
      MAINNET_WALLET_FACTORY_CONTRACT_ID: env.WALLET_FACTORY_CONTRACT_ID,
      MAINNET_NATIVE_TOKEN_CONTRACT_ID: env.NATIVE_TOKEN_CONTRACT_ID,
      MAINNET_OPEX_WALLET_SECRET_KEY: env.OPEX_WALLET_SECRET_KEY,
      MAINNET_RECOVERY_WALLET_SECRET_KEY: env.RECOVERY_WALLET_SECRET_KEY,
      MAINNET_SETTLEMENT_USDC: `${asset.code}:${asset.issuer}`,
    },
    async pay(world, to, amount) {
      const call = tokenCalls.transfer(usdc.contractId, payer.publicKey(), to, amount);
      await submit({ ...world, rpc }, call, undefined, payer);
    },
    async close() {
      await close();
      await served.close();
      await net.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
