// An index of events for searching by type, contract and topics: each event is a row of six numbers, and each contract
// and topic a number of its own, so that a search over a hundred thousand events compares nothing but integers.
// Rows are only ever added; what history has forgotten is dropped by making a new index.
import type { ClosedLedger } from './closedLedger.ts';
import type { EventRecord } from './eventRecords.ts';
import { firstIndex } from './firstIndex.ts';

/** All parts must match, and an empty part matches everything; `topics` are alternatives. */
export type EventFilter = {
  readonly types: readonly EventRecord['type'][];
  readonly contractIds: readonly string[];
  readonly topics: readonly TopicFilter[];
};

export type TopicFilter = {
  /** A base64 ScVal each, or null for any. */
  readonly segments: readonly (string | null)[];
  /** Whether more topics may follow. */
  readonly isOpen: boolean;
};

/** The place of an event: its ledger, and which of the ledger's events it is, from 0. */
export type EventPlace = { readonly sequence: number; readonly position: number };

const TYPE_BITS = { contract: 1, system: 2 } as const;
const ANY_TYPE = TYPE_BITS.contract | TYPE_BITS.system;
const TYPE_BIT_COUNT = 2;
const MAX_TOPICS = 4;
/** A row: type and number of topics, contract, topics. */
const ROW_WORDS = 2 + MAX_TOPICS;
const CONTRACT = 1;
const FIRST_TOPIC = 2;
const FIRST_CAPACITY_ROWS = 64;
const ANY_TERM = -1;

type CompiledTopic = { readonly terms: readonly number[]; readonly isOpen: boolean };
type CompiledFilter = {
  readonly types: number;
  readonly contracts: readonly number[] | null;
  readonly topics: readonly CompiledTopic[] | null;
};

export class EventIndex {
  #rows = new Int32Array(0);
  #size = 0;
  readonly #terms = new Map<string, number>();
  /** The ledgers with events, and the row of each one's first event. */
  readonly #ledgers: { readonly sequence: number; readonly firstRow: number }[] = [];

  add({ sequence, events }: Pick<ClosedLedger, 'sequence' | 'events'>): void {
    if (events.length === 0) return;
    this.#ledgers.push({ sequence, firstRow: this.#size });
    this.#reserve(this.#size + events.length);
    for (const { type, contractId, topics } of events) {
      const row = this.#size * ROW_WORDS;
      this.#rows[row] = TYPE_BITS[type] | (topics.length << TYPE_BIT_COUNT);
      this.#rows[row + CONTRACT] = this.#termOf(contractId);
      for (let index = 0; index < topics.length && index < MAX_TOPICS; index++) {
        this.#rows[row + FIRST_TOPIC + index] = this.#termOf(topics[index]!);
      }
      this.#size += 1;
    }
  }

  /** The first `limit` events from a place on, in ledgers before `endSequence`, that match one of the filters. */
  find(filters: readonly EventFilter[], from: EventPlace, endSequence: number, limit: number): EventPlace[] {
    const compiled = filters.flatMap((filter) => this.#compile(filter));
    const found: EventPlace[] = [];
    if (filters.length > 0 && compiled.length === 0) return found;
    let index = firstIndex(this.#ledgers, ({ sequence }) => sequence >= from.sequence);
    for (; index < this.#ledgers.length && found.length < limit; index++) {
      const { sequence, firstRow } = this.#ledgers[index]!;
      if (sequence >= endSequence) break;
      const end = this.#ledgers[index + 1]?.firstRow ?? this.#size;
      const skipped = sequence === from.sequence ? from.position : 0;
      for (let row = firstRow + skipped; row < end && found.length < limit; row++) {
        if (filters.length === 0 || this.#matchesAny(compiled, row)) {
          found.push({ sequence, position: row - firstRow });
        }
      }
    }
    return found;
  }

  /** Whether most rows belong to ledgers before this one. */
  isMostlyBefore(sequence: number): boolean {
    const first = this.#ledgers[firstIndex(this.#ledgers, (ledger) => ledger.sequence >= sequence)];
    return (first?.firstRow ?? this.#size) > this.#size / 2;
  }

  #matchesAny(filters: readonly CompiledFilter[], row: number): boolean {
    const rows = this.#rows;
    const base = row * ROW_WORDS;
    const kind = rows[base]!;
    for (const { types, contracts, topics } of filters) {
      if ((types & kind) === 0) continue;
      if (contracts && !contracts.includes(rows[base + CONTRACT]!)) continue;
      if (!topics || this.#matchesAnyTopic(topics, base)) return true;
    }
    return false;
  }

  #matchesAnyTopic(topics: readonly CompiledTopic[], base: number): boolean {
    const rows = this.#rows;
    const count = rows[base]! >> TYPE_BIT_COUNT;
    for (const { terms, isOpen } of topics) {
      if (isOpen ? count < terms.length : count !== terms.length) continue;
      let matched = 0;
      while (matched < terms.length) {
        const term = terms[matched]!;
        if (term !== ANY_TERM && term !== rows[base + FIRST_TOPIC + matched]) break;
        matched += 1;
      }
      if (matched === terms.length) return true;
    }
    return false;
  }

  /** Nothing when the filter names only what no event has. */
  #compile(filter: EventFilter): CompiledFilter[] {
    const contracts = filter.contractIds.flatMap((id) => this.#terms.get(id) ?? []);
    if (contracts.length === 0 && filter.contractIds.length > 0) return [];
    const topics = filter.topics.flatMap(({ segments, isOpen }): CompiledTopic[] => {
      const terms = segments.flatMap((text) => (text === null ? ANY_TERM : (this.#terms.get(text) ?? [])));
      return terms.length === segments.length ? [{ terms, isOpen }] : [];
    });
    if (topics.length === 0 && filter.topics.length > 0) return [];
    return [
      {
        types: filter.types.reduce((bits, type) => bits | TYPE_BITS[type], 0) || ANY_TYPE,
        contracts: contracts.length > 0 ? contracts : null,
        topics: topics.length > 0 ? topics : null,
      },
    ];
  }

  #termOf(text: string): number {
    let term = this.#terms.get(text);
    if (term === undefined) {
      term = this.#terms.size;
      this.#terms.set(text, term);
    }
    return term;
  }

  #reserve(rows: number): void {
    if (rows * ROW_WORDS <= this.#rows.length) return;
    const capacity = Math.max(FIRST_CAPACITY_ROWS, rows, 2 * this.#size);
    const grown = new Int32Array(capacity * ROW_WORDS);
    grown.set(this.#rows.subarray(0, this.#size * ROW_WORDS));
    this.#rows = grown;
  }
}
