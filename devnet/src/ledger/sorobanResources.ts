// Limits and price of the resources that a Soroban transaction declares, checked before it may enter a ledger.
// Order and reasons follow stellar-core's checkSorobanResources; each violation is txSOROBAN_INVALID.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../sorobanHost.ts';
import type { NetworkSettings } from './limits.ts';
import type { TransactionFrame } from './transactionFrame.ts';

/** Largest resource fee that an envelope may carry (2^50 stroops). */
export const MAX_RESOURCE_FEE_STROOPS = 2n ** 50n;

export function isSorobanOperation(body: xdr.OperationBody): boolean {
  return (
    body.type === 'invokeHostFunction' ||
    body.type === 'extendFootprintTtl' ||
    body.type === 'restoreFootprint'
  );
}

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

/** Returns what is wrong with the declared resources, or null. */
export function resourceProblem(
  host: SorobanHost,
  frame: TransactionFrame,
  data: xdr.SorobanTransactionData,
  limits: NetworkSettings,
): string | null {
  const { tx } = frame;
  const operation = tx.operations[0]!;
  if (operation.body.type === 'invokeHostFunction') {
    if (tx.memo.type !== 'memoNone') return 'a contract invocation cannot carry a memo';
    const isMuxed = (account: xdr.MuxedAccount | null) => account?.type === 'keyTypeMuxedEd25519';
    if (isMuxed(tx.sourceAccount) || isMuxed(operation.sourceAccount)) {
      return 'a contract invocation cannot have a muxed source account';
    }
  }
  const { resources } = data;
  const { readOnly, readWrite } = resources.footprint;
  const bounds: [string, number, number][] = [
    ['instructions', resources.instructions, Number(limits.txMaxInstructions)],
    ['disk read bytes', resources.diskReadBytes, limits.txMaxDiskReadBytes],
    ['write bytes', resources.writeBytes, limits.txMaxWriteBytes],
    ['footprint entries', readOnly.length + readWrite.length, limits.txMaxFootprintEntries],
    ['disk read entries', diskReadEntries(frame, data), limits.txMaxDiskReadEntries],
    ['write entries', readWrite.length, limits.txMaxWriteEntries],
    ['transaction size', frame.sizeBytes, limits.txMaxSizeBytes],
  ];
  for (const [name, value, limit] of bounds) {
    if (value > limit) return `${name} ${value} exceed the network limit of ${limit}`;
  }
  return (
    keysProblem([...readOnly, ...readWrite], limits) ??
    restoreProblem(data, readWrite) ??
    feeProblem(host, frame, data)
  );
}

function keysProblem(keys: readonly xdr.LedgerKey[], limits: NetworkSettings): string | null {
  const seen = new Set<string>();
  for (const key of keys) {
    switch (key.type) {
      case 'account':
      case 'contractCode':
      case 'contractData':
        break;
      case 'trustline':
        if (key.trustLine.asset.type === 'assetTypeNative')
          return 'footprint has a trust line of the native asset';
        break;
      default:
        return `footprint has a ${key.type} key, which contracts cannot reach`;
    }
    const encoded = key.toXdr('base64');
    if (key.toXdr().length > limits.dataKeySizeBytes) return 'footprint has a key that is too long';
    if (seen.has(encoded)) return 'footprint has the same key twice';
    seen.add(encoded);
  }
  return null;
}

function restoreProblem(
  data: xdr.SorobanTransactionData,
  readWrite: readonly xdr.LedgerKey[],
): string | null {
  let previous = -1;
  for (const index of restoredIndices(data)) {
    const key = readWrite[index];
    if (index <= previous) return 'archivedSorobanEntries are not in ascending order';
    if (!key) return 'archivedSorobanEntries point outside of the read-write footprint';
    if (!isPersistent(key)) return 'archivedSorobanEntries point to an entry that is not persistent';
    previous = index;
  }
  return null;
}

function feeProblem(
  host: SorobanHost,
  frame: TransactionFrame,
  data: xdr.SorobanTransactionData,
): string | null {
  if (!frame.feeBump && data.resourceFee > BigInt(frame.tx.fee)) return 'resourceFee is higher than the fee';
  const { nonRefundableStroops, eventsStroops } = declaredFee(host, frame, data);
  const needed = nonRefundableStroops + eventsStroops;
  if (data.resourceFee < needed)
    return `resourceFee ${data.resourceFee} is below the ${needed} stroops needed`;
  return null;
}
