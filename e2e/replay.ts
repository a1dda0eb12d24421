// A recording of what was done to a network, and doing it again: the same transactions at the same times. What a network
// answers is not recorded, only what its ledgers came to.
import { createDevnet, type Devnet } from '@latchkey/devnet';

type Step =
  | { kind: 'fund'; address: string }
  | { kind: 'send'; transaction: string }
  | { kind: 'warp'; seconds: number };
export type Recording = { startSeconds: number; steps: Step[] };

async function headerHash(net: Devnet): Promise<string> {
  return ((await net.rpc('getLatestLedger')) as { id: string }).id;
}

/** Records from now on what is sent to the network, what is funded, and how far time is moved. */
export function record(net: Devnet, startSeconds: number): Recording {
  const steps: Step[] = [];
  const { rpc, fund, warp } = net;
  net.rpc = (method, params) => {
    if (method === 'sendTransaction') steps.push({ kind: 'send', ...(params as { transaction: string }) });
    return rpc(method, params);
  };
  net.fund = (address) => {
    steps.push({ kind: 'fund', address });
    return fund(address);
  };
  net.warp = (step) => {
    steps.push({ kind: 'warp', seconds: step.seconds! });
    return warp(step);
  };
  return { startSeconds, steps };
}

/** @returns the hash of the latest ledger's header after each step */
export async function replay({ startSeconds, steps }: Recording): Promise<string[]> {
  const net = await createDevnet({ nowSeconds: () => startSeconds });
  const hashes = [await headerHash(net)];
  for (const step of steps) {
    if (step.kind === 'fund') await net.fund(step.address);
    else if (step.kind === 'send') await net.rpc('sendTransaction', { transaction: step.transaction });
    else net.warp({ seconds: step.seconds });
    hashes.push(await headerHash(net));
  }
  return hashes;
}
