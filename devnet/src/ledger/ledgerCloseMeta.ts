// LedgerCloseMeta (V2) and LedgerHeaderHistoryEntry of a closed ledger, encoded, as indexers read them. Put together from
// the parts that history keeps encoded, because a page of ledgers holds thousands of transactions; `fromXdr` reads it back.
import { concatBytes, fromHex } from '../bytes.ts';
import type { AppliedTransaction, ClosedLedger } from './closedLedger.ts';
import { keyBytes, ttlKey } from './entryStore.ts';
import { transactionSetXdr } from './transactionSetXdr.ts';
import { arrayOf, int64, words } from './xdrBytes.ts';

const VERSION_2 = 2;
/** Discriminant of every extension point that carries nothing. */
const NO_EXTENSION = 0;
const HASH_BYTES = 32;
/** In a LedgerHeader the predecessor's hash follows the protocol version. */
const PREVIOUS_HASH_OFFSET = 4;

export function ledgerCloseMetaXdr(ledger: ClosedLedger): Uint8Array<ArrayBuffer> {
  const { headerXdr, transactions, baseFees } = ledger;
  const previousLedgerHash = headerXdr.subarray(PREVIOUS_HASH_OFFSET, PREVIOUS_HASH_OFFSET + HASH_BYTES);
  const upgrades = 0;
  const scpMessages = 0;
  const { averageBytes, evictedKeys } = ledger.sorobanState;
  return concatBytes(
    words(VERSION_2, NO_EXTENSION),
    ledgerHeaderXdr(ledger),
    transactionSetXdr(previousLedgerHash, transactions, baseFees),
    words(transactions.length),
    ...transactions.flatMap(transactionProcessing),
    words(upgrades, scpMessages),
    int64(BigInt(averageBytes)),
    arrayOf(evictedKeys.flatMap((key) => [keyBytes(key), ttlKey(key)])),
  );
}

/** LedgerHeaderHistoryEntry. */
export function ledgerHeaderXdr({ hash, headerXdr }: ClosedLedger): Uint8Array<ArrayBuffer> {
  return concatBytes(hash, headerXdr, words(NO_EXTENSION));
}

/** The parts of a TransactionResultMetaV1. */
function transactionProcessing(transaction: AppliedTransaction): Uint8Array[] {
  const { hash, resultXdr, feeChangesXdr, metaXdr, refundChangesXdr } = transaction;
  return [words(NO_EXTENSION), fromHex(hash), resultXdr, feeChangesXdr, metaXdr, refundChangesXdr];
}
