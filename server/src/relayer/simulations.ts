// Simulations of calls that were just judged and are about to be sent: asked of the node once for both. One is used once,
// soon or not at all, because what a call needs changes with the ledger; a call that is made again is simulated again.
// Whether it is worth its fee is for those to say who ask.
import { createHash } from 'node:crypto';
import { type Rpc, type Simulation, simulate } from '@latchkey/sdk/chain';
import type { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';

/** About a ledger of a public network. */
const MAX_AGE_MS = 5_000;
const MAX_KEPT = 1_000;

export type KeptSimulations = {
  /** As simulated on the node now, and kept. @throws LatchkeyError SIMULATION_FAILED or NETWORK_UNAVAILABLE */
  simulate(call: {
    hostFunction: HostFunction;
    auth: SorobanAuthorizationEntry[];
    source: string;
  }): Promise<Simulation>;
  /** What was kept of this call, which is then forgotten; null when there is nothing, or nothing new enough. */
  take(hostFunctionXdr: string, authXdr: readonly string[]): Simulation | null;
};

export function createKeptSimulations(rpc: Rpc): KeptSimulations {
  const kept = new Map<string, { atMs: number; simulation: Simulation }>();
  const keyOf = (hostFunctionXdr: string, authXdr: readonly string[]) =>
    createHash('sha256')
      .update(JSON.stringify([hostFunctionXdr, authXdr]))
      .digest('base64');

  return {
    async simulate(call) {
      const simulation = await simulate(rpc, call);
      const authXdr = call.auth.map((it) => it.toXdr('base64'));
      const key = keyOf(call.hostFunction.toXdr('base64'), authXdr);
      kept.delete(key);
      kept.set(key, { atMs: performance.now(), simulation });
      if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
      return simulation;
    },
    take(hostFunctionXdr, authXdr) {
      const key = keyOf(hostFunctionXdr, authXdr);
      const found = kept.get(key);
      kept.delete(key);
      return found && performance.now() - found.atMs < MAX_AGE_MS ? found.simulation : null;
    },
  };
}
