// Validity of a transaction against the ledger it would be applied in: the checks of stellar-core's checkValid, in
// its order; the first that fails decides the result. Nothing is changed and nothing is charged here.
// `problemAtApplication` repeats what earlier transactions of the same ledger may have changed. Left out: frozen keys
// (CAP-77), and what depends on other pending transactions, which is the queue's business.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../sorobanHost.ts';
import { availableStroops, getAccount, INT64_MAX, sequenceUse } from './account.ts';
import { errorDiagnostic } from './classicEvents.ts';
import type { EntrySource } from './entryStore.ts';
import { type ClosingLedger, thresholdOf } from './operations/operation.ts';
import { handlerOf } from './operations/operationHandlers.ts';
import { SignatureChecker } from './signatureChecker.ts';
import { isSorobanOperation, MAX_RESOURCE_FEE_STROOPS, resourceProblem } from './sorobanResources.ts';
import {
  BASE_FEE_STROOPS,
  feeUnits,
  inclusionFeeStroops,
  offeredFeeStroops,
  operationSource,
  resourceFeeStroops,
  type TransactionFrame,
} from './transactionFrame.ts';
import { type Outcome, type PlainCode, transactionResult } from './transactionResult.ts';

export type Rejection = {
  readonly result: xdr.TransactionResult;
  readonly diagnosticEvents: readonly xdr.DiagnosticEvent[];
};

type Problem = { outcome: Outcome; diagnosticEvents?: xdr.DiagnosticEvent[] };
type Check = { host: SorobanHost; frame: TransactionFrame; entries: EntrySource; ledger: ClosingLedger };

const problem = (code: PlainCode): Problem => ({ outcome: { code } });

/** Returns why the transaction cannot enter the ledger, or null when it can. */
export function checkTransaction(check: Check): Rejection | null {
  const { frame } = check;
  const reject = (
    { outcome, diagnosticEvents = [] }: Problem,
    isInner: boolean,
    fee?: bigint,
  ): Rejection => ({
    result: transactionResult(
      frame,
      fee ?? feeUnits(frame) * BASE_FEE_STROOPS + resourceFeeStroops(frame),
      outcome,
      isInner,
    ),
    diagnosticEvents,
  });
  const malformed = envelopeProblem(frame);
  if (malformed) return reject(malformed, false, 0n);
  if (frame.feeBump) {
    const outer = feeBumpProblem(check);
    if (outer) return reject(outer.problem, outer.isInner ?? false, outer.feeStroops);
  }
  const inner = innerProblem(check);
  return inner && reject(inner, true);
}

/** What makes an envelope nonsense whatever the ledger holds. */
function envelopeProblem({ tx, sorobanData, feeBump }: TransactionFrame): Problem | null {
  const isSoroban = tx.operations.some(({ body }) => isSorobanOperation(body));
  if (isSoroban && !sorobanData) return problem('txMalformed');
  if (sorobanData && (sorobanData.resourceFee < 0n || sorobanData.resourceFee > MAX_RESOURCE_FEE_STROOPS)) {
    return problem('txMalformed');
  }
  if (feeBump && feeBump.feeStroops < 0n) return problem('txMalformed');
  return null;
}

/** What stands in the way of a transaction whose fee was taken already. */
export function problemAtApplication(check: Check): { outcome: Outcome; usesSequence: boolean } | null {
  const early = structureProblem(check) ?? timeProblem(check) ?? sequenceUseProblem(check);
  if (early) {
    return { outcome: early.outcome, usesSequence: early.outcome.code === 'txBadMinSeqAgeOrGap' };
  }
  const late = signatureProblem(check);
  return late && { outcome: late.outcome, usesSequence: true };
}

function feeBumpProblem(check: Check): { problem: Problem; feeStroops?: bigint; isInner?: boolean } | null {
  const { frame, entries } = check;
  const { feeSource, feeStroops, signatures } = frame.feeBump!;
  const resourceFee = resourceFeeStroops(frame);
  const outerInclusion = feeStroops - resourceFee;
  const innerInclusion = BigInt(frame.tx.fee) - resourceFee;
  const outerUnits = feeUnits(frame);
  const innerUnits = outerUnits - 1n;
  if (outerInclusion < BASE_FEE_STROOPS * outerUnits) return { problem: problem('txInsufficientFee') };
  // The outer rate must not be below the inner one (CAP-15): compare as fractions, report the fee needed.
  if (innerInclusion > 0n && outerInclusion * innerUnits < innerInclusion * outerUnits) {
    const needed = (innerInclusion * outerUnits + innerUnits - 1n) / innerUnits + resourceFee;
    return { problem: problem('txInsufficientFee'), feeStroops: needed };
  }
  if (innerInclusion < 0n && !frame.sorobanData) {
    return { problem: problem('txInsufficientFee'), isInner: true };
  }
  const account = getAccount(entries, feeSource);
  if (!account) return { problem: problem('txNoAccount') };
  const checker = new SignatureChecker(frame.hash, signatures, check.ledger.impersonated);
  if (!checker.account(account, 'low')) return { problem: problem('txBadAuth') };
  if (availableStroops(account) < feeStroops) return { problem: problem('txInsufficientBalance') };
  if (!checker.allUsed()) return { problem: problem('txBadAuthExtra') };
  return null;
}

function innerProblem(check: Check): Problem | null {
  const { frame, entries } = check;
  const structural = structureProblem(check) ?? timeProblem(check);
  if (structural) return structural;
  const isFeeDue = frame.feeBump === null;
  if (isFeeDue && inclusionFeeStroops(frame) < BASE_FEE_STROOPS * feeUnits(frame)) {
    return problem('txInsufficientFee');
  }
  const sequence = sequenceUseProblem(check);
  if (sequence) return sequence;
  return signatureProblem(check, () => {
    const account = getAccount(entries, frame.source)!;
    const isShort = isFeeDue && availableStroops(account) < offeredFeeStroops(frame);
    return isShort ? problem('txInsufficientBalance') : null;
  });
}

function sequenceUseProblem(check: Check): Problem | null {
  const account = getAccount(check.entries, check.frame.source);
  return account ? sequenceProblem(check, account) : problem('txNoAccount');
}

/**
 * Signatures of the transaction, then of its operations.
 * @param between what is checked after the former and before the latter
 */
function signatureProblem(check: Check, between: () => Problem | null = () => null): Problem | null {
  const { frame, entries } = check;
  const checker = new SignatureChecker(frame.txHash, frame.signatures, check.ledger.impersonated);
  if (!checker.account(getAccount(entries, frame.source)!, 'low')) return problem('txBadAuth');
  for (const signer of extraSigners(frame.tx)) {
    if (!checker.extraSigner(signer)) return problem('txBadAuth');
  }
  return (
    between() ?? operationsProblem(check, checker) ?? (checker.allUsed() ? null : problem('txBadAuthExtra'))
  );
}

function structureProblem({ host, frame, ledger }: Check): Problem | null {
  const { tx, sorobanData } = frame;
  const extra = extraSigners(tx);
  const isEmptyPayload = (signer: xdr.SignerKey) =>
    signer.type === 'signerKeyTypeEd25519SignedPayload' && signer.ed25519SignedPayload.payload.length === 0;
  const isRepeated = extra.length === 2 && extra[0]!.equals(extra[1]!);
  if (isRepeated || extra.some(isEmptyPayload)) return problem('txMalformed');
  if (tx.operations.length === 0) return problem('txMissingOperation');
  const isSoroban = tx.operations.some(({ body }) => isSorobanOperation(body));
  if (isSoroban !== (sorobanData !== null) || (isSoroban && tx.operations.length > 1)) {
    return problem('txMalformed');
  }
  if (!sorobanData) return null;
  const reason = resourceProblem(host, frame, sorobanData, ledger.settings);
  return reason === null
    ? null
    : { outcome: { code: 'txSorobanInvalid' }, diagnosticEvents: [errorDiagnostic(reason)] };
}

function timeProblem({ frame, ledger }: Check): Problem | null {
  const { cond } = frame.tx;
  const timeBounds =
    cond.type === 'precondTime' ? cond.timeBounds : cond.type === 'precondV2' ? cond.v2.timeBounds : null;
  const ledgerBounds = cond.type === 'precondV2' ? cond.v2.ledgerBounds : null;
  const closeTime = BigInt(ledger.closeTimeSeconds);
  if (timeBounds && timeBounds.minTime > closeTime) return problem('txTooEarly');
  if (ledgerBounds && ledgerBounds.minLedger > ledger.sequence) return problem('txTooEarly');
  if (timeBounds && timeBounds.maxTime !== 0n && timeBounds.maxTime < closeTime) return problem('txTooLate');
  if (ledgerBounds && ledgerBounds.maxLedger !== 0 && ledgerBounds.maxLedger <= ledger.sequence) {
    return problem('txTooLate');
  }
  return null;
}

function sequenceProblem({ frame, ledger }: Check, account: xdr.AccountEntry): Problem | null {
  const { tx } = frame;
  const conditions = tx.cond.type === 'precondV2' ? tx.cond.v2 : null;
  const startOfLedger = BigInt(ledger.sequence) << 32n;
  const minimum = conditions?.minSeqNum ?? null;
  const isInOrder =
    minimum === null
      ? account.seqNum + 1n === tx.seqNum
      : account.seqNum >= minimum && account.seqNum < tx.seqNum;
  if (account.seqNum === INT64_MAX || tx.seqNum === startOfLedger || !isInOrder) return problem('txBadSeq');
  if (!conditions) return null;
  const { seqLedger, seqTime } = sequenceUse(account);
  const isTooYoung = BigInt(ledger.closeTimeSeconds) - conditions.minSeqAge < seqTime;
  const isGapTooSmall = ledger.sequence - conditions.minSeqLedgerGap < seqLedger;
  return isTooYoung || isGapTooSmall ? problem('txBadMinSeqAgeOrGap') : null;
}

/** Signatures and static form of each operation; the first failure fails the transaction. */
function operationsProblem({ frame, entries, ledger }: Check, checker: SignatureChecker): Problem | null {
  const results: xdr.OperationResult[] = [];
  let hasFailed = false;
  for (const operation of frame.tx.operations) {
    const source = operationSource(frame, operation);
    const handler = handlerOf(operation.body);
    const fail = (result: xdr.OperationResult) => {
      hasFailed = true;
      results.push(result);
    };
    if (!handler) {
      fail(xdr.OperationResult.opNotSupported());
      continue;
    }
    const account = getAccount(entries, source);
    const isSigned = account
      ? checker.account(account, thresholdOf(handler, operation.body))
      : checker.masterKey(source);
    if (!isSigned) {
      fail(xdr.OperationResult.opBadAuth());
      continue;
    }
    const malformed = handler.check(operation.body, source, frame, ledger);
    if (malformed) fail(xdr.OperationResult.opInner(malformed));
    else results.push(xdr.OperationResult.opInner(handler.passed()));
  }
  return hasFailed ? { outcome: { code: 'txFailed', operations: results } } : null;
}

function extraSigners(tx: xdr.Transaction): readonly xdr.SignerKey[] {
  return tx.cond.type === 'precondV2' ? tx.cond.v2.extraSigners : [];
}
