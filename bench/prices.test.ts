import { expect, it } from 'vitest';
import { Engine } from '../devnet/src/engine/engine.ts';
import { DEFAULT_PROTOCOL_VERSION } from '../devnet/src/engine/engineFile.ts';
import { STANDALONE_PASSPHRASE } from '../devnet/src/index.ts';
import { Network } from '../devnet/src/network/network.ts';
import { engineModule } from '../devnet/src/platform/node/engineModule.ts';
import { openMeteredNetwork } from './meteredNetwork.ts';
import { computeFeeStroops, readRates } from './prices.ts';

/** The network keeps this much of a result for every transaction; the figures leave it out. */
const RESULT_BYTES = 300;

const uses = [
  { instructions: 0, transactionBytes: 0 },
  { instructions: 1, transactionBytes: 1 },
  { instructions: 10_000, transactionBytes: 1_024 },
  { instructions: 10_001, transactionBytes: 1_025 },
  { instructions: 3_649_865, transactionBytes: 1_064 },
  { instructions: 34_833_307, transactionBytes: 9_040 },
];

it('rounds each of its three parts up', () => {
  const rates = { stroopsPer10kInstructions: 7n, stroopsPerTransactionKb: [406n, 4_059n] };
  const fees = uses.map((use) => computeFeeStroops(rates, use));
  expect(fees).toEqual([0, 1 + 1 + 4, 7 + 406 + 4_059, 8 + 407 + 4_063, 2_555 + 422 + 4_218, 63_803]);
});

it('is what the engine charges without the result in history', async () => {
  const { host } = new Network(new Engine(await engineModule(DEFAULT_PROTOCOL_VERSION)), {
    passphrase: STANDALONE_PASSPHRASE,
    limits: 'mainnet',
    mineMode: 'instant',
    nowSeconds: () => 0,
    closeIntervalSeconds: 0,
  });
  const none = { diskReadEntries: 0, writeEntries: 0, diskReadBytes: 0, writeBytes: 0, eventBytes: 0 };
  const rates = await readRates((await openMeteredNetwork()).rpc);
  const kept = {
    stroopsPer10kInstructions: 0n,
    stroopsPerTransactionKb: rates.stroopsPerTransactionKb.slice(1),
  };
  for (const use of uses) {
    const charged = host.resourceFee({ ...none, ...use }).nonRefundableStroops;
    const withResult = { instructions: 0, transactionBytes: use.transactionBytes + RESULT_BYTES };
    const result = computeFeeStroops(kept, withResult) - computeFeeStroops(kept, use);
    expect(computeFeeStroops(rates, use)).toBe(Number(charged) - result);
  }
});
