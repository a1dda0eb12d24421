// getFeeStats: what recent transactions paid for inclusion, per operation and in stroops. Contract transactions of the
// last 50 ledgers and classic ones of the last 10, in percentiles by nearest rank; all zeros when there were none.
import type { Network } from '../network/network.ts';

const SOROBAN_WINDOW_LEDGERS = 50;
const CLASSIC_WINDOW_LEDGERS = 10;
const PERCENTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99] as const;

export function getFeeStats(network: Network) {
  return {
    sorobanInclusionFee: distribution(network, SOROBAN_WINDOW_LEDGERS, true),
    inclusionFee: distribution(network, CLASSIC_WINDOW_LEDGERS, false),
    latestLedger: network.latest.sequence,
  };
}

function distribution(network: Network, windowLedgers: number, isSoroban: boolean) {
  const fees: bigint[] = [];
  const { history } = network.ledger;
  const first = Math.max(history.oldest.sequence, network.latest.sequence - windowLedgers + 1);
  for (const { transactions } of history.from(first)) {
    for (const transaction of transactions) {
      if (transaction.isSoroban === isSoroban) fees.push(transaction.inclusionFeeStroops);
    }
  }
  fees.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  const at = (index: number) => String(fees[index] ?? 0n);
  const rank = (percentile: number) => at(Math.ceil((percentile / 100) * fees.length) - 1);
  return {
    max: at(fees.length - 1),
    min: at(0),
    mode: String(mode(fees)),
    ...Object.fromEntries(PERCENTILES.map((percentile) => [`p${percentile}`, rank(percentile)])),
    transactionCount: String(fees.length),
    ledgerCount: fees.length === 0 ? 0 : network.latest.sequence - first + 1,
  };
}

function mode(sorted: readonly bigint[]): bigint {
  let best = 0n;
  let bestCount = 0;
  let count = 0;
  sorted.forEach((fee, index) => {
    count = fee === sorted[index - 1] ? count + 1 : 1;
    if (count <= bestCount) return;
    best = fee;
    bestCount = count;
  });
  return best;
}
