// What the operations of a wallet cost on chain, each measured once with the built contracts on a network where nothing
// is left to chance, so that the same wasm gives the same numbers to the last digit. bench/operations/ says what each is.
import { openMeteredNetwork } from './meteredNetwork.ts';
import { batchOperations } from './operations/batch.ts';
import { ownerOperations } from './operations/owner.ts';
import {
  ed25519SessionOperations,
  limitedSessionOperations,
  passkeySessionOperations,
} from './operations/sessions.ts';
import {
  accountSignerOperations,
  postQuantumOperations,
  twoOfThreeOperations,
} from './operations/severalSigners.ts';
import { type Rates, readRates, secp256r1Instructions } from './prices.ts';

export type Costs = Awaited<ReturnType<typeof measureOperations>>;
export type Measured = { costs: Costs; secp256r1: number; rates: Rates };

async function measureOperations() {
  return {
    ...(await ownerOperations()),
    ...(await ed25519SessionOperations()),
    ...(await passkeySessionOperations()),
    ...(await limitedSessionOperations()),
    ...(await postQuantumOperations()),
    ...(await twoOfThreeOperations()),
    ...(await accountSignerOperations()),
    ...(await batchOperations()),
  };
}

export async function measureCosts(): Promise<Measured> {
  const { rpc } = await openMeteredNetwork();
  return {
    costs: await measureOperations(),
    secp256r1: await secp256r1Instructions(rpc),
    rates: await readRates(rpc),
  };
}
