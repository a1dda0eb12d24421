import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { EventIndex } from '../ledger/eventIndex.ts';
import type { EventRecord } from '../ledger/eventRecords.ts';
import { parseEventFilters } from './eventFilter.ts';

const symbol = (text: string) => xdr.ScVal.scvSymbol(text).toXdr('base64');
const CONTRACT = 'CDMLFMKMMD7MWZP3FKUBZPVHTUEDLSX4BYGYKH4GCESXYHS3IHQ4EIG4';
const event: EventRecord = {
  type: 'contract',
  applicationOrder: 1,
  transactionIndex: 1,
  operationIndex: 0,
  eventIndex: 0,
  isSuccessful: true,
  contractId: CONTRACT,
  topics: [symbol('transfer'), symbol('a'), symbol('b')],
  value: symbol('v'),
};
const matchesAny = (filters: object[]) => {
  const index = new EventIndex();
  index.add({ sequence: 7, events: [event] });
  return index.find(parseEventFilters(filters), { sequence: 1, position: 0 }, 8, 1).length === 1;
};
const matches = (filter: object) => matchesAny([filter]);

describe('event filters', () => {
  it('match everything when there are none, or when a filter is empty', () => {
    expect(matchesAny([])).toBe(true);
    expect(matches({})).toBe(true);
  });

  it('need as many topics as the event has, unless they end in **', () => {
    expect(matches({ topics: [[symbol('transfer'), '*']] })).toBe(false);
    expect(matches({ topics: [[symbol('transfer'), '*', '*']] })).toBe(true);
    expect(matches({ topics: [[symbol('transfer'), '**']] })).toBe(true);
    expect(matches({ topics: [['*', '*', '*', '**']] })).toBe(true);
    expect(matches({ topics: [[symbol('mint'), '**']] })).toBe(false);
  });

  it('treat topics as alternatives and the parts of a filter as conditions', () => {
    expect(matches({ topics: [[symbol('mint'), '**'], ['**']] })).toBe(true);
    expect(matches({ type: 'system', topics: [['**']] })).toBe(false);
    expect(matches({ type: 'system,contract', contractIds: [CONTRACT] })).toBe(true);
  });

  it.each<[unknown[], string]>([
    [Array(6).fill({}), 'maximum 5 filters per request'],
    [
      [{}, { type: 'diagnostic' }],
      "filter 2 invalid: filter type invalid: if set, type must be either 'system' or 'contract'",
    ],
    [
      [{ type: 'contract,' }],
      "filter 1 invalid: filter type invalid: if set, type must be either 'system' or 'contract'",
    ],
    [[{ contractIds: Array(6).fill(CONTRACT) }], 'filter 1 invalid: maximum 5 contract IDs per filter'],
    [[{ topics: Array(6).fill(['**']) }], 'filter 1 invalid: maximum 5 topics per filter'],
    [[{ contractIds: [CONTRACT, 'GABC'] }], 'filter 1 invalid: contract ID 2 invalid'],
    [[{ topics: [[]] }], 'filter 1 invalid: topic 1 invalid: topic must have at least 1 segment'],
    [
      [{ topics: [['*', '*', '*', '*', '*']] }],
      'filter 1 invalid: topic 1 invalid: topic cannot have more than 4 segments',
    ],
    [
      [{ topics: [['**', '*']] }],
      "filter 1 invalid: topic 1 invalid: segment 1 invalid: wildcard '**' is only allowed as the last segment",
    ],
    [[{ topics: [['*', 'not base64']] }], 'filter 1 invalid: topic 1 invalid: segment 2 invalid'],
    [[{ topics: [[7]] }], 'filter 1 invalid: topic 1 invalid: segment 1 invalid'],
  ])('refuse %j', (filters, message) => {
    expect(() => parseEventFilters(filters)).toThrow(message);
  });
});
