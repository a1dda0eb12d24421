// What one transaction does to a closing ledger, in the three steps of stellar-core: `takeFee` before any transaction
// of the ledger runs, `runTransaction` (sequence number, signatures, operations: all or nothing), and `settle` after all
// of them ran: the refund of what a Soroban transaction did not use, the result, metadata (V4) and events.
// Each step writes to the delta it is given; a transaction that fails still pays and uses up its sequence number.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toHex } from '../bytes.ts';
import type { SorobanHost } from '../engine/sorobanHost.ts';
import {
  accountWith,
  getAccount,
  putAccount,
  receivableStroops,
  touchAccount,
  withSequence,
} from './account.ts';
import { problemAtApplication } from './checkTransaction.ts';
import { feeEvent } from './classicEvents.ts';
import type { AppliedTransaction } from './closedLedger.ts';
import { LedgerDelta } from './entryStore.ts';
import { errorDiagnostic } from './errorDiagnostic.ts';
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
import { type EventfulMeta, type OperationMeta, transactionMetaXdr } from './transactionMetaXdr.ts';
import { type Outcome, transactionResult } from './transactionResult.ts';
import { arrayOf } from './xdrBytes.ts';

/** What was taken of the payer, with the encoded changes of that. */
export type Charge = { readonly takenStroops: bigint; readonly changes: readonly Uint8Array[] };

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
  return { takenStroops, changes: changeBalance(total, payer, -takenStroops, ledger.sequence) };
}

export type Run = {
  readonly outcome: Outcome;
  readonly isSuccess: boolean;
  readonly txChangesBefore: readonly Uint8Array[];
  readonly operations: readonly OperationMeta[];
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
  const txChangesBefore = [
    ...(frame.feeBump ? usePayer(frame, total, ledger) : []),
    ...useTransaction(frame, total, ledger, problem?.usesSequence ?? true),
  ];
  if (!problem) return { ...runOperations(host, frame, total, ledger), txChangesBefore };
  const { outcome } = problem;
  return { outcome, isSuccess: false, txChangesBefore, operations: [], soroban: nothingConsumed() };
}

/** The payer of a fee bump may have pre-authorized it; its entry is reported whether or not it had. */
function usePayer(frame: TransactionFrame, total: LedgerDelta, ledger: ClosingLedger): Uint8Array[] {
  const delta = new LedgerDelta(total);
  const { feeSource } = frame.feeBump!;
  if (getAccount(delta, feeSource)) touchAccount(delta, feeSource, ledger.sequence);
  removePreAuthSigners({ delta, ledger }, [feeSource], frame.hash);
  return committed(delta, total);
}

/** Uses up the sequence number and the signers that pre-authorized this transaction, also when it is going to fail. */
function useTransaction(
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
  usesSequence: boolean,
): Uint8Array[] {
  const delta = new LedgerDelta(total);
  if (usesSequence) {
    const source = getAccount(delta, frame.source)!;
    putAccount(delta, withSequence(source, frame.tx.seqNum, ledger), ledger.sequence);
  }
  const sources = frame.tx.operations.map((operation) => operationSource(frame, operation));
  removePreAuthSigners({ delta, ledger }, [frame.source, ...sources], frame.txHash);
  return committed(delta, total);
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
  const failed = (outcome: Outcome) => ({ outcome, isSuccess: false, operations: [], soroban });
  const results: xdr.OperationResult[] = [];
  const operations: OperationMeta[] = [];
  let hasFailed = false;
  try {
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
      operations.push({ changes: committed(delta, all), events });
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    soroban.diagnosticEvents.push(errorDiagnostic('internal', message).toXdr());
    return failed({ code: 'txInternalError' });
  }
  if (hasFailed) return failed({ code: 'txFailed', operations: results });
  if (!sponsorships.isEmpty) return failed({ code: 'txBadSponsorship' });
  all.commitTo(total);
  return { outcome: { code: 'txSuccess', operations: results }, isSuccess: true, operations, soroban };
}

export type Settled = {
  readonly isSuccess: boolean;
  readonly feeChargedStroops: bigint;
  readonly meta: EventfulMeta;
  readonly transaction: AppliedTransaction;
};

/** Gives back what was not used, and puts the record of the transaction together. */
export function settle(
  host: SorobanHost,
  frame: TransactionFrame,
  total: LedgerDelta,
  ledger: ClosingLedger,
  { takenStroops, changes }: Charge,
  run: Run,
): Settled {
  const payer = feeSourceOf(frame);
  const data = frame.sorobanData;
  const nonRefundableStroops = data ? declaredFee(host, frame, data).nonRefundableStroops : 0n;
  const { isSuccess, outcome, soroban } = run;
  const usedStroops = isSuccess ? soroban.rentFeeStroops + soroban.eventsFeeStroops : 0n;
  const unusedStroops = data ? data.resourceFee - nonRefundableStroops - usedStroops : 0n;
  const refundStroops = refundable(total, payer, smaller(unusedStroops, takenStroops));
  const refundChanges = refundStroops > 0n ? changeBalance(total, payer, refundStroops, ledger.sequence) : [];
  const feeChargedStroops = takenStroops - refundStroops;
  const events = [];
  if (takenStroops > 0n) {
    events.push(feeEvent(ledger.nativeContractId, payer, takenStroops, 'beforeAllTxs'));
  }
  if (refundStroops > 0n) {
    events.push(feeEvent(ledger.nativeContractId, payer, -refundStroops, 'afterAllTxs'));
  }
  const transaction = {
    hash: toHex(frame.hash),
    innerHash: frame.feeBump ? toHex(frame.txHash) : null,
    isSuccess,
    isSoroban: data !== null,
    inclusionFeeStroops: paidForInclusion(frame, takenStroops),
    envelopeXdr: frame.envelopeXdr,
    resultXdr: transactionResult(frame, feeChargedStroops, outcome, true).toXdr(),
    metaXdr: transactionMetaXdr({
      txChangesBefore: run.txChangesBefore,
      operations: run.operations,
      events,
      diagnosticEvents: soroban.diagnosticEvents,
      soroban: data && {
        nonRefundableStroops,
        refundableStroops: usedStroops,
        rentStroops: isSuccess ? soroban.rentFeeStroops : 0n,
        returnValue: isSuccess ? soroban.returnValue : null,
      },
    }),
    feeChangesXdr: arrayOf(changes),
    refundChangesXdr: arrayOf(refundChanges),
  };
  return { isSuccess, feeChargedStroops, meta: { events, operations: run.operations }, transaction };
}

/** Nothing where the payer is gone, or has no room for it. */
function refundable(total: LedgerDelta, payer: Uint8Array, stroops: bigint): bigint {
  const account = getAccount(total, payer);
  return account && receivableStroops(account) >= stroops ? stroops : 0n;
}

/** Stroops per operation, as fee statistics count them: the wrapping of a fee bump is none. */
function paidForInclusion(frame: TransactionFrame, takenStroops: bigint): bigint {
  const inclusionStroops = takenStroops - resourceFeeStroops(frame);
  return inclusionStroops <= 0n ? 0n : inclusionStroops / BigInt(Math.max(1, frame.tx.operations.length));
}

/** Returns the encoded changes; none where there is no such account. */
function changeBalance(
  total: LedgerDelta,
  publicKey: Uint8Array,
  stroops: bigint,
  sequence: number,
): Uint8Array[] {
  const delta = new LedgerDelta(total);
  const account = getAccount(delta, publicKey);
  if (account) putAccount(delta, accountWith(account, { balance: account.balance + stroops }), sequence);
  return committed(delta, total);
}

function committed(delta: LedgerDelta, target: LedgerDelta): Uint8Array[] {
  const changes = delta.metaChanges();
  delta.commitTo(target);
  return changes;
}

function smaller(left: bigint, right: bigint): bigint {
  return left <= right ? left : right;
}
