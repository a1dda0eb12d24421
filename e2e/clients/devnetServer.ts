// A network of its own for one client, served on a free port, and what every story is told with: the same two accounts
// and the same contract, so that ids and hashes are the same for every client.
import { fileURLToPath } from 'node:url';
import { createDevnet, serveDevnet } from '@latchkey/devnet';
import { Keypair } from '@stellar/stellar-sdk';

export const alice = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
export const bob = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 2));

export function wasmPath(name: string): string {
  return fileURLToPath(new URL(`../../contracts/wasm/${name}.wasm`, import.meta.url));
}

export type DevnetServer = Awaited<ReturnType<typeof openDevnetServer>>;

export async function openDevnetServer() {
  const net = await createDevnet();
  const server = await serveDevnet(net, { port: 0 });
  return {
    net,
    rpcUrl: server.rpcUrl,
    async close() {
      await server.close();
      await net.close();
    },
  };
}
