// Works out a ledger that closes with a set of transactions: all fees first, then the transactions, classic ones
// before contract calls, then all refunds. Nothing is changed but the delta that the result carries.
import type { SorobanHost } from '../engine/sorobanHost.ts';
import { runTransaction, settle, takeFee } from './applyTransaction.ts';
import type { LedgerContent } from './closedLedger.ts';
import { type EntrySource, LedgerDelta } from './entryStore.ts';
import { eventRecords } from './eventRecords.ts';
import type { ClosingLedger } from './operations/operation.ts';
import type { TransactionSet } from './transactionSet.ts';

/** @param isChecked the only transaction of the set is known to be valid on these entries in this ledger */
export function closeLedger(
  host: SorobanHost,
  set: TransactionSet,
  entries: EntrySource,
  ledger: ClosingLedger,
  isChecked: boolean,
): Omit<LedgerContent, 'sorobanState'> {
  const total = new LedgerDelta(entries);
  const { classicStroops, sorobanStroops } = set.baseFees;
  const priced = [
    ...set.classic.map((frame) => ({ frame, baseFeeStroops: classicStroops })),
    ...set.soroban.map((frame) => ({ frame, baseFeeStroops: sorobanStroops })),
  ];
  const charged = priced.map(({ frame, baseFeeStroops }) => ({
    frame,
    charge: takeFee(total, frame, ledger, baseFeeStroops),
  }));
  const ran = charged.map(({ frame, charge }) => ({
    frame,
    charge,
    run: runTransaction(host, frame, total, ledger, isChecked && priced.length === 1),
  }));
  const settled = ran.map(({ frame, charge, run }) => settle(host, frame, total, ledger, charge, run));
  return {
    transactions: settled.map(({ transaction }) => transaction),
    events: eventRecords(settled),
    baseFees: set.baseFees,
    feeChargedStroops: settled.reduce((sum, { feeChargedStroops }) => sum + feeChargedStroops, 0n),
    entries: total.touched(),
  };
}
