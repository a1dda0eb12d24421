// Limits and price of the resources that a Soroban transaction declares, checked before it may enter a ledger.
// Order and causes follow stellar-core; each violation is txSOROBAN_INVALID with a diagnostic that names it.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../engine/sorobanHost.ts';
import { isIssuer, isValidAsset } from './asset.ts';
import { keyText } from './entryStore.ts';
import { type Cause, errorDiagnostic } from './errorDiagnostic.ts';
import type { NetworkSettings } from './limits.ts';
import type { TransactionFrame } from './transactionFrame.ts';

/** Largest resource fee that an envelope may carry (2^50 stroops). */
export const MAX_RESOURCE_FEE_STROOPS = 2n ** 50n;

/** Positions in the read-write footprint that the transaction asks to restore. */
export function restoredIndices(data: xdr.SorobanTransactionData): readonly number[] {
  return data.ext.type === 'resourceExt' ? data.ext.resourceExt.archivedSorobanEntries : [];
}

function isClassicKey(key: xdr.LedgerKey): boolean {
  return key.type === 'account' || key.type === 'trustline';
}

export function isPersistent(key: xdr.LedgerKey): boolean {
  return (
    key.type === 'contractCode' ||
    (key.type === 'contractData' && key.contractData.durability.name === 'persistent')
  );
}

/** Whether contract data or code is larger than its entry may be. The word after the last-modified ledger is the type. */
export function isOversized(entryXdr: Uint8Array, limits: NetworkSettings): boolean {
  const [CONTRACT_DATA, CONTRACT_CODE] = [6, 7];
  const type = new DataView(entryXdr.buffer, entryXdr.byteOffset).getUint32(4);
  if (type === CONTRACT_DATA) return entryXdr.length > limits.dataEntrySizeBytes;
  return type === CONTRACT_CODE && entryXdr.length > limits.contractMaxSizeBytes;
}

export function diskReadEntries(frame: TransactionFrame, data: xdr.SorobanTransactionData): number {
  const { readOnly, readWrite } = data.resources.footprint;
  if (frame.tx.operations[0]?.body.type === 'restoreFootprint') return readWrite.length;
  return [...readOnly, ...readWrite].filter(isClassicKey).length + restoredIndices(data).length;
}

/** The fee that is owed whatever happens, and the fee for `eventBytes`. */
export function declaredFee(
  host: SorobanHost,
  frame: TransactionFrame,
  data: xdr.SorobanTransactionData,
  eventBytes = 0,
): { nonRefundableStroops: bigint; eventsStroops: bigint } {
  const { resources } = data;
  return host.resourceFee({
    instructions: resources.instructions,
    diskReadEntries: diskReadEntries(frame, data),
    writeEntries: resources.footprint.readWrite.length,
    diskReadBytes: resources.diskReadBytes,
    writeBytes: resources.writeBytes,
    eventBytes,
    transactionBytes: frame.sizeBytes,
  });
}

/** Returns what is wrong with the declared resources and their fee, or null. */
export function sorobanProblem(
  host: SorobanHost,
  frame: TransactionFrame,
  data: xdr.SorobanTransactionData,
  limits: NetworkSettings,
): xdr.DiagnosticEvent | null {
  return resourceProblem(frame, data, limits) ?? feeProblem(host, frame, data) ?? duplicateProblem(data);
}

/** Returns what is wrong with the declared resources alone, or null. */
export function resourceProblem(
  frame: TransactionFrame,
  data: xdr.SorobanTransactionData,
  limits: NetworkSettings,
): xdr.DiagnosticEvent | null {
  const { tx } = frame;
  const operation = tx.operations[0]!;
  if (operation.body.type === 'invokeHostFunction') {
    const isMuxed = (account: xdr.MuxedAccount | null) => account?.type === 'keyTypeMuxedEd25519';
    if (tx.memo.type !== 'memoNone' || isMuxed(tx.sourceAccount) || isMuxed(operation.sourceAccount)) {
      const message = 'a contract invocation cannot have a memo or a muxed source account';
      return errorDiagnostic('valueInvalid', message);
    }
  }
  const { resources } = data;
  const { readOnly, readWrite } = resources.footprint;
  const keys = [...readOnly, ...readWrite];
  return (
    over('budgetExceeded', 'instructions', resources.instructions, limits.txMaxInstructions) ??
    over('storageExceeded', 'disk read bytes', resources.diskReadBytes, limits.txMaxDiskReadBytes) ??
    over('storageExceeded', 'write bytes', resources.writeBytes, limits.txMaxWriteBytes) ??
    over('storageExceeded', 'footprint entries', keys.length, limits.txMaxFootprintEntries) ??
    over('storageExceeded', 'disk read entries', diskReadEntries(frame, data), limits.txMaxDiskReadEntries) ??
    over('storageExceeded', 'write entries', readWrite.length, limits.txMaxWriteEntries) ??
    firstOf(keys, (key) => keyProblem(key, limits)) ??
    over('budgetExceeded', 'transaction bytes', frame.sizeBytes, limits.txMaxSizeBytes) ??
    restoreProblem(data, readWrite)
  );
}

function over(cause: Cause, name: string, value: number, limit: number | bigint) {
  const message = `${name} exceed what the network allows a transaction`;
  return value > limit ? errorDiagnostic(cause, message, [value, limit]) : null;
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | null): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return null;
}

function keyProblem(key: xdr.LedgerKey, limits: NetworkSettings): xdr.DiagnosticEvent | null {
  switch (key.type) {
    case 'account':
    case 'contractCode':
    case 'contractData':
      break;
    case 'trustline':
      if (!isLine(key.trustLine)) {
        return errorDiagnostic('storageInvalid', 'the footprint has a trust line that cannot exist');
      }
      break;
    default: {
      const message = `the footprint has a key of a kind that contracts cannot reach: ${key.type}`;
      return errorDiagnostic('storageType', message);
    }
  }
  return over('storageExceeded', 'bytes of a footprint key', key.toXdr().length, limits.dataKeySizeBytes);
}

/** A trust line to a pool, or in a valid asset that somebody else issues. */
function isLine({ accountId, asset }: xdr.LedgerKeyTrustLine): boolean {
  if (asset.type === 'assetTypePoolShare') return true;
  if (asset.type === 'assetTypeNative') return false;
  return isValidAsset(asset) && !isIssuer(accountId.value.toBytes(), asset);
}

function restoreProblem(
  data: xdr.SorobanTransactionData,
  readWrite: readonly xdr.LedgerKey[],
): xdr.DiagnosticEvent | null {
  let previous = -1;
  for (const index of restoredIndices(data)) {
    const key = readWrite[index];
    if (index <= previous) {
      return errorDiagnostic('storageInvalid', 'archivedSorobanEntries are not in ascending order');
    }
    if (!key) {
      const message = 'archivedSorobanEntries point outside of the read-write footprint';
      return errorDiagnostic('storageInvalid', message, [index, readWrite.length]);
    }
    if (!isPersistent(key)) {
      const message = 'archivedSorobanEntries point to an entry that is not persistent';
      return errorDiagnostic('storageInvalid', message, [index]);
    }
    previous = index;
  }
  return null;
}

function feeProblem(
  host: SorobanHost,
  frame: TransactionFrame,
  { resourceFee }: xdr.SorobanTransactionData,
): xdr.DiagnosticEvent | null {
  const { nonRefundableStroops, eventsStroops } = declaredFee(host, frame, frame.sorobanData!);
  const needed = nonRefundableStroops + eventsStroops;
  if (resourceFee >= needed) return null;
  const message = 'resourceFee is lower than what the declared resources cost';
  return errorDiagnostic('storageExceeded', message, [resourceFee, needed]);
}

function duplicateProblem({ resources }: xdr.SorobanTransactionData): xdr.DiagnosticEvent | null {
  const { readOnly, readWrite } = resources.footprint;
  const texts = [...readOnly, ...readWrite].map((key) => keyText(key.toXdr()));
  if (new Set(texts).size === texts.length) return null;
  return errorDiagnostic('storageInvalid', 'the footprint has the same key twice');
}
