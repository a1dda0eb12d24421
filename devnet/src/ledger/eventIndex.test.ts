import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventFilter, EventIndex } from './eventIndex.ts';
import type { EventRecord } from './eventRecords.ts';

const text = fc.constantFrom('a', 'b', 'c');
const event = fc.record({
  type: fc.constantFrom('contract' as const, 'system' as const),
  contractId: text,
  topics: fc.array(text, { maxLength: 4 }),
});
const ledgers = fc.array(fc.array(event, { maxLength: 5 }), { maxLength: 12 });
const filter = fc.record({
  types: fc.array(fc.constantFrom('contract' as const, 'system' as const), { maxLength: 2 }),
  contractIds: fc.array(fc.constantFrom('a', 'b', 'nobody'), { maxLength: 2 }),
  topics: fc.array(
    fc.record({
      segments: fc.array(fc.constantFrom('a', 'b', null, 'unheard of'), { maxLength: 4 }),
      isOpen: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
});

type Event = Pick<EventRecord, 'type' | 'contractId' | 'topics'>;

/** The rules of event filters as they are documented, one event at a time. */
function matches({ types, contractIds, topics }: EventFilter, event: Event): boolean {
  const isOfType = types.length === 0 || types.includes(event.type);
  const isOfContract = contractIds.length === 0 || contractIds.includes(event.contractId);
  const hasTopics =
    topics.length === 0 ||
    topics.some(({ segments, isOpen }) => {
      const isLongEnough = isOpen
        ? event.topics.length >= segments.length
        : event.topics.length === segments.length;
      return (
        isLongEnough &&
        segments.every((segment, index) => segment === null || segment === event.topics[index])
      );
    });
  return isOfType && isOfContract && hasTopics;
}

function indexOf(given: readonly (readonly Event[])[]): EventIndex {
  const index = new EventIndex();
  given.forEach((events, at) => {
    index.add({ sequence: at + 1, events: events as EventRecord[] });
  });
  return index;
}

describe('the index of events', () => {
  it('finds exactly what the filters describe, in order, from any place on', () => {
    const from = fc.record({
      sequence: fc.integer({ min: 1, max: 12 }),
      position: fc.integer({ min: 0, max: 5 }),
    });
    const filters = fc.array(filter, { maxLength: 3 });
    const end = fc.integer({ min: 1, max: 14 });
    const limit = fc.integer({ min: 1, max: 10 });
    fc.assert(
      fc.property(ledgers, filters, from, end, limit, (given, filters, from, end, limit) => {
        const expected = given
          .flatMap((events, at) => events.map((event, position) => ({ event, sequence: at + 1, position })))
          .filter(({ sequence }) => sequence < end && sequence >= from.sequence)
          .filter(({ sequence, position }) => sequence > from.sequence || position >= from.position)
          .filter(({ event }) => filters.length === 0 || filters.some((filter) => matches(filter, event)))
          .slice(0, limit)
          .map(({ sequence, position }) => ({ sequence, position }));
        expect(indexOf(given).find(filters, from, end, limit)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('tells when most of it is about ledgers before a given one', () => {
    const index = indexOf([[], ...Array(9).fill([{ type: 'contract', contractId: 'a', topics: [] }])]);
    expect(index.isMostlyBefore(5)).toBe(false);
    expect(index.isMostlyBefore(8)).toBe(true);
    expect(index.isMostlyBefore(100)).toBe(true);
  });
});
