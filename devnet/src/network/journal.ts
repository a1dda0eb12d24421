// The state file: one line per closed ledger, `<checksum> <json>`, appended before the transaction is answered.
// Durability: a killed process loses nothing that was answered; after a power cut the last ledgers may be missing,
// but never half of one (a torn last line is dropped). Damage elsewhere stops the start with STATE_DAMAGED.
// A file grown long is rewritten: to a temporary file, synced, renamed over the old one. Of two processes that use one file
// the one that opened it last goes on; the other is refused with STATE_IN_USE and writes nothing any more.
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
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { LedgerChange, LedgerCopy } from '../ledger/ledger.ts';
import { sha256 } from '../sha256.ts';
import { changesOf } from './dump.ts';
import { JournalError } from './journalError.ts';
import { decodeChange, type EncodedChange, encodeChange } from './ledgerRecord.ts';
import type { LedgerLog, LogIdentity } from './network.ts';

const FORMAT = 'latchkey-devnet-state';
const FORMAT_VERSION = 2;
const OLDEST_FORMAT_VERSION = 1;
const CHECKSUM_HEX_DIGITS = 16;
/** The file is due for rewriting when it has doubled since the last time and grown by at least this many lines. */
const REWRITE_AFTER_LINES = 2_000;

/** What a network keeps its ledgers in, given the path of the file. */
export function openJournal(path: string): (identity: LogIdentity) => LedgerLog {
  return (identity) => Journal.open(path, identity);
}

export class Journal implements LedgerLog {
  readonly #path: string;
  readonly #identity: LogIdentity;
  #file: number;
  /** Which file is ours, and how long it is when nobody else has written it. */
  #inode: number;
  #bytes: number;
  #lines: number;
  #linesWhenRewritten = 0;
  /** The ledgers that were in the file when it was opened, oldest first. */
  readonly changes: readonly LedgerChange[];

  private constructor(
    path: string,
    identity: LogIdentity,
    file: number,
    lines: number,
    changes: readonly LedgerChange[] = [],
  ) {
    this.#path = path;
    this.#identity = identity;
    this.#file = file;
    ({ ino: this.#inode, size: this.#bytes } = fstatSync(file));
    this.#lines = lines;
    this.changes = changes;
  }

  /**
   * Opens or creates the state file.
   * @throws JournalError when the file is damaged or belongs to another network.
   */
  static open(path: string, identity: LogIdentity): Journal {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) {
      const journal = new Journal(path, identity, openSync(path, 'w'), 0);
      journal.#append(headerOf(identity));
      return journal;
    }
    const { records, intactBytes } = readRecords(path);
    const [header, ...ledgers] = records;
    checkHeader(path, header, identity);
    const file = openSync(path, 'r+');
    ftruncateSync(file, intactBytes);
    closeSync(file);
    const changes = ledgers.map((record) => decodeChange(record as EncodedChange));
    checkOrder(path, changes);
    const journal = new Journal(path, identity, openSync(path, 'a'), records.length, changes);
    if (!header) journal.#append(headerOf(identity));
    return journal;
  }

  append(change: LedgerChange): void {
    this.#append(encodeChange(change));
  }

  get isLong(): boolean {
    return this.#lines > 2 * this.#linesWhenRewritten + REWRITE_AFTER_LINES;
  }

  /** Replaces the file by the given state: all entries with the first ledger, then the history. */
  rewrite(state: LedgerCopy): void {
    this.#assertOwn();
    const temporaryPath = `${this.#path}.new`;
    const next = new Journal(temporaryPath, this.#identity, openSync(temporaryPath, 'w'), 0);
    next.#append(headerOf(this.#identity));
    for (const change of changesOf(state)) next.append(change);
    fsyncSync(next.#file);
    closeSync(next.#file);
    closeSync(this.#file);
    renameSync(temporaryPath, this.#path);
    this.#file = openSync(this.#path, 'a');
    this.#inode = next.#inode;
    this.#bytes = next.#bytes;
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
    this.#assertOwn();
    try {
      let written = 0;
      while (written < line.length) written += writeSync(this.#file, line, written);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
    this.#bytes += line.length;
    this.#lines += 1;
  }

  /** @throws JournalError STATE_IN_USE */
  #assertOwn(): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now?.ino === this.#inode && now.size === this.#bytes) return;
    const message = `${this.#path} was changed or removed by another process, perhaps a devnet that uses it too`;
    throw new JournalError('STATE_IN_USE', message);
  }
}

function checksum(json: string): string {
  return Buffer.from(sha256(Buffer.from(json)))
    .toString('hex')
    .slice(0, CHECKSUM_HEX_DIGITS);
}

function headerOf(identity: LogIdentity) {
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

function checkHeader(path: string, header: unknown, identity: LogIdentity): void {
  if (header === undefined) return;
  const found = header as Partial<ReturnType<typeof headerOf>>;
  if (found.format !== FORMAT || !isKnown(found.version)) {
    throw new JournalError('STATE_DAMAGED', `${path} is not a state file of this version`);
  }
  if (found.passphrase !== identity.passphrase || found.protocolVersion !== identity.protocolVersion) {
    const wanted = `"${identity.passphrase}", protocol ${identity.protocolVersion}`;
    const is = `"${found.passphrase}", protocol ${found.protocolVersion}`;
    throw new JournalError('STATE_OF_ANOTHER_NETWORK', `${path} holds ${is}, but this network is ${wanted}`);
  }
  checkFork(path, found.isFork ?? false, identity.isFork);
}

/** A file without the word was written by a version that had no forks. */
function checkFork(path: string, isOfFork: boolean, isFork: boolean): void {
  if (isOfFork === isFork) return;
  const message = isFork
    ? `${path} holds a network that is no fork: open it without one`
    : `${path} holds what a fork has written: open it as a fork of the same network`;
  throw new JournalError('STATE_OF_ANOTHER_NETWORK', message);
}

function isKnown(version: number | undefined): boolean {
  return version !== undefined && version >= OLDEST_FORMAT_VERSION && version <= FORMAT_VERSION;
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
