// Applies a valid transaction to a ledger: takes the fee, uses up the sequence number, runs the operations (all or
// nothing), refunds what a Soroban transaction did not use, and reports result, metadata (V4) and events.
// The caller must have checked the transaction against the same entries and ledger.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../sorobanHost.ts';
import { accountWith, getAccount, putAccount, withSequence } from './account.ts';
import { feeEvent } from './classicEvents.ts';
import { type EntrySource, LedgerDelta } from './entryStore.ts';
import type { ClosingLedger, OperationContext, SorobanConsumption } from './operations/operation.ts';
import { handlerOf } from './operations/operationHandlers.ts';
import { declaredFee } from './sorobanResources.ts';
import {
  BASE_FEE_STROOPS,
  feeSourceOf,
  feeUnits,
  operationSource,
  resourceFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';
import { transactionResult } from './transactionResult.ts';

export type Application = {
  readonly isSuccess: boolean;
  readonly result: xdr.TransactionResult;
  readonly meta: xdr.TransactionMetaV4;
  readonly feeChanges: readonly xdr.LedgerEntryChange[];
  readonly refundChanges: readonly xdr.LedgerEntryChange[];
  readonly feeChargedStroops: bigint;
  /** Every entry change of the transaction, fees included. */
  readonly delta: LedgerDelta;
};

export function applyTransaction(
  host: SorobanHost,
  frame: TransactionFrame,
  entries: EntrySource,
  ledger: ClosingLedger,
): Application {
  const total = new LedgerDelta(entries);
  const payer = feeSourceOf(frame);
  const takenStroops = takeFee(total, frame, ledger);
  const feeChanges = total.metaChanges();

  const sequenceDelta = new LedgerDelta(total);
  const source = getAccount(sequenceDelta, frame.source)!;
  putAccount(sequenceDelta, withSequence(source, frame.tx.seqNum, ledger), ledger.sequence);
  const txChangesBefore = sequenceDelta.metaChanges();
  sequenceDelta.commitTo(total);

  const operations = applyOperations(host, frame, total, ledger);
  const refundStroops = refundOf(host, frame, operations, takenStroops);
  const refundDelta = new LedgerDelta(total);
  if (refundStroops > 0n) changeBalance(refundDelta, payer, refundStroops, ledger.sequence);
  const refundChanges = refundDelta.metaChanges();
  refundDelta.commitTo(total);

  const feeChargedStroops = takenStroops - refundStroops;
  const events = [feeEvent(ledger.nativeContractId, payer, takenStroops, 'beforeAllTxs')];
  if (refundStroops > 0n) {
    events.push(feeEvent(ledger.nativeContractId, payer, -refundStroops, 'afterAllTxs'));
  }
  const outcome = {
    code: operations.isSuccess ? ('txSuccess' as const) : ('txFailed' as const),
    operations: operations.results,
  };
  return {
    isSuccess: operations.isSuccess,
    result: transactionResult(frame, feeChargedStroops, outcome, true),
    meta: new xdr.TransactionMetaV4({
      ext: xdr.ExtensionPoint.v0(),
      txChangesBefore,
      operations: operations.meta,
      txChangesAfter: [],
      sorobanMeta: sorobanMeta(host, frame, operations),
      events,
      diagnosticEvents: operations.soroban.diagnosticEvents,
    }),
    feeChanges,
    refundChanges,
    feeChargedStroops,
    delta: total,
  };
}

/** Takes resource fee and base fees, at most the balance. Returns the amount taken. */
function takeFee(delta: LedgerDelta, frame: TransactionFrame, ledger: ClosingLedger): bigint {
  const due = resourceFeeStroops(frame) + feeUnits(frame) * BASE_FEE_STROOPS;
  const payer = feeSourceOf(frame);
  const { balance } = getAccount(delta, payer)!;
  const taken = smaller(due, balance);
  changeBalance(delta, payer, -taken, ledger.sequence);
  return taken;
}

function changeBalance(delta: LedgerDelta, publicKey: Uint8Array, stroops: bigint, sequence: number): void {
  const account = getAccount(delta, publicKey);
  if (account) putAccount(delta, accountWith(account, { balance: account.balance + stroops }), sequence);
}

function smaller(left: bigint, right: bigint): bigint {
  return left <= right ? left : right;
}

type Operations = {
  isSuccess: boolean;
  results: xdr.OperationResult[];
  meta: xdr.OperationMetaV2[];
  soroban: SorobanConsumption;
};

/** Runs every operation, also after one failed; keeps their changes only if all succeed. */
function applyOperations(
  host: SorobanHost,
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
): Operations {
  const soroban: SorobanConsumption = {
    returnValue: null,
    rentFeeStroops: 0n,
    eventsFeeStroops: 0n,
    diagnosticEvents: [],
  };
  const all = new LedgerDelta(total);
  const results: xdr.OperationResult[] = [];
  const meta: xdr.OperationMetaV2[] = [];
  let isSuccess = true;
  for (const operation of frame.tx.operations) {
    const delta = new LedgerDelta(all);
    const source = operationSource(frame, operation);
    const context: OperationContext = { host, ledger, frame, delta, source, events: [], soroban };
    const outcome = getAccount(delta, source)
      ? handlerOf(operation.body)!.apply(operation.body, context)
      : null;
    results.push(outcome ? xdr.OperationResult.opInner(outcome.result) : xdr.OperationResult.opNoAccount());
    if (!outcome?.isSuccess) {
      isSuccess = false;
      continue;
    }
    const ext = xdr.ExtensionPoint.v0();
    meta.push(new xdr.OperationMetaV2({ ext, changes: delta.metaChanges(), events: context.events }));
    delta.commitTo(all);
  }
  if (isSuccess) all.commitTo(total);
  return { isSuccess, results, meta: isSuccess ? meta : [], soroban };
}

/** What a Soroban transaction offered but did not use; the whole refundable part if it failed. */
function refundOf(
  host: SorobanHost,
  frame: TransactionFrame,
  { isSuccess, soroban }: Operations,
  takenStroops: bigint,
): bigint {
  const data = frame.sorobanData;
  if (!data) return 0n;
  const refundable = data.resourceFee - declaredFee(host, frame, data).nonRefundableStroops;
  const used = isSuccess ? soroban.rentFeeStroops + soroban.eventsFeeStroops : 0n;
  const refund = refundable - used;
  return smaller(refund, takenStroops);
}

function sorobanMeta(
  host: SorobanHost,
  frame: TransactionFrame,
  { isSuccess, soroban }: Operations,
): xdr.SorobanTransactionMetaV2 | null {
  const data = frame.sorobanData;
  if (!data) return null;
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
