import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../ledger/eventRecords.ts';
import { matchesAny, parseEventFilters } from './eventFilter.ts';

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
const matches = (filter: object) => matchesAny(parseEventFilters([filter]), event);

describe('event filters', () => {
  it('match everything when there are none, or when a filter is empty', () => {
    expect(matchesAny([], event)).toBe(true);
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

  it('refuse what stellar-rpc refuses', () => {
    const parse = (filters: unknown[]) => () => parseEventFilters(filters);
    expect(parse(Array(6).fill({}))).toThrow('maximum 5 filters per request');
    expect(parse([{ type: 'diagnostic' }])).toThrow("type must be either 'system' or 'contract'");
    expect(parse([{ contractIds: ['GABC'] }])).toThrow('filter 1 invalid: contract ID 1 invalid');
    expect(parse([{ topics: [['*', '*', '*', '*', '*']] }])).toThrow('more than 4 segments');
    expect(parse([{ topics: [['**', '*']] }])).toThrow('segment 1 invalid');
    expect(parse([{ topics: [['not base64']] }])).toThrow('segment 1 invalid');
    expect(parse([{ topics: [[]] }])).toThrow('at least one segment');
  });
});
