// A closed ledger and its transactions, as history keeps them: encoded, ready to be served. The header commits to
// everything the ledger did: the transaction set, the results, and, in place of a bucket list that does not exist
// here, a running hash of all entry changes. Nothing in it can be checked against a validator's archive.
import { concatBytes, fromHex, fromLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { BASE_RESERVE_STROOPS } from './account.ts';
import type { KeyText, StoredEntry } from './entryStore.ts';
import type { EventRecord } from './eventRecords.ts';
import { bucketListHashOf, encodedLedgerHeader } from './ledgerHeader.ts';
import type { ClosingLedger } from './operations/operation.ts';
import { NO_SOROBAN_STATE, type SorobanState } from './sorobanState.ts';
import { BASE_FEE_STROOPS } from './transactionFrame.ts';
import { transactionSetXdr } from './transactionSetXdr.ts';
import { words } from './xdrBytes.ts';

export const TOTAL_COINS_STROOPS = 10n ** 18n;
const ZERO_HASH = new Uint8Array(32);

export type AppliedTransaction = {
  /** Hex; for a fee bump `innerHash` is that of the transaction inside, else null. */
  readonly hash: string;
  readonly innerHash: string | null;
  readonly isSuccess: boolean;
  readonly isSoroban: boolean;
  /** Paid for inclusion per operation, in stroops. */
  readonly inclusionFeeStroops: bigint;
  readonly envelopeXdr: Uint8Array;
  readonly resultXdr: Uint8Array;
  /** TransactionMeta. */
  readonly metaXdr: Uint8Array;
  /** LedgerEntryChanges. */
  readonly feeChangesXdr: Uint8Array;
  readonly refundChangesXdr: Uint8Array;
};

/** What an operation, or a contract call's inclusion, cost in a ledger: more than the minimum when it was full. */
export type BaseFees = { readonly classicStroops: bigint; readonly sorobanStroops: bigint };

export const MINIMUM_BASE_FEES: BaseFees = {
  classicStroops: BASE_FEE_STROOPS,
  sorobanStroops: BASE_FEE_STROOPS,
};

export type ClosedLedger = {
  readonly sequence: number;
  readonly closeTimeSeconds: number;
  readonly feePoolStroops: bigint;
  readonly baseFees: BaseFees;
  readonly hash: Uint8Array;
  readonly headerXdr: Uint8Array;
  /** In the order they were applied: classic ones first. */
  readonly transactions: readonly AppliedTransaction[];
  /** In the order of their ids. */
  readonly events: readonly EventRecord[];
  readonly sorobanState: SorobanState;
};

export type LedgerContent = {
  readonly transactions: readonly AppliedTransaction[];
  readonly events: readonly EventRecord[];
  readonly baseFees: BaseFees;
  readonly feeChargedStroops: bigint;
  readonly entries: ReadonlyMap<KeyText, StoredEntry | null>;
  readonly sorobanState: SorobanState;
};

export const EMPTY_CONTENT: LedgerContent = {
  transactions: [],
  events: [],
  baseFees: MINIMUM_BASE_FEES,
  feeChargedStroops: 0n,
  entries: new Map(),
  sorobanState: NO_SOROBAN_STATE,
};

export function closedLedger(
  ledger: Pick<ClosingLedger, 'sequence' | 'closeTimeSeconds' | 'protocolVersion'>,
  previous: Pick<ClosedLedger, 'hash' | 'feePoolStroops' | 'headerXdr'> | null,
  content: LedgerContent,
): ClosedLedger {
  const { transactions, events, baseFees } = content;
  const feePoolStroops = (previous?.feePoolStroops ?? 0n) + content.feeChargedStroops;
  const previousLedgerHash = previous?.hash ?? ZERO_HASH;
  const headerXdr = encodedLedgerHeader({
    protocolVersion: ledger.protocolVersion,
    previousLedgerHash,
    txSetHash: sha256(transactionSetXdr(previousLedgerHash, transactions, baseFees)),
    closeTimeSeconds: ledger.closeTimeSeconds,
    txSetResultHash: sha256(resultSetXdr(transactions)),
    bucketListHash: stateHash(previous, content.entries),
    sequence: ledger.sequence,
    totalCoins: TOTAL_COINS_STROOPS,
    feePoolStroops,
    baseFeeStroops: Number(BASE_FEE_STROOPS),
    baseReserveStroops: BASE_RESERVE_STROOPS,
    maxTxSetSize: MAX_CLASSIC_OPERATIONS,
  });
  return {
    sequence: ledger.sequence,
    closeTimeSeconds: ledger.closeTimeSeconds,
    feePoolStroops,
    baseFees,
    hash: sha256(headerXdr),
    headerXdr,
    transactions,
    events,
    sorobanState: content.sorobanState,
  };
}

/** Operations that fit the classic part of a ledger. */
export const MAX_CLASSIC_OPERATIONS = 1_000;

/** TransactionResultSet: a count, then hash and result of each transaction. */
function resultSetXdr(transactions: readonly AppliedTransaction[]): Uint8Array {
  const pairs = transactions.flatMap(({ hash, resultXdr }) => [fromHex(hash), resultXdr]);
  return concatBytes(words(transactions.length), ...pairs);
}

/** The running hash after these changes; a ledger that changes nothing keeps its predecessor's. */
function stateHash(
  previous: Pick<ClosedLedger, 'headerXdr'> | null,
  entries: ReadonlyMap<KeyText, StoredEntry | null>,
): Uint8Array {
  const before = previous ? bucketListHashOf(previous.headerXdr) : ZERO_HASH;
  if (entries.size === 0) return before;
  const changes = [...entries].flatMap(([key, entry]) => [
    words(key.length),
    fromLatin1(key),
    words(entry?.xdr.length ?? 0),
    entry?.xdr ?? new Uint8Array(),
    words(entry?.ttl?.liveUntilLedger ?? 0),
  ]);
  return sha256(concatBytes(before, ...changes));
}
