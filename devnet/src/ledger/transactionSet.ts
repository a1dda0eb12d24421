// Chooses which pending transactions the next ledger takes: those that offer most for inclusion, while the ledger's
// limits last, classic transactions and contract calls apart. When something had to stay behind, everybody who got in
// pays the lowest rate that did (surge pricing, CAP-5 and CAP-46-07); otherwise the minimum.
// Contract calls go into one cluster, as if each depended on the one before; real validators run several side by side.
// Validity is not looked at here.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { type BaseFees, MAX_CLASSIC_OPERATIONS } from './closedLedger.ts';
import type { NetworkSettings } from './limits.ts';
import { diskReadEntries } from './sorobanResources.ts';
import {
  BASE_FEE_STROOPS,
  feeUnits,
  inclusionFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';

export type TransactionSet = {
  readonly classic: readonly TransactionFrame[];
  readonly soroban: readonly TransactionFrame[];
  readonly baseFees: BaseFees;
};

/** Transactions keep the order they came in. */
export function chooseTransactions(
  pending: readonly TransactionFrame[],
  settings: NetworkSettings,
): TransactionSet {
  const classic = fill(
    pending.filter(({ sorobanData }) => !sorobanData),
    [MAX_CLASSIC_OPERATIONS],
    (frame) => [Number(feeUnits(frame))],
  );
  const soroban = fill(
    pending.filter(({ sorobanData }) => sorobanData),
    ledgerLimits(settings),
    (frame) => consumption(frame, frame.sorobanData!),
  );
  return {
    classic: classic.frames,
    soroban: soroban.frames,
    baseFees: { classicStroops: classic.baseFeeStroops, sorobanStroops: soroban.baseFeeStroops },
  };
}

function fill(
  pending: readonly TransactionFrame[],
  limits: readonly number[],
  consumptionOf: (frame: TransactionFrame) => readonly number[],
): { frames: TransactionFrame[]; baseFeeStroops: bigint } {
  const left = [...limits];
  const chosen = new Set<TransactionFrame>();
  for (const frame of [...pending].sort(byFeeRate)) {
    const needed = consumptionOf(frame);
    if (needed.some((amount, index) => amount > left[index]!)) continue;
    needed.forEach((amount, index) => {
      left[index]! -= amount;
    });
    chosen.add(frame);
  }
  const frames = pending.filter((frame) => chosen.has(frame));
  const isFull = frames.length < pending.length;
  const rates = frames.map((frame) => inclusionFeeStroops(frame) / feeUnits(frame));
  const lowest = rates.reduce((low, rate) => (rate < low ? rate : low), rates[0] ?? BASE_FEE_STROOPS);
  return { frames, baseFeeStroops: isFull && lowest > BASE_FEE_STROOPS ? lowest : BASE_FEE_STROOPS };
}

/** Highest rate first, compared as fractions; sorting is stable, so the earlier one wins a tie. */
function byFeeRate(left: TransactionFrame, right: TransactionFrame): number {
  const difference =
    inclusionFeeStroops(right) * feeUnits(left) - inclusionFeeStroops(left) * feeUnits(right);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function ledgerLimits(settings: NetworkSettings): number[] {
  return [
    settings.ledgerMaxTransactions,
    Number(settings.ledgerMaxInstructions),
    settings.ledgerMaxDiskReadEntries,
    settings.ledgerMaxDiskReadBytes,
    settings.ledgerMaxWriteEntries,
    settings.ledgerMaxWriteBytes,
    settings.ledgerMaxTransactionBytes,
  ];
}

function consumption(frame: TransactionFrame, data: xdr.SorobanTransactionData): number[] {
  const { resources } = data;
  return [
    // A fee bump counts as two, as everywhere.
    Number(feeUnits(frame)),
    resources.instructions,
    diskReadEntries(frame, data),
    resources.diskReadBytes,
    resources.footprint.readWrite.length,
    resources.writeBytes,
    frame.sizeBytes,
  ];
}
