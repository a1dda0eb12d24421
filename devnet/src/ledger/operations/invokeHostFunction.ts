// InvokeHostFunctionOp: runs the host on the declared footprint and applies what it reports, within the byte limits.
// A restored entry gets the minimum persistent lifetime (CAP-66). Results and their order follow stellar-core.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { sha256 } from '../../sha256.ts';
import type { EntryOutcome, InvokeOutcome } from '../../sorobanHost.ts';
import { accountIdOf, BASE_RESERVE_STROOPS } from '../account.ts';
import { errorDiagnostic } from '../classicEvents.ts';
import { keyText, type LedgerDelta, withLastModified } from '../entryStore.ts';
import { impersonatedAddress } from '../impersonatedAddress.ts';
import type { NetworkSettings } from '../limits.ts';
import { restoredIndices } from '../sorobanResources.ts';
import type { OperationContext, OperationHandler, OperationOutcome } from './operation.ts';
import { useRefundableFee } from './refundableFee.ts';

const R = xdr.InvokeHostFunctionResult;
const result = (value: xdr.InvokeHostFunctionResult) => xdr.OperationResultTr.invokeHostFunction(value);
const failed = (value: xdr.InvokeHostFunctionResult) => ({ isSuccess: false, result: result(value) });

type Body = Extract<xdr.OperationBody, { type: 'invokeHostFunction' }>;
type Success = Extract<InvokeOutcome, { kind: 'success' }>;

export const invokeHostFunction: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.invokeHostFunctionSuccess(new Uint8Array(32))),

  check({ invokeHostFunctionOp }, _source, _frame, { settings }) {
    const { hostFunction } = invokeHostFunctionOp;
    const isOversized =
      hostFunction.type === 'hostFunctionTypeUploadContractWasm' &&
      hostFunction.wasm.length > settings.contractMaxSizeBytes;
    return isOversized ? result(R.invokeHostFunctionMalformed()) : null;
  },

  apply({ invokeHostFunctionOp }, context) {
    const { delta, frame, soroban, ledger } = context;
    const data = frame.sorobanData!;
    if (diskReadBytes(delta, data) > data.resources.diskReadBytes) {
      return limitExceeded(context, 'disk read bytes exceed what the transaction declares');
    }
    const outcome = run(invokeHostFunctionOp, context);
    if (outcome.kind === 'archived') return failed(R.invokeHostFunctionEntryArchived());
    soroban.diagnosticEvents.push(
      ...outcome.diagnosticEvents.map((event) => xdr.DiagnosticEvent.fromXdr(event)),
    );
    if (outcome.kind === 'failed') {
      const isOverBudget =
        outcome.instructions > BigInt(data.resources.instructions) ||
        outcome.memoryBytes > BigInt(ledger.settings.txMemoryLimitBytes);
      return failed(
        isOverBudget ? R.invokeHostFunctionResourceLimitExceeded() : R.invokeHostFunctionTrapped(),
      );
    }
    return settle(outcome, context);
  },
};

function run(operation: xdr.InvokeHostFunctionOp, context: OperationContext): InvokeOutcome {
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
      restoredIndices: restoredIndices(data),
      impersonated: impersonatedAddress(operation.auth, ledger.impersonated),
    },
    (key) => {
      const stored = delta.get(keyText(key));
      return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
    },
  );
}

/** Checks the limits on what the invocation produced, then writes it and works out the refundable fee. */
function settle(outcome: Success, context: OperationContext): OperationOutcome {
  const { frame, soroban, events, ledger } = context;
  const data = frame.sorobanData!;
  const writes = outcome.entries.flatMap(({ readOnly, after }) => (readOnly || !after ? [] : [after]));
  if (writes.some((entry) => isTooLarge(entry, ledger.settings))) {
    return limitExceeded(context, 'a ledger entry exceeds the network limit on its size');
  }
  if (sizeOf(writes) > data.resources.writeBytes) {
    return limitExceeded(context, 'write bytes exceed what the transaction declares');
  }
  const eventBytes = sizeOf(outcome.events) + outcome.returnValue.length;
  if (eventBytes > ledger.settings.txMaxEventsBytes) {
    return limitExceeded(context, 'events and return value exceed the network limit on their size');
  }
  if (!useRefundableFee(context, { rentFeeStroops: outcome.rentFeeStroops, eventBytes })) {
    return failed(R.invokeHostFunctionInsufficientRefundableFee());
  }
  const restored = new Set(
    restoredIndices(data).map((index) => keyText(data.resources.footprint.readWrite[index]!.toXdr())),
  );
  for (const entry of outcome.entries) write(entry, context, restored);
  const contractEvents = outcome.events.map((event) => xdr.ContractEvent.fromXdr(event));
  const returnValue = xdr.ScVal.fromXdr(outcome.returnValue);
  events.push(...contractEvents);
  soroban.returnValue = returnValue;
  const preimage = new xdr.InvokeHostFunctionSuccessPreImage({ returnValue, events: contractEvents });
  return { isSuccess: true, result: result(R.invokeHostFunctionSuccess(sha256(preimage.toXdr()))) };
}

function write(
  entry: EntryOutcome,
  { delta, ledger }: OperationContext,
  restored: ReadonlySet<string>,
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
  const wasArchived = before?.ttl && before.ttl.liveUntilLedger < sequence;
  if (wasArchived && restored.has(key)) delta.markRestored(key);
  delta.put(key, { xdr: withLastModified(entry.after, sequence), ttl });
}

/** Bytes read from disk: classic entries, and archived ones that are restored. */
function diskReadBytes(delta: LedgerDelta, data: xdr.SorobanTransactionData): number {
  const { readOnly, readWrite } = data.resources.footprint;
  const restored = new Set(restoredIndices(data));
  const keys = [
    ...[...readOnly, ...readWrite].filter((key) => key.type === 'account' || key.type === 'trustline'),
    ...readWrite.filter((_, index) => restored.has(index)),
  ];
  return keys.reduce((total, key) => total + (delta.get(keyText(key.toXdr()))?.xdr.length ?? 0), 0);
}

/** Contract code is bounded when it is uploaded. The entry's type is the word after its last-modified ledger. */
function isTooLarge(entryXdr: Uint8Array, limits: NetworkSettings): boolean {
  const CONTRACT_DATA = 6;
  const type = new DataView(entryXdr.buffer, entryXdr.byteOffset).getUint32(4);
  return type === CONTRACT_DATA && entryXdr.length > limits.dataEntrySizeBytes;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

function limitExceeded({ soroban }: OperationContext, message: string): OperationOutcome {
  soroban.diagnosticEvents.push(errorDiagnostic(message));
  return failed(R.invokeHostFunctionResourceLimitExceeded());
}
