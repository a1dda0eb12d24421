// The encoded LedgerHeader, written byte by byte because every closing ledger has one: no upgrades, no extension, no
// validator's signature, and a skip list of zeros. So each field has its fixed place.
import { concatBytes } from '../bytes.ts';
import { int64, words } from './xdrBytes.ts';

type Header = {
  readonly protocolVersion: number;
  readonly previousLedgerHash: Uint8Array;
  readonly txSetHash: Uint8Array;
  readonly closeTimeSeconds: number;
  readonly txSetResultHash: Uint8Array;
  readonly bucketListHash: Uint8Array;
  readonly sequence: number;
  readonly totalCoins: bigint;
  readonly feePoolStroops: bigint;
  readonly baseFeeStroops: number;
  readonly baseReserveStroops: number;
  readonly maxTxSetSize: number;
};

const HASH_BYTES = 32;
const SKIP_LIST_BYTES = 4 * HASH_BYTES;
/** Behind the version, the previous hash, the consensus value (hash, time, two words) and the hash of the results. */
const BUCKET_LIST_HASH_OFFSET = 4 + HASH_BYTES + (HASH_BYTES + 8 + 8) + HASH_BYTES;

export function encodedLedgerHeader(header: Header): Uint8Array<ArrayBuffer> {
  const [NO_UPGRADES, BASIC_VALUE, NO_INFLATION, NO_EXTENSION] = [0, 0, 0, 0];
  const NO_IDS = 0n;
  return concatBytes(
    words(header.protocolVersion),
    header.previousLedgerHash,
    header.txSetHash,
    int64(BigInt(header.closeTimeSeconds)),
    words(NO_UPGRADES, BASIC_VALUE),
    header.txSetResultHash,
    header.bucketListHash,
    words(header.sequence),
    int64(header.totalCoins, header.feePoolStroops),
    words(NO_INFLATION),
    int64(NO_IDS),
    words(header.baseFeeStroops, header.baseReserveStroops, header.maxTxSetSize),
    new Uint8Array(SKIP_LIST_BYTES),
    words(NO_EXTENSION),
  );
}

export function bucketListHashOf(headerXdr: Uint8Array): Uint8Array {
  return headerXdr.subarray(BUCKET_LIST_HASH_OFFSET, BUCKET_LIST_HASH_OFFSET + HASH_BYTES);
}
