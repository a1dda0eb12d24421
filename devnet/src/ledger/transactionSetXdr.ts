// The encoded GeneralizedTransactionSet of a ledger: a classic phase and a parallel Soroban phase (CAP-63) with one
// stage of one cluster. Written byte by byte, because every closing ledger hashes it and the envelopes are encoded already.
import { concatBytes } from '../bytes.ts';
import type { AppliedTransaction, BaseFees } from './closedLedger.ts';
import { int64, optional, words } from './xdrBytes.ts';

export function transactionSetXdr(
  previousLedgerHash: Uint8Array,
  transactions: readonly AppliedTransaction[],
  baseFees: BaseFees,
): Uint8Array<ArrayBuffer> {
  const classic = transactions.filter(({ isSoroban }) => !isSoroban);
  const soroban = transactions.filter(({ isSoroban }) => isSoroban);
  const TX_SET_V1 = 1;
  const PHASES = 2;
  return concatBytes(
    words(TX_SET_V1),
    previousLedgerHash,
    words(PHASES),
    classicPhase(classic, baseFees.classicStroops),
    sorobanPhase(soroban, baseFees.sorobanStroops),
  );
}

/** TransactionPhase v0: components; the one kind of component has a base fee and transactions. */
function classicPhase(transactions: readonly AppliedTransaction[], baseFeeStroops: bigint): Uint8Array {
  const PHASE_V0 = 0;
  const MAYBE_DISCOUNTED_FEE = 0;
  if (transactions.length === 0) return words(PHASE_V0, 0);
  return concatBytes(
    words(PHASE_V0, 1, MAYBE_DISCOUNTED_FEE),
    optionalFee(baseFeeStroops),
    words(transactions.length),
    ...transactions.map(({ envelopeXdr }) => envelopeXdr),
  );
}

/** TransactionPhase v1: a base fee, then stages of clusters of transactions. */
function sorobanPhase(transactions: readonly AppliedTransaction[], baseFeeStroops: bigint): Uint8Array {
  const PHASE_V1 = 1;
  const STAGES = 1;
  const CLUSTERS = 1;
  if (transactions.length === 0) return concatBytes(words(PHASE_V1), optionalFee(baseFeeStroops), words(0));
  return concatBytes(
    words(PHASE_V1),
    optionalFee(baseFeeStroops),
    words(STAGES, CLUSTERS, transactions.length),
    ...transactions.map(({ envelopeXdr }) => envelopeXdr),
  );
}

function optionalFee(stroops: bigint): Uint8Array {
  return optional(int64(stroops));
}
