// InvokeHostFunctionOp: runs the host on the declared footprint and applies what it reports, within the byte limits.
// A restored entry gets the minimum persistent lifetime (CAP-66). Results and their order follow stellar-core.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { EntryOutcome, InvokeOutcome } from '../../engine/sorobanHost.ts';
import { sha256 } from '../../sha256.ts';
import { accountIdOf, BASE_RESERVE_STROOPS } from '../account.ts';
import { isValidAsset } from '../asset.ts';
import { isArchived, type KeyText, keyText, withLastModified } from '../entryStore.ts';
import { errorDiagnostic } from '../errorDiagnostic.ts';
import { impersonatedAddress } from '../impersonatedAddress.ts';
import { isOversized, restoredIndices } from '../sorobanResources.ts';
import type { TransactionFrame } from '../transactionFrame.ts';
import { words } from '../xdrBytes.ts';
import type { ClosingLedger, OperationContext, OperationHandler, OperationOutcome } from './operation.ts';
import { useRefundableFee } from './refundableFee.ts';

const R = xdr.InvokeHostFunctionResult;
const result = (value: xdr.InvokeHostFunctionResult) => xdr.OperationResultTr.invokeHostFunction(value);
const failed = (value: xdr.InvokeHostFunctionResult) => ({ isSuccess: false, result: result(value) });

type Body = Extract<xdr.OperationBody, { type: 'invokeHostFunction' }>;
type Success = Extract<InvokeOutcome, { kind: 'success' }>;

export const invokeHostFunction: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.invokeHostFunctionSuccess(new Uint8Array(32))),

  /** stellar-core has no code of its own for these: the result says success, and the transaction is not valid. */
  check(body, _source, frame, ledger) {
    return refusal(body, frame, ledger) && this.passed();
  },

  explain: refusal,

  apply({ invokeHostFunctionOp }, context) {
    const { frame, soroban, ledger } = context;
    const { resources } = frame.sorobanData!;
    const restored = archivedMarked(context);
    const footprint = footprintProblem(context, restored);
    if (footprint) return failed(footprint);
    const outcome = run(invokeHostFunctionOp, context, [...restored.keys()]);
    if (outcome.kind === 'archived') return failed(R.invokeHostFunctionEntryArchived());
    soroban.diagnosticEvents.push(...outcome.diagnosticEvents);
    if (outcome.kind === 'success') return settle(outcome, context, new Set(restored.values()));
    if (outcome.instructions > BigInt(resources.instructions)) {
      const message = 'the invocation takes more instructions than declared';
      return limitExceeded(context, message, [outcome.instructions, resources.instructions]);
    }
    const { txMemoryLimitBytes } = ledger.settings;
    if (outcome.memoryBytes > BigInt(txMemoryLimitBytes)) {
      const message = 'the invocation takes more memory than the network allows';
      return limitExceeded(context, message, [outcome.memoryBytes, txMemoryLimitBytes]);
    }
    return failed(R.invokeHostFunctionTrapped());
  },
};

function refusal(
  { invokeHostFunctionOp: { hostFunction } }: Body,
  _frame: TransactionFrame,
  { settings: { contractMaxSizeBytes } }: ClosingLedger,
): xdr.DiagnosticEvent | null {
  if (hostFunction.type === 'hostFunctionTypeUploadContractWasm') {
    const { length } = hostFunction.wasm;
    const message = 'the uploaded wasm is larger than the network allows';
    return length > contractMaxSizeBytes
      ? errorDiagnostic('budgetExceeded', message, [length, contractMaxSizeBytes])
      : null;
  }
  const preimage =
    hostFunction.type === 'hostFunctionTypeCreateContract'
      ? hostFunction.createContract.contractIdPreimage
      : hostFunction.type === 'hostFunctionTypeCreateContractV2'
        ? hostFunction.createContractV2.contractIdPreimage
        : null;
  const asset = preimage?.type === 'contractIdPreimageFromAsset' ? preimage.fromAsset : null;
  return asset && !isValidAsset(asset)
    ? errorDiagnostic('valueInvalid', 'a contract cannot be created of an asset that is not valid')
    : null;
}

/** Those entries marked to be restored that are archived indeed: place in the read-write footprint -> key. */
function archivedMarked({ delta, ledger, frame }: OperationContext): ReadonlyMap<number, KeyText> {
  const data = frame.sorobanData!;
  const marked = restoredIndices(data).map((index): [number, KeyText] => [
    index,
    keyText(data.resources.footprint.readWrite[index]!.toXdr()),
  ]);
  return new Map(marked.filter(([, key]) => isArchived(delta.get(key), ledger.sequence)));
}

/**
 * Goes through the footprint in its order, as stellar-core does: an archived entry that is not marked ends it, and so
 * do bytes read from disk beyond those declared, which are those of classic entries and of restored ones.
 */
function footprintProblem(
  context: OperationContext,
  restored: ReadonlyMap<number, KeyText>,
): xdr.InvokeHostFunctionResult | null {
  const { delta, ledger, frame, soroban } = context;
  const { footprint, diskReadBytes } = frame.sorobanData!.resources;
  let readBytes = 0;
  for (const [index, key] of [...footprint.readOnly, ...footprint.readWrite].entries()) {
    const stored = delta.get(keyText(key.toXdr()));
    const isRestored = restored.has(index - footprint.readOnly.length);
    if (isArchived(stored, ledger.sequence) && !isRestored) {
      soroban.diagnosticEvents.push(archivedDiagnostic(key).toXdr());
      return R.invokeHostFunctionEntryArchived();
    }
    if (!stored) continue;
    if (isOversized(stored.xdr, ledger.settings)) {
      return noteLimit(context, 'a ledger entry is larger than the network allows', [stored.xdr.length]);
    }
    if (isRestored || !stored.ttl) readBytes += stored.xdr.length;
    if (readBytes > diskReadBytes) {
      return noteLimit(context, 'more bytes are read from disk than declared', [readBytes, diskReadBytes]);
    }
  }
  return null;
}

function archivedDiagnostic(key: xdr.LedgerKey): xdr.DiagnosticEvent {
  const values =
    key.type === 'contractCode'
      ? [xdr.ScVal.scvBytes(key.contractCode.hash.toBytes())]
      : key.type === 'contractData'
        ? [xdr.ScVal.scvAddress(key.contractData.contract), key.contractData.key]
        : [];
  return errorDiagnostic('valueInvalid', 'an entry of the footprint is archived and not marked', values);
}

function run(
  operation: xdr.InvokeHostFunctionOp,
  context: OperationContext,
  restored: readonly number[],
): InvokeOutcome {
  const { host, ledger, frame, delta, source } = context;
  const data = frame.sorobanData!;
  const sequence = new Uint8Array(4);
  new DataView(sequence.buffer).setUint32(0, ledger.sequence);
  return host.applyInvoke(
    { ...ledger, baseReserveStroops: BASE_RESERVE_STROOPS },
    {
      hostFunction: operation.hostFunction.toXdr(),
      source: accountIdOf(source).toXdr(),
      seed: sha256(frame.txHash, sequence),
      auth: operation.auth.map((entry) => entry.toXdr()),
      resources: data.resources.toXdr(),
      restoredIndices: restored,
      impersonated: impersonatedAddress(operation.auth, ledger.impersonated),
    },
    (key) => {
      const stored = delta.get(keyText(key));
      return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
    },
  );
}

/** Checks the limits on what the invocation produced, then writes it and works out the refundable fee. */
function settle(
  outcome: Success,
  context: OperationContext,
  restored: ReadonlySet<KeyText>,
): OperationOutcome {
  const { frame, soroban, events, ledger } = context;
  const { writeBytes } = frame.sorobanData!.resources;
  const { txMaxEventsBytes } = ledger.settings;
  const { returnValue } = outcome;
  const writes = outcome.entries.flatMap(({ readOnly, after }) => (readOnly || !after ? [] : [after]));
  const oversized = writes.find((entry) => isOversized(entry, ledger.settings));
  if (oversized) {
    return limitExceeded(context, 'a ledger entry is larger than the network allows', [oversized.length]);
  }
  if (sizeOf(writes) > writeBytes) {
    return limitExceeded(context, 'more bytes are written than declared', [sizeOf(writes), writeBytes]);
  }
  const eventBytes = sizeOf(outcome.events) + returnValue.length;
  if (eventBytes > txMaxEventsBytes) {
    const message = 'events and return value are larger than the network allows';
    return limitExceeded(context, message, [eventBytes, txMaxEventsBytes]);
  }
  if (!useRefundableFee(context, { rentFeeStroops: outcome.rentFeeStroops, eventBytes })) {
    return failed(R.invokeHostFunctionInsufficientRefundableFee());
  }
  for (const entry of outcome.entries) write(entry, context, restored);
  events.push(...outcome.events.map((event) => xdr.ContractEvent.fromXdr(event)));
  soroban.returnValue = returnValue;
  // InvokeHostFunctionSuccessPreImage
  const hash = sha256(returnValue, words(outcome.events.length), ...outcome.events);
  return { isSuccess: true, result: result(R.invokeHostFunctionSuccess(hash)) };
}

function write(
  entry: EntryOutcome,
  { delta, ledger }: OperationContext,
  restored: ReadonlySet<KeyText>,
): void {
  const key = keyText(entry.key);
  const { sequence } = ledger;
  const before = delta.get(key);
  if (entry.readOnly) {
    if (before?.ttl && entry.ttl && entry.ttl.newLiveUntil > before.ttl.liveUntilLedger) {
      delta.put(key, {
        xdr: before.xdr,
        ttl: { liveUntilLedger: entry.ttl.newLiveUntil, modifiedLedger: sequence },
      });
    }
    return;
  }
  if (!entry.after) {
    if (before) delta.delete(key);
    return;
  }
  const liveUntilLedger = entry.ttl?.newLiveUntil;
  const isTtlUnchanged = before?.ttl?.liveUntilLedger === liveUntilLedger;
  const ttl =
    liveUntilLedger === undefined
      ? null
      : isTtlUnchanged
        ? before!.ttl
        : { liveUntilLedger, modifiedLedger: sequence };
  if (restored.has(key)) delta.markRestored(key);
  delta.put(key, { xdr: withLastModified(entry.after, sequence), ttl });
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

function noteLimit(
  { soroban }: OperationContext,
  message: string,
  values: readonly (number | bigint)[],
): xdr.InvokeHostFunctionResult {
  soroban.diagnosticEvents.push(errorDiagnostic('budgetExceeded', message, values).toXdr());
  return R.invokeHostFunctionResourceLimitExceeded();
}

function limitExceeded(
  context: OperationContext,
  message: string,
  values: readonly (number | bigint)[],
): OperationOutcome {
  return failed(noteLimit(context, message, values));
}
