// A closed ledger and its transactions, as history keeps them: encoded, ready to be served. The header commits to
// everything the ledger did: the transaction set, the results, and, in place of a bucket list that does not exist
// here, a running hash of all entry changes. Nothing in it can be checked against a validator's archive.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes, fromLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { BASE_RESERVE_STROOPS } from './account.ts';
import type { KeyText, StoredEntry } from './entryStore.ts';
import type { EventRecord } from './eventRecords.ts';
import type { ClosingLedger } from './operations/operation.ts';
import { BASE_FEE_STROOPS } from './transactionFrame.ts';
import { transactionSetXdr } from './transactionSetXdr.ts';

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
};

export type LedgerContent = {
  readonly transactions: readonly AppliedTransaction[];
  readonly events: readonly EventRecord[];
  readonly baseFees: BaseFees;
  readonly feeChargedStroops: bigint;
  readonly entries: ReadonlyMap<KeyText, StoredEntry | null>;
};

export const EMPTY_CONTENT: LedgerContent = {
  transactions: [],
  events: [],
  baseFees: MINIMUM_BASE_FEES,
  feeChargedStroops: 0n,
  entries: new Map(),
};

export function closedLedger(
  ledger: Pick<ClosingLedger, 'sequence' | 'closeTimeSeconds' | 'protocolVersion'>,
  previous: Pick<ClosedLedger, 'hash' | 'feePoolStroops' | 'headerXdr'> | null,
  content: LedgerContent,
): ClosedLedger {
  const { transactions, events, baseFees } = content;
  const feePoolStroops = (previous?.feePoolStroops ?? 0n) + content.feeChargedStroops;
  const previousLedgerHash = previous?.hash ?? ZERO_HASH;
  const header = new xdr.LedgerHeader({
    ledgerVersion: ledger.protocolVersion,
    previousLedgerHash,
    scpValue: new xdr.StellarValue({
      txSetHash: sha256(transactionSetXdr(previousLedgerHash, transactions, baseFees)),
      closeTime: BigInt(ledger.closeTimeSeconds),
      upgrades: [],
      ext: xdr.StellarValueExt.stellarValueBasic(),
    }),
    txSetResultHash: sha256(resultSetXdr(transactions)),
    bucketListHash: stateHash(previous, content.entries),
    ledgerSeq: ledger.sequence,
    totalCoins: TOTAL_COINS_STROOPS,
    feePool: feePoolStroops,
    inflationSeq: 0,
    idPool: 0n,
    baseFee: Number(BASE_FEE_STROOPS),
    baseReserve: BASE_RESERVE_STROOPS,
    maxTxSetSize: MAX_CLASSIC_OPERATIONS,
    skipList: [ZERO_HASH, ZERO_HASH, ZERO_HASH, ZERO_HASH],
    ext: xdr.LedgerHeaderExt.v0(),
  });
  const headerXdr = header.toXdr();
  return {
    sequence: ledger.sequence,
    closeTimeSeconds: ledger.closeTimeSeconds,
    feePoolStroops,
    baseFees,
    hash: sha256(headerXdr),
    headerXdr,
    transactions,
    events,
  };
}

/** Operations that fit the classic part of a ledger. */
export const MAX_CLASSIC_OPERATIONS = 1_000;

/** TransactionResultSet: a count, then hash and result of each transaction. */
function resultSetXdr(transactions: readonly AppliedTransaction[]): Uint8Array {
  const pairs = transactions.flatMap(({ hash, resultXdr }) => [new xdr.Hash(hash).toXdr(), resultXdr]);
  return concatBytes(u32(transactions.length), ...pairs);
}

/** The running hash after these changes; a ledger that changes nothing keeps its predecessor's. */
function stateHash(
  previous: Pick<ClosedLedger, 'headerXdr'> | null,
  entries: ReadonlyMap<KeyText, StoredEntry | null>,
): Uint8Array {
  const before = previous ? xdr.LedgerHeader.fromXdr(previous.headerXdr).bucketListHash.toBytes() : ZERO_HASH;
  if (entries.size === 0) return before;
  const changes = [...entries].flatMap(([key, entry]) => [
    u32(key.length),
    fromLatin1(key),
    u32(entry?.xdr.length ?? 0),
    entry?.xdr ?? new Uint8Array(),
    u32(entry?.ttl?.liveUntilLedger ?? 0),
  ]);
  return sha256(concatBytes(before, ...changes));
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
