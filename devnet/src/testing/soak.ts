// Attacks a network in this process for some rounds and prints what memory it holds after each, as JSON. Run with
// --expose-gc. What it sends is applied to a snapshot, so that history does not grow by right.

import { serveDevnet } from '../index.ts';
import { hostileTransactions } from './hostileTransactions.ts';
import { openTestNetwork } from './testNetwork.ts';

const ROUNDS = 5;
const BATCH_CALLS = 1_000;
const MEGABYTE = 1024 * 1024;

const network = await openTestNetwork();
const alice = await network.account();
const served = await serveDevnet(network.net, { port: 0 });
const transactions = await hostileTransactions(network, alice);
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {});

async function post(body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await (await fetch(served.rpcUrl, { method: 'POST', headers, body })).arrayBuffer();
}

const call = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });

async function attack(): Promise<void> {
  const before = network.net.snapshot();
  for (const transaction of transactions.values()) {
    for (const method of ['sendTransaction', 'simulateTransaction']) {
      await post(JSON.stringify(call(method, { transaction })));
    }
  }
  await post(JSON.stringify(call('getLedgerEntries', { keys: Array(10_000).fill('AAAAAAAA') })));
  await post(
    JSON.stringify(Array(BATCH_CALLS).fill(call('getLedgers', { startLedger: 2, pagination: { limit: 1 } }))),
  );
  await post('['.repeat(250_000));
  await post('x'.repeat(600 * 1024)).catch(() => {});
  network.net.revert(before);
}

const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  await attack();
  for (let time = 0; time < 3; time++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collectGarbage();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  rounds.push({ heapMb: (heapUsed + external) / MEGABYTE, rssMb: rss / MEGABYTE });
}
await served.close();
await network.net.close();
process.stdout.write(JSON.stringify(rounds));
