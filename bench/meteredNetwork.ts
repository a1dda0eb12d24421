// An embedded network that tells what each invocation cost, and in which nothing is left to chance: the clock stands
// still, no idle ledgers close, and the nonces that simulations hand out follow from a counter.
// The instructions are those of the whole invocation as validators meter it: `invoke_host_function` in enforcing mode,
// module cache filled, XDR decoding and result writing included. Simulations report more, because they add slack.
import { createHash } from 'node:crypto';
import type { Rpc } from '@latchkey/sdk/chain';
import { Engine } from '../devnet/src/engine/engine.ts';
import { DEFAULT_PROTOCOL_VERSION } from '../devnet/src/engine/engineFile.ts';
import { STANDALONE_PASSPHRASE } from '../devnet/src/index.ts';
import { fund } from '../devnet/src/network/friendbot.ts';
import { Network } from '../devnet/src/network/network.ts';
import { engineModule } from '../devnet/src/platform/node/engineModule.ts';
import { dispatch } from '../devnet/src/rpc/dispatch.ts';

const CLOCK_SECONDS = 1_800_000_000;

export type MeteredNetwork = {
  readonly passphrase: string;
  readonly rpc: Rpc;
  /** Gives 10,000 XLM to a G or C address. */
  fund(address: string): void;
  /** CPU instructions of the invocation that was applied last. @throws Error when none was */
  lastInstructions(): number;
};

/** @param engine another one than the default, such as one that records */
export async function openMeteredNetwork(engine?: Engine): Promise<MeteredNetwork> {
  const chosen = engine ?? new Engine(await engineModule(DEFAULT_PROTOCOL_VERSION));
  const network = new Network(chosen, {
    passphrase: STANDALONE_PASSPHRASE,
    limits: 'mainnet',
    mineMode: 'instant',
    nowSeconds: () => CLOCK_SECONDS,
    closeIntervalSeconds: 0,
  });
  const { host } = network;
  const simulateInvoke = host.simulateInvoke.bind(host);
  const applyInvoke = host.applyInvoke.bind(host);
  let simulations = 0;
  let instructions: bigint | null = null;

  // The seed decides the nonce, the nonce its place in the sorted footprint, and that place a few instructions.
  host.simulateInvoke = (ledger, input, lookUp) => {
    simulations += 1;
    const seed = new Uint8Array(createHash('sha256').update(`simulation ${simulations}`).digest());
    return simulateInvoke(ledger, { ...input, seed }, lookUp);
  };
  host.applyInvoke = (ledger, input, lookUp) => {
    const outcome = applyInvoke(ledger, input, lookUp);
    instructions = outcome.kind === 'archived' ? null : outcome.instructions;
    return outcome;
  };

  return {
    passphrase: network.passphrase,
    rpc: {
      url: 'in-process',
      call: async (method, params) => dispatch(network, method, params) as never,
    },
    fund: (address) => void fund(network, address),
    lastInstructions() {
      if (instructions === null) throw new Error('no invocation has been applied');
      return Number(instructions);
    },
  };
}
