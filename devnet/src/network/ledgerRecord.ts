// A closed ledger as a JSON value, for the state file and for dumps, and back. Bytes are base64, bigints decimal.
// The first version of the format had one transaction a ledger, which held its events; it is still read.
import { fromBase64, toBase64 } from '../bytes.ts';
import { type AppliedTransaction, type ClosedLedger, MINIMUM_BASE_FEES } from '../ledger/closedLedger.ts';
import { type KeyText, keyBytes, keyText, type StoredEntry } from '../ledger/entryStore.ts';
import type { EventRecord } from '../ledger/eventRecords.ts';
import type { LedgerChange } from '../ledger/ledger.ts';
import { NO_SOROBAN_STATE } from '../ledger/sorobanState.ts';

type Encoded<T, Names extends keyof T> = Omit<T, Names> & Record<Names, string>;
type EncodedEntry = [key: string, entry: string | null, liveUntil?: number, modified?: number];
type EncodedTransaction = Encoded<
  AppliedTransaction,
  'envelopeXdr' | 'resultXdr' | 'metaXdr' | 'feeChangesXdr' | 'refundChangesXdr' | 'inclusionFeeStroops'
>;
type EncodedLedger = {
  sequence: number;
  closeTimeSeconds: number;
  feePoolStroops: string;
  hash: string;
  headerXdr: string;
  entries: EncodedEntry[];
};
type SecondVersion = EncodedLedger & {
  baseFees: { classicStroops: string; sorobanStroops: string };
  transactions: EncodedTransaction[];
  events: EventRecord[];
  /** Missing in files that were written before the size of the state was followed. */
  sorobanState?: { liveBytes: number; averageBytes: number; evictedKeys: string[] };
};
type FirstVersion = EncodedLedger & {
  transaction: (EncodedTransaction & { events: Omit<EventRecord, 'applicationOrder'>[] }) | null;
};
export type EncodedChange = FirstVersion | SecondVersion;

export function encodeChange({ closed, entries }: LedgerChange): SecondVersion {
  return {
    sequence: closed.sequence,
    closeTimeSeconds: closed.closeTimeSeconds,
    feePoolStroops: String(closed.feePoolStroops),
    baseFees: {
      classicStroops: String(closed.baseFees.classicStroops),
      sorobanStroops: String(closed.baseFees.sorobanStroops),
    },
    hash: toBase64(closed.hash),
    headerXdr: toBase64(closed.headerXdr),
    transactions: closed.transactions.map((transaction) => ({
      ...transaction,
      inclusionFeeStroops: String(transaction.inclusionFeeStroops),
      envelopeXdr: toBase64(transaction.envelopeXdr),
      resultXdr: toBase64(transaction.resultXdr),
      metaXdr: toBase64(transaction.metaXdr),
      feeChangesXdr: toBase64(transaction.feeChangesXdr),
      refundChangesXdr: toBase64(transaction.refundChangesXdr),
    })),
    events: [...closed.events],
    sorobanState: {
      ...closed.sorobanState,
      evictedKeys: closed.sorobanState.evictedKeys.map((key) => toBase64(keyBytes(key))),
    },
    entries: [...entries].map(([key, entry]) => encodeEntry(key, entry)),
  };
}

function encodeEntry(key: KeyText, entry: StoredEntry | null): EncodedEntry {
  const keyBase64 = toBase64(keyBytes(key));
  if (!entry) return [keyBase64, null];
  const base = [keyBase64, toBase64(entry.xdr)] as const;
  return entry.ttl ? [...base, entry.ttl.liveUntilLedger, entry.ttl.modifiedLedger] : [...base];
}

export function decodeChange(record: EncodedChange): LedgerChange {
  const closed: ClosedLedger = {
    sequence: record.sequence,
    closeTimeSeconds: record.closeTimeSeconds,
    feePoolStroops: BigInt(record.feePoolStroops),
    hash: fromBase64(record.hash),
    headerXdr: fromBase64(record.headerXdr),
    ...('transactions' in record ? contentOf(record) : contentOfFirstVersion(record)),
  };
  return { closed, entries: new Map(record.entries.map(decodeEntry)) };
}

type Content = Pick<ClosedLedger, 'transactions' | 'events' | 'baseFees' | 'sorobanState'>;

function contentOf({ transactions, events, baseFees, sorobanState }: SecondVersion): Content {
  return {
    sorobanState: sorobanState
      ? { ...sorobanState, evictedKeys: sorobanState.evictedKeys.map((key) => keyText(fromBase64(key))) }
      : NO_SOROBAN_STATE,
    transactions: transactions.map(decodeTransaction),
    events,
    baseFees: {
      classicStroops: BigInt(baseFees.classicStroops),
      sorobanStroops: BigInt(baseFees.sorobanStroops),
    },
  };
}

function contentOfFirstVersion({ transaction }: FirstVersion): Content {
  if (!transaction) {
    return { transactions: [], events: [], baseFees: MINIMUM_BASE_FEES, sorobanState: NO_SOROBAN_STATE };
  }
  const { events, ...encoded } = transaction;
  return {
    transactions: [decodeTransaction(encoded)],
    events: events.map((event) => ({ ...event, applicationOrder: 1 })),
    baseFees: MINIMUM_BASE_FEES,
    sorobanState: NO_SOROBAN_STATE,
  };
}

function decodeTransaction(transaction: EncodedTransaction): AppliedTransaction {
  return {
    ...transaction,
    inclusionFeeStroops: BigInt(transaction.inclusionFeeStroops),
    envelopeXdr: fromBase64(transaction.envelopeXdr),
    resultXdr: fromBase64(transaction.resultXdr),
    metaXdr: fromBase64(transaction.metaXdr),
    feeChangesXdr: fromBase64(transaction.feeChangesXdr),
    refundChangesXdr: fromBase64(transaction.refundChangesXdr),
  };
}

function decodeEntry([key, entry, liveUntil, modified]: EncodedEntry): [KeyText, StoredEntry | null] {
  const text = keyText(fromBase64(key));
  if (entry === null) return [text, null];
  const ttl =
    liveUntil === undefined ? null : { liveUntilLedger: liveUntil, modifiedLedger: modified ?? liveUntil };
  return [text, { xdr: fromBase64(entry), ttl }];
}
