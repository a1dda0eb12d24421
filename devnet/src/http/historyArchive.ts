// What of a history archive `stellar snapshot create` reads: asking for the archive's state writes the ledger as it is
// now into one bucket, which stays readable together with that ledger's header. There are no checkpoints, no
// transactions and no past ledgers, so nothing can catch up from here.
import { gzipSync } from 'node:zlib';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes, toHex } from '../bytes.ts';
import { type KeyText, type StoredEntry, ttlEntry } from '../ledger/entryStore.ts';
import { ledgerHeaderXdr } from '../ledger/ledgerCloseMeta.ts';
import type { Network } from '../network/network.ts';
import { sha256 } from '../sha256.ts';

const STATE_PATH = '/.well-known/stellar-history.json';
const ARCHIVE_VERSION = 2;
const BUCKET_LEVELS = 11;
const NO_BUCKET = '0'.repeat(64);
/** So that a reader can finish while another one starts. */
const MAX_KEPT_STATES = 4;

type State = { readonly sequence: number; readonly files: ReadonlyMap<string, Uint8Array> };

export class HistoryArchive {
  readonly #network: Network;
  #states: State[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  /** The file under a path of the archive, or null. */
  file(path: string): Uint8Array | null {
    if (path === STATE_PATH) this.#keepState();
    for (const { files } of this.#states) {
      const file = files.get(path);
      if (file) return file;
    }
    return null;
  }

  #keepState(): void {
    this.#network.advance();
    if (this.#states[0]?.sequence === this.#network.latest.sequence) return;
    this.#states = [stateOf(this.#network), ...this.#states].slice(0, MAX_KEPT_STATES);
  }
}

function stateOf({ ledger, latest, passphrase }: Network): State {
  const bucket = bucketOf(ledger.entries, ledger.protocolVersion);
  const bucketHash = toHex(sha256(bucket));
  const state = new TextEncoder().encode(
    JSON.stringify({
      version: ARCHIVE_VERSION,
      server: 'latchkey-devnet',
      currentLedger: latest.sequence,
      networkPassphrase: passphrase,
      currentBuckets: Array.from({ length: BUCKET_LEVELS }, (_, level) => ({
        curr: level === 0 ? bucketHash : NO_BUCKET,
        next: { state: 0 },
        snap: NO_BUCKET,
      })),
    }),
  );
  const header = record(ledgerHeaderXdr(latest));
  const files = new Map([
    [STATE_PATH, state],
    [archivePath('history', hex32(latest.sequence), 'json'), state],
    [archivePath('ledger', hex32(latest.sequence), 'xdr.gz'), gzipSync(header)],
    [archivePath('bucket', bucketHash, 'xdr.gz'), gzipSync(bucket)],
  ]);
  return { sequence: latest.sequence, files };
}

function bucketOf(entries: ReadonlyMap<KeyText, StoredEntry>, protocolVersion: number): Uint8Array {
  const meta = new xdr.BucketMetadata({
    ledgerVersion: protocolVersion,
    ext: xdr.BucketMetadataExt.bucketListType(xdr.BucketListType.live),
  });
  const records = [record(xdr.BucketEntry.metaentry(meta).toXdr())];
  const live = (entry: xdr.LedgerEntry) => record(xdr.BucketEntry.liveentry(entry).toXdr());
  for (const [key, entry] of [...entries].sort(([left], [right]) => (left < right ? -1 : 1))) {
    records.push(live(xdr.LedgerEntry.fromXdr(entry.xdr)));
    if (entry.ttl) records.push(live(ttlEntry(key, entry)));
  }
  return concatBytes(...records);
}

/** One record of a file of XDR: its length, marked as a last fragment, and its bytes. */
function record(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, (0x8000_0000 | bytes.length) >>> 0);
  return concatBytes(length, bytes);
}

function archivePath(category: string, name: string, extension: string): string {
  const folders = [name.slice(0, 2), name.slice(2, 4), name.slice(4, 6)].join('/');
  return `/${category}/${folders}/${category}-${name}.${extension}`;
}

function hex32(number: number): string {
  return number.toString(16).padStart(8, '0');
}
