// The state file: one line per closed ledger, `<checksum> <json>`, appended before the transaction is answered.
// Durability: a killed process loses nothing that was answered; after a power cut the last ledgers may be missing,
// but never half of one (a torn last line is dropped). Damage elsewhere stops the start with STATE_DAMAGED.
// A file grown long is rewritten: to a temporary file, synced, renamed over the old one.
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AppliedTransaction, ClosedLedger } from './ledger/closedLedger.ts';
import type { KeyText, StoredEntry } from './ledger/entryStore.ts';
import type { LedgerChange, LedgerCopy } from './ledger/ledger.ts';
import { sha256 } from './sha256.ts';

const FORMAT = 'latchkey-devnet-state';
const FORMAT_VERSION = 1;
const CHECKSUM_HEX_DIGITS = 16;
/** The file is due for rewriting when it has doubled since the last time and grown by at least this many lines. */
const REWRITE_AFTER_LINES = 2_000;

export type JournalErrorCode = 'STATE_DAMAGED' | 'STATE_OF_ANOTHER_NETWORK';

export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.name = 'JournalError';
    this.code = code;
  }
}

type Identity = { readonly passphrase: string; readonly protocolVersion: number };

export class Journal {
  readonly #path: string;
  readonly #identity: Identity;
  #file: number;
  #lines: number;
  #linesWhenRewritten = 0;

  private constructor(path: string, identity: Identity, file: number, lines: number) {
    this.#path = path;
    this.#identity = identity;
    this.#file = file;
    this.#lines = lines;
  }

  /**
   * Opens or creates the state file and returns the ledgers in it, oldest first.
   * @throws JournalError when the file is damaged or belongs to another network.
   */
  static open(path: string, identity: Identity): { journal: Journal; changes: LedgerChange[] } {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) {
      const journal = new Journal(path, identity, openSync(path, 'w'), 0);
      journal.#append(headerOf(identity));
      return { journal, changes: [] };
    }
    const { records, intactBytes } = readRecords(path);
    const [header, ...ledgers] = records;
    checkHeader(path, header, identity);
    const file = openSync(path, 'r+');
    ftruncateSync(file, intactBytes);
    closeSync(file);
    const journal = new Journal(path, identity, openSync(path, 'a'), records.length);
    if (!header) journal.#append(headerOf(identity));
    const changes = ledgers.map((record) => decodeChange(record as EncodedChange));
    checkOrder(path, changes);
    return { journal, changes };
  }

  append(change: LedgerChange): void {
    this.#append(encodeChange(change));
  }

  get isLong(): boolean {
    return this.#lines > 2 * this.#linesWhenRewritten + REWRITE_AFTER_LINES;
  }

  /** Replaces the file by the given state: all entries with the first ledger, then the history. */
  rewrite(state: LedgerCopy): void {
    const temporaryPath = `${this.#path}.new`;
    const next = new Journal(temporaryPath, this.#identity, openSync(temporaryPath, 'w'), 0);
    next.#append(headerOf(this.#identity));
    let entries: ReadonlyMap<KeyText, StoredEntry> = state.entries;
    for (const closed of state.history.from(0)) {
      if (closed === state.latest) break;
      next.append({ closed, entries });
      entries = new Map();
    }
    next.append({ closed: state.latest, entries });
    fsyncSync(next.#file);
    closeSync(next.#file);
    closeSync(this.#file);
    renameSync(temporaryPath, this.#path);
    this.#file = openSync(this.#path, 'a');
    this.#lines = next.#lines;
    this.#linesWhenRewritten = next.#lines;
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #append(record: unknown): void {
    const json = JSON.stringify(record);
    const line = Buffer.from(`${checksum(json)} ${json}\n`);
    const { size } = fstatSync(this.#file);
    try {
      let written = 0;
      while (written < line.length) written += writeSync(this.#file, line, written);
    } catch (error) {
      ftruncateSync(this.#file, size);
      throw error;
    }
    this.#lines += 1;
  }
}

function checksum(json: string): string {
  return Buffer.from(sha256(Buffer.from(json)))
    .toString('hex')
    .slice(0, CHECKSUM_HEX_DIGITS);
}

function headerOf(identity: Identity) {
  return { format: FORMAT, version: FORMAT_VERSION, ...identity };
}

function readRecords(path: string): { records: unknown[]; intactBytes: number } {
  const content = readFileSync(path);
  const records: unknown[] = [];
  let start = 0;
  while (start < content.length) {
    const newline = content.indexOf(0x0a, start);
    const line = newline === -1 ? null : content.toString('utf8', start, newline);
    const json = line?.slice(CHECKSUM_HEX_DIGITS + 1);
    if (json === undefined || line!.slice(0, CHECKSUM_HEX_DIGITS) !== checksum(json)) {
      const isLast = newline === -1 || newline === content.length - 1;
      if (isLast) break;
      const where = `line ${records.length + 1} of the state file ${path}`;
      throw new JournalError('STATE_DAMAGED', `${where} is damaged; move the file away to start afresh`);
    }
    records.push(JSON.parse(json));
    start = newline + 1;
  }
  return { records, intactBytes: start };
}

function checkHeader(path: string, header: unknown, identity: Identity): void {
  if (header === undefined) return;
  const found = header as Partial<ReturnType<typeof headerOf>>;
  if (found.format !== FORMAT || found.version !== FORMAT_VERSION) {
    throw new JournalError('STATE_DAMAGED', `${path} is not a state file of this version`);
  }
  if (found.passphrase !== identity.passphrase || found.protocolVersion !== identity.protocolVersion) {
    const wanted = `"${identity.passphrase}", protocol ${identity.protocolVersion}`;
    const is = `"${found.passphrase}", protocol ${found.protocolVersion}`;
    throw new JournalError('STATE_OF_ANOTHER_NETWORK', `${path} holds ${is}, but this network is ${wanted}`);
  }
}

/** Two processes that wrote the same file show as a sequence that does not rise. */
function checkOrder(path: string, changes: readonly LedgerChange[]): void {
  let previous = 0;
  for (const { closed } of changes) {
    if (closed.sequence <= previous) {
      const message = `${path} has ledger ${closed.sequence} after ${previous}: was it used by two processes?`;
      throw new JournalError('STATE_DAMAGED', message);
    }
    previous = closed.sequence;
  }
}

type EncodedEntry = [key: string, entry: string | null, liveUntil?: number, modified?: number];
type EncodedTransaction = Record<
  'envelopeXdr' | 'resultXdr' | 'metaXdr' | 'feeChangesXdr' | 'refundChangesXdr' | 'inclusionFeeStroops',
  string
> &
  Omit<
    AppliedTransaction,
    'envelopeXdr' | 'resultXdr' | 'metaXdr' | 'feeChangesXdr' | 'refundChangesXdr' | 'inclusionFeeStroops'
  >;
type EncodedChange = {
  sequence: number;
  closeTimeSeconds: number;
  feePoolStroops: string;
  hash: string;
  headerXdr: string;
  transaction: EncodedTransaction | null;
  entries: EncodedEntry[];
};

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

function encodeChange({ closed, entries }: LedgerChange): EncodedChange {
  const { transaction } = closed;
  return {
    sequence: closed.sequence,
    closeTimeSeconds: closed.closeTimeSeconds,
    feePoolStroops: String(closed.feePoolStroops),
    hash: toBase64(closed.hash),
    headerXdr: toBase64(closed.headerXdr),
    transaction: transaction && {
      ...transaction,
      inclusionFeeStroops: String(transaction.inclusionFeeStroops),
      envelopeXdr: toBase64(transaction.envelopeXdr),
      resultXdr: toBase64(transaction.resultXdr),
      metaXdr: toBase64(transaction.metaXdr),
      feeChangesXdr: toBase64(transaction.feeChangesXdr),
      refundChangesXdr: toBase64(transaction.refundChangesXdr),
    },
    entries: [...entries].map(([key, entry]): EncodedEntry => {
      if (!entry) return [key, null];
      const base = [key, toBase64(entry.xdr)] as const;
      return entry.ttl ? [...base, entry.ttl.liveUntilLedger, entry.ttl.modifiedLedger] : [...base];
    }),
  };
}

function decodeChange(record: EncodedChange): LedgerChange {
  const { transaction } = record;
  const closed: ClosedLedger = {
    sequence: record.sequence,
    closeTimeSeconds: record.closeTimeSeconds,
    feePoolStroops: BigInt(record.feePoolStroops),
    hash: fromBase64(record.hash),
    headerXdr: fromBase64(record.headerXdr),
    transaction: transaction && {
      ...transaction,
      inclusionFeeStroops: BigInt(transaction.inclusionFeeStroops),
      envelopeXdr: fromBase64(transaction.envelopeXdr),
      resultXdr: fromBase64(transaction.resultXdr),
      metaXdr: fromBase64(transaction.metaXdr),
      feeChangesXdr: fromBase64(transaction.feeChangesXdr),
      refundChangesXdr: fromBase64(transaction.refundChangesXdr),
    },
  };
  const entries = record.entries.map(([key, entry, liveUntil, modified]): [KeyText, StoredEntry | null] => {
    if (entry === null) return [key, null];
    const ttl =
      liveUntil === undefined ? null : { liveUntilLedger: liveUntil, modifiedLedger: modified ?? liveUntil };
    return [key, { xdr: fromBase64(entry), ttl }];
  });
  return { closed, entries: new Map(entries) };
}
