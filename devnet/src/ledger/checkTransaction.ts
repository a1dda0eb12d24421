// Validity of a transaction against the ledger it would be applied in: the checks of stellar-core's checkValid, in
// its order; the first that fails decides the result. Nothing is changed and nothing is charged here.
// `problemAtApplication` repeats what earlier transactions of the same ledger may have changed. Left out: frozen keys
// (CAP-77), and what depends on other pending transactions, which is the queue's business.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../engine/sorobanHost.ts';
import {
  availableStroops,
  getAccount,
  INT64_MAX,
  isBelowReserve,
  sequenceUse,
  startingSequenceNumber,
} from './account.ts';
import type { EntrySource } from './entryStore.ts';
import { type ClosingLedger, thresholdOf } from './operations/operation.ts';
import { handlerOf } from './operations/operationHandlers.ts';
import { SignatureChecker, type ThresholdLevel } from './signatureChecker.ts';
import { MAX_RESOURCE_FEE_STROOPS, sorobanProblem } from './sorobanResources.ts';
import {
  BASE_FEE_STROOPS,
  feeUnits,
  inclusionFeeStroops,
  isSorobanOperation,
  minimumFeeStroops,
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

type Problem = { outcome: Outcome; diagnosticEvents?: readonly xdr.DiagnosticEvent[] };
type Check = { host: SorobanHost; frame: TransactionFrame; entries: EntrySource; ledger: ClosingLedger };

const problem = (code: PlainCode): Problem => ({ outcome: { code } });

/** Returns why the transaction cannot enter the ledger, or null when it can. */
export function checkTransaction(check: Check): Rejection | null {
  const { frame } = check;
  const malformed = checkEnvelope(frame);
  if (malformed) return malformed;
  const reject = (
    { outcome, diagnosticEvents = [] }: Problem,
    isInner: boolean,
    feeStroops = minimumFeeStroops(frame),
  ): Rejection => ({ result: transactionResult(frame, feeStroops, outcome, isInner), diagnosticEvents });
  if (frame.feeBump) {
    const outer = feeBumpProblem(check);
    if (outer) return reject(outer, false, outer.feeStroops);
  }
  const inner = innerProblem(check);
  return inner && reject(inner, true);
}

/** What makes an envelope nonsense whatever the ledger holds: a resource fee out of bounds, or less fee than that. */
export function checkEnvelope(frame: TransactionFrame): Rejection | null {
  const { tx, sorobanData } = frame;
  const [first] = tx.operations;
  const isFeeMissing = first !== undefined && isSorobanOperation(first.body) && !sorobanData;
  const resourceFee = resourceFeeStroops(frame);
  const isFeeWrong = resourceFee < 0n || resourceFee > MAX_RESOURCE_FEE_STROOPS;
  if (!isFeeMissing && !isFeeWrong && inclusionFeeStroops(frame) >= 0n) return null;
  return { result: transactionResult(frame, 0n, { code: 'txMalformed' }, false), diagnosticEvents: [] };
}

/**
 * What stands in the way of a transaction whose fee was taken already and which was valid when its ledger was put
 * together: what earlier transactions of the ledger did to its accounts.
 * @returns also whether it uses up its sequence number all the same
 */
export function problemAtApplication(check: Check): { outcome: Outcome; usesSequence: boolean } | null {
  const { frame, entries, ledger } = check;
  const source = getAccount(entries, frame.source);
  if (!source) return { ...problem('txNoAccount'), usesSequence: false };
  if (isBadSequence(frame.tx, source, ledger)) return { ...problem('txBadSeq'), usesSequence: false };
  const late = isTooEarlyFor(source, frame.tx, ledger)
    ? problem('txBadMinSeqAgeOrGap')
    : signatureProblem(check, source, {
        between: () => (!frame.feeBump && isBelowReserve(source) ? problem('txInsufficientBalance') : null),
        operations: (checker) => operationSignaturesProblem(check, checker),
      });
  return late && { outcome: late.outcome, usesSequence: true };
}

function feeBumpProblem(check: Check): (Problem & { feeStroops?: bigint }) | null {
  const { frame, entries } = check;
  const { feeSource, feeStroops, signatures } = frame.feeBump!;
  const outerInclusion = inclusionFeeStroops(frame);
  const innerInclusion = BigInt(frame.tx.fee) - resourceFeeStroops(frame);
  const outerUnits = feeUnits(frame);
  const innerUnits = BigInt(Math.max(1, frame.tx.operations.length));
  if (outerInclusion < BASE_FEE_STROOPS * outerUnits) return problem('txInsufficientFee');
  // An inner transaction that cannot pay for itself is no reason: that is what fee bumps are for. Its rate must not
  // be above the outer one, though (CAP-15): compared as fractions; what is reported is the inclusion fee needed.
  if (innerInclusion > 0n && outerInclusion * innerUnits < innerInclusion * outerUnits) {
    const needed = (innerInclusion * outerUnits + innerUnits - 1n) / innerUnits;
    return { ...problem('txInsufficientFee'), feeStroops: needed };
  }
  const account = getAccount(entries, feeSource);
  if (!account) return problem('txNoAccount');
  const checker = new SignatureChecker(frame.hash, signatures, check.ledger.impersonated);
  if (!checker.account(account, 'low')) return problem('txBadAuth');
  if (availableStroops(account) < feeStroops) return problem('txInsufficientBalance');
  return checker.allUsed() ? null : problem('txBadAuthExtra');
}

function innerProblem(check: Check): Problem | null {
  const { frame, entries, ledger } = check;
  const structural = structureProblem(check) ?? timeProblem(check);
  if (structural) return structural;
  const isFeeDue = frame.feeBump === null;
  if (isFeeDue && inclusionFeeStroops(frame) < BASE_FEE_STROOPS * feeUnits(frame)) {
    return problem('txInsufficientFee');
  }
  const source = getAccount(entries, frame.source);
  if (!source) return problem('txNoAccount');
  if (isBadSequence(frame.tx, source, ledger)) return problem('txBadSeq');
  if (isTooEarlyFor(source, frame.tx, ledger)) return problem('txBadMinSeqAgeOrGap');
  const isShort = () => isFeeDue && availableStroops(source) < offeredFeeStroops(frame);
  return signatureProblem(check, source, {
    between: () => (isShort() ? problem('txInsufficientBalance') : null),
    operations: (checker) => operationsProblem(check, checker),
  });
}

/** Signatures of the transaction, then of its operations, with what is checked between them. */
function signatureProblem(
  { frame, ledger }: Check,
  source: xdr.AccountEntry,
  {
    between,
    operations,
  }: {
    between: () => Problem | null;
    operations: (checker: SignatureChecker) => Problem | null;
  },
): Problem | null {
  const checker = new SignatureChecker(frame.txHash, frame.signatures, ledger.impersonated);
  if (!checker.account(source, 'low')) return problem('txBadAuth');
  if (!extraSigners(frame.tx).every((signer) => checker.extraSigner(signer))) return problem('txBadAuth');
  return between() ?? operations(checker) ?? (checker.allUsed() ? null : problem('txBadAuthExtra'));
}

function structureProblem({ host, frame, ledger }: Check): Problem | null {
  const { tx, sorobanData } = frame;
  const extra = extraSigners(tx);
  const isEmptyPayload = (signer: xdr.SignerKey) =>
    signer.type === 'signerKeyTypeEd25519SignedPayload' && signer.ed25519SignedPayload.payload.length === 0;
  const isRepeated = extra.length === 2 && extra[0]!.equals(extra[1]!);
  if (isRepeated || extra.some(isEmptyPayload)) return problem('txMalformed');
  if (tx.operations.length === 0) return problem('txMissingOperation');
  const isForContracts = tx.operations.some(({ body }) => isSorobanOperation(body));
  const isMixed = isForContracts && tx.operations.length > 1;
  if (isMixed || (tx.ext.type === 'sorobanData') !== (sorobanData !== null)) return problem('txMalformed');
  const diagnostic = sorobanData && sorobanProblem(host, frame, sorobanData, ledger.settings);
  return diagnostic && { outcome: { code: 'txSorobanInvalid' }, diagnosticEvents: [diagnostic] };
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

function isBadSequence(tx: xdr.Transaction, account: xdr.AccountEntry, ledger: ClosingLedger): boolean {
  if (tx.seqNum === startingSequenceNumber(ledger.sequence)) return true;
  const minimum = tx.cond.type === 'precondV2' ? tx.cond.v2.minSeqNum : null;
  if (minimum !== null) return account.seqNum < minimum || account.seqNum >= tx.seqNum;
  return account.seqNum === INT64_MAX || account.seqNum + 1n !== tx.seqNum;
}

/** CAP-21: the account's sequence number was used too recently for this transaction. */
function isTooEarlyFor(account: xdr.AccountEntry, tx: xdr.Transaction, ledger: ClosingLedger): boolean {
  if (tx.cond.type !== 'precondV2') return false;
  const { minSeqAge, minSeqLedgerGap } = tx.cond.v2;
  const { seqLedger, seqTime } = sequenceUse(account);
  return (
    BigInt(ledger.closeTimeSeconds) - minSeqAge < seqTime || ledger.sequence - minSeqLedgerGap < seqLedger
  );
}

/** Signatures and static form of each operation; the first failure fails the transaction. */
function operationsProblem({ frame, entries, ledger }: Check, checker: SignatureChecker): Problem | null {
  const { operations } = frame.tx;
  for (const [index, operation] of operations.entries()) {
    const handler = handlerOf(operation.body);
    const failWith = (result: xdr.OperationResult): Problem => ({
      outcome: {
        code: 'txFailed',
        operations: operations.map((other, place) => (place === index ? result : unjudged(other))),
      },
    });
    if (!handler) return failWith(xdr.OperationResult.opNotSupported());
    const source = operationSource(frame, operation);
    if (!isSigned(entries, source, checker, thresholdOf(handler, operation.body))) {
      return failWith(xdr.OperationResult.opBadAuth());
    }
    const malformed = handler.check(operation.body, source, frame, ledger);
    if (!malformed) continue;
    const diagnostic = handler.explain?.(operation.body, frame, ledger);
    return {
      ...failWith(xdr.OperationResult.opInner(malformed)),
      diagnosticEvents: diagnostic ? [diagnostic] : [],
    };
  }
  return null;
}

/** Signatures of all operations, on the accounts as earlier transactions of the ledger left them. */
function operationSignaturesProblem({ frame, entries }: Check, checker: SignatureChecker): Problem | null {
  let hasFailed = false;
  const operations = frame.tx.operations.map((operation) => {
    const source = operationSource(frame, operation);
    if (isSigned(entries, source, checker, thresholdOf(handlerOf(operation.body)!, operation.body))) {
      return unjudged(operation);
    }
    hasFailed = true;
    return xdr.OperationResult.opBadAuth();
  });
  return hasFailed ? { outcome: { code: 'txFailed', operations } } : null;
}

/** For an account that does not exist, because an earlier operation is going to make it, its own key has to sign. */
function isSigned(
  entries: EntrySource,
  source: Uint8Array,
  checker: SignatureChecker,
  level: ThresholdLevel,
): boolean {
  const account = getAccount(entries, source);
  return account ? checker.account(account, level) : checker.masterKey(source);
}

/** What stands for an operation that was not the reason of a failure. */
function unjudged({ body }: xdr.Operation): xdr.OperationResult {
  const handler = handlerOf(body);
  return handler ? xdr.OperationResult.opInner(handler.passed()) : xdr.OperationResult.opNotSupported();
}

function extraSigners(tx: xdr.Transaction): readonly xdr.SignerKey[] {
  return tx.cond.type === 'precondV2' ? tx.cond.v2.extraSigners : [];
}
