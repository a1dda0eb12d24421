// What one transaction does to a closing ledger, in the three steps of stellar-core: `takeFee` before any transaction
// of the ledger runs, `runTransaction` (sequence number, signatures, operations: all or nothing), and `settle` after all
// of them ran: the refund of what a Soroban transaction did not use, the result, metadata (V4) and events.
// Each step writes to the delta it is given; a transaction that fails still pays and uses up its sequence number.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toHex } from '../bytes.ts';
import type { SorobanHost } from '../sorobanHost.ts';
import { accountWith, getAccount, putAccount, withSequence } from './account.ts';
import { problemAtApplication } from './checkTransaction.ts';
import { feeEvent } from './classicEvents.ts';
import type { AppliedTransaction } from './closedLedger.ts';
import { LedgerDelta } from './entryStore.ts';
import {
  type ClosingLedger,
  type OperationContext,
  operationResult,
  type SorobanConsumption,
} from './operations/operation.ts';
import { handlerOf } from './operations/operationHandlers.ts';
import { removePreAuthSigners } from './signers.ts';
import { declaredFee } from './sorobanResources.ts';
import { OpenSponsorships } from './sponsorship.ts';
import {
  feeSourceOf,
  feeUnits,
  inclusionFeeStroops,
  operationSource,
  resourceFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';
import { type Outcome, transactionResult } from './transactionResult.ts';

export type Charge = { readonly takenStroops: bigint; readonly changes: readonly xdr.LedgerEntryChange[] };

/** Takes the resource fee and, up to what was offered, the ledger's base fees; at most the balance. */
export function takeFee(
  total: LedgerDelta,
  frame: TransactionFrame,
  ledger: ClosingLedger,
  baseFeeStroops: bigint,
): Charge {
  const due =
    resourceFeeStroops(frame) + smaller(inclusionFeeStroops(frame), feeUnits(frame) * baseFeeStroops);
  const payer = feeSourceOf(frame);
  const takenStroops = smaller(due, getAccount(total, payer)?.balance ?? 0n);
  const delta = new LedgerDelta(total);
  changeBalance(delta, payer, -takenStroops, ledger.sequence);
  const changes = delta.metaChanges();
  delta.commitTo(total);
  return { takenStroops, changes };
}

export type Run = {
  readonly outcome: Outcome;
  readonly isSuccess: boolean;
  readonly txChangesBefore: readonly xdr.LedgerEntryChange[];
  readonly operations: readonly xdr.OperationMetaV2[];
  readonly soroban: SorobanConsumption;
};

/**
 * Uses up the sequence number and runs the operations.
 * @param isChecked the transaction is known to be valid on exactly these entries, but for the fee
 */
export function runTransaction(
  host: SorobanHost,
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
  isChecked: boolean,
): Run {
  const problem = isChecked ? null : problemAtApplication({ host, frame, entries: total, ledger });
  const txChangesBefore = beforeOperations(frame, total, ledger, problem?.usesSequence ?? true);
  if (!problem) return { ...runOperations(host, frame, total, ledger), txChangesBefore };
  const { outcome } = problem;
  return { outcome, isSuccess: false, txChangesBefore, operations: [], soroban: nothingConsumed() };
}

/** Uses up the sequence number, unless it was wrong, and the signers that pre-authorized this transaction. */
function beforeOperations(
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
  isSequenceUsed: boolean,
): readonly xdr.LedgerEntryChange[] {
  const delta = new LedgerDelta(total);
  const accounts = { delta, ledger };
  if (frame.feeBump) removePreAuthSigners(accounts, [frame.feeBump.feeSource], frame.hash);
  if (isSequenceUsed) {
    const source = getAccount(delta, frame.source)!;
    putAccount(delta, withSequence(source, frame.tx.seqNum, ledger), ledger.sequence);
  }
  const sources = frame.tx.operations.map((operation) => operationSource(frame, operation));
  removePreAuthSigners(accounts, [frame.source, ...sources], frame.txHash);
  const changes = delta.metaChanges();
  delta.commitTo(total);
  return changes;
}

function nothingConsumed(): SorobanConsumption {
  return { returnValue: null, rentFeeStroops: 0n, eventsFeeStroops: 0n, diagnosticEvents: [] };
}

/** Runs every operation, also after one failed; keeps their changes only if all succeed. */
function runOperations(
  host: SorobanHost,
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
): Omit<Run, 'txChangesBefore'> {
  const soroban = nothingConsumed();
  const all = new LedgerDelta(total);
  const sponsorships = new OpenSponsorships();
  const shared = { host, ledger, frame, soroban, sponsorships };
  const results: xdr.OperationResult[] = [];
  const operations: xdr.OperationMetaV2[] = [];
  let hasFailed = false;
  for (const [operationIndex, operation] of frame.tx.operations.entries()) {
    const delta = new LedgerDelta(all);
    const source = operationSource(frame, operation);
    const events: xdr.ContractEvent[] = [];
    const context: OperationContext = { ...shared, operationIndex, delta, source, events };
    const outcome = getAccount(delta, source)
      ? handlerOf(operation.body)!.apply(operation.body, context)
      : null;
    results.push(outcome ? operationResult(outcome) : xdr.OperationResult.opNoAccount());
    if (!outcome?.isSuccess) {
      hasFailed = true;
      continue;
    }
    const ext = xdr.ExtensionPoint.v0();
    operations.push(new xdr.OperationMetaV2({ ext, changes: delta.metaChanges(), events }));
    delta.commitTo(all);
  }
  const outcome: Outcome = hasFailed
    ? { code: 'txFailed', operations: results }
    : sponsorships.isEmpty
      ? { code: 'txSuccess', operations: results }
      : { code: 'txBadSponsorship' };
  const isSuccess = outcome.code === 'txSuccess';
  if (isSuccess) all.commitTo(total);
  return { outcome, isSuccess, operations: isSuccess ? operations : [], soroban };
}

export type Settled = {
  readonly isSuccess: boolean;
  readonly feeChargedStroops: bigint;
  readonly meta: xdr.TransactionMetaV4;
  readonly transaction: AppliedTransaction;
};

/** Gives back what was not used, and puts the record of the transaction together. */
export function settle(
  host: SorobanHost,
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
  charge: Charge,
  run: Run,
): Settled {
  const payer = feeSourceOf(frame);
  const isPayerGone = getAccount(total, payer) === null;
  const refundStroops = isPayerGone ? 0n : refundOf(host, frame, run, charge.takenStroops);
  const refundDelta = new LedgerDelta(total);
  if (refundStroops > 0n) changeBalance(refundDelta, payer, refundStroops, ledger.sequence);
  const refundChanges = refundDelta.metaChanges();
  refundDelta.commitTo(total);

  const feeChargedStroops = charge.takenStroops - refundStroops;
  const events = [];
  if (charge.takenStroops > 0n) {
    events.push(feeEvent(ledger.nativeContractId, payer, charge.takenStroops, 'beforeAllTxs'));
  }
  if (refundStroops > 0n) {
    events.push(feeEvent(ledger.nativeContractId, payer, -refundStroops, 'afterAllTxs'));
  }
  const meta = new xdr.TransactionMetaV4({
    ext: xdr.ExtensionPoint.v0(),
    txChangesBefore: [...run.txChangesBefore],
    operations: [...run.operations],
    txChangesAfter: [],
    sorobanMeta: sorobanMeta(host, frame, run),
    events,
    diagnosticEvents: run.soroban.diagnosticEvents,
  });
  const transaction = {
    hash: toHex(frame.hash),
    innerHash: frame.feeBump ? toHex(frame.txHash) : null,
    isSuccess: run.isSuccess,
    isSoroban: frame.sorobanData !== null,
    inclusionFeeStroops: paidForInclusion(frame, charge.takenStroops),
    envelopeXdr: frame.envelope.toXdr(),
    resultXdr: transactionResult(frame, feeChargedStroops, run.outcome, true).toXdr(),
    metaXdr: xdr.TransactionMeta.v4(meta).toXdr(),
    feeChangesXdr: xdr.encodeArray(xdr.LedgerEntryChange, charge.changes),
    refundChangesXdr: xdr.encodeArray(xdr.LedgerEntryChange, refundChanges),
  };
  return { isSuccess: run.isSuccess, feeChargedStroops, meta, transaction };
}

/** Stroops per operation, as fee statistics count them: the wrapping of a fee bump is none. */
function paidForInclusion(frame: TransactionFrame, takenStroops: bigint): bigint {
  const inclusionStroops = takenStroops - resourceFeeStroops(frame);
  return inclusionStroops <= 0n ? 0n : inclusionStroops / BigInt(Math.max(1, frame.tx.operations.length));
}

function changeBalance(delta: LedgerDelta, publicKey: Uint8Array, stroops: bigint, sequence: number): void {
  const account = getAccount(delta, publicKey);
  if (account) putAccount(delta, accountWith(account, { balance: account.balance + stroops }), sequence);
}

function smaller(left: bigint, right: bigint): bigint {
  return left <= right ? left : right;
}

/** What a Soroban transaction offered but did not use; the whole refundable part if it failed. */
function refundOf(host: SorobanHost, frame: TransactionFrame, run: Run, takenStroops: bigint): bigint {
  const data = frame.sorobanData;
  if (!data) return 0n;
  const refundable = data.resourceFee - declaredFee(host, frame, data).nonRefundableStroops;
  const used = run.isSuccess ? run.soroban.rentFeeStroops + run.soroban.eventsFeeStroops : 0n;
  return smaller(refundable - used, takenStroops);
}

function sorobanMeta(
  host: SorobanHost,
  frame: TransactionFrame,
  run: Run,
): xdr.SorobanTransactionMetaV2 | null {
  const data = frame.sorobanData;
  if (!data) return null;
  const { isSuccess, soroban } = run;
  const rent = isSuccess ? soroban.rentFeeStroops : 0n;
  return new xdr.SorobanTransactionMetaV2({
    ext: xdr.SorobanTransactionMetaExt.v1(
      new xdr.SorobanTransactionMetaExtV1({
        ext: xdr.ExtensionPoint.v0(),
        totalNonRefundableResourceFeeCharged: declaredFee(host, frame, data).nonRefundableStroops,
        totalRefundableResourceFeeCharged: isSuccess ? rent + soroban.eventsFeeStroops : 0n,
        rentFeeCharged: rent,
      }),
    ),
    returnValue: isSuccess ? soroban.returnValue : null,
  });
}
