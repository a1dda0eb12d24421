// A network's whole state as text, and back: JSON with the ledgers that are still known, the first of them with all
// entries. It holds what a state file holds, and can be loaded into any network of the same passphrase and protocol.
// Snapshots, pending transactions and impersonations are not part of it.
import type { LedgerChange, LedgerCopy } from '../ledger/ledger.ts';
import { decodeChange, type EncodedChange, encodeChange } from './ledgerRecord.ts';
import type { Network } from './network.ts';

const FORMAT = 'latchkey-devnet-dump';
const FORMAT_VERSION = 1;

export class DumpError extends RangeError {
  readonly code = 'DUMP_UNREADABLE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DumpError';
  }
}

export function dumpState(network: Network): string {
  return JSON.stringify({
    format: FORMAT,
    version: FORMAT_VERSION,
    passphrase: network.passphrase,
    protocolVersion: network.ledger.protocolVersion,
    ledgers: [...changesOf(network.ledger.copy())].map(encodeChange),
  });
}

/** The ledgers of a copy: all entries with the oldest that is known, then the others. */
export function* changesOf(state: LedgerCopy): Generator<LedgerChange> {
  let entries: LedgerChange['entries'] = state.entries;
  for (const closed of state.history.from(0)) {
    if (closed === state.latest) break;
    yield { closed, entries };
    entries = new Map();
  }
  yield { closed: state.latest, entries };
}

/** Replaces the network's ledger by a dumped one. @throws DumpError, and then nothing has changed */
export function loadState(network: Network, text: string): void {
  const ledger = network.blankLedger();
  for (const change of changesIn(text, network)) ledger.close(change);
  network.load(ledger.copy());
}

function changesIn(text: string, network: Network): LedgerChange[] {
  const dump = parse(text);
  if (dump?.format !== FORMAT || dump.version !== FORMAT_VERSION || !Array.isArray(dump.ledgers)) {
    throw new DumpError('this is not a dump of a devnet of this version');
  }
  const { passphrase, protocolVersion } = dump;
  if (passphrase !== network.passphrase || protocolVersion !== network.ledger.protocolVersion) {
    const wanted = `"${network.passphrase}", protocol ${network.ledger.protocolVersion}`;
    throw new DumpError(
      `the dump is of "${passphrase}", protocol ${protocolVersion}; this network is ${wanted}`,
    );
  }
  try {
    const changes = dump.ledgers.map((ledger) => decodeChange(ledger as EncodedChange));
    const isOrdered = changes.every(
      ({ closed }, index) => closed.sequence > (changes[index - 1]?.closed.sequence ?? 0),
    );
    if (changes.length > 0 && isOrdered) return changes;
  } catch (cause) {
    throw new DumpError('a ledger of the dump cannot be read', { cause });
  }
  throw new DumpError('the ledgers of the dump are not in order');
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch (cause) {
    throw new DumpError('the dump is not JSON', { cause });
  }
}
