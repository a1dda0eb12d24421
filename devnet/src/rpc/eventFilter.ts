// The filters of getEvents: types, contracts and topics. Filters are alternatives, the parts of one filter must all
// match, and an empty part matches everything. `*` stands for one topic, a trailing `**` for any number.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { EventRecord } from '../ledger/eventRecords.ts';
import { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';

const MAX_FILTERS = 5;
const MAX_CONTRACT_IDS = 5;
const MAX_TOPICS = 5;
const MAX_SEGMENTS = 4;
const ANY_ONE = '*';
const ANY_REST = '**';

export type EventFilter = {
  readonly types: ReadonlySet<string>;
  readonly contractIds: ReadonlySet<string>;
  readonly topics: readonly (readonly string[])[];
};

export function parseEventFilters(filters: readonly unknown[]): EventFilter[] {
  if (filters.length > MAX_FILTERS) throw invalidParams(`maximum ${MAX_FILTERS} filters per request`);
  return filters.map((filter, index) => {
    const params = new Params(filter);
    const where = `filter ${index + 1} invalid`;
    const types = parseTypes(params.optionalText('type') ?? '', where);
    const contractIds = params.texts('contractIds');
    const topics = params.list('topics');
    if (contractIds.length > MAX_CONTRACT_IDS) {
      throw invalidParams(`${where}: maximum ${MAX_CONTRACT_IDS} contract IDs per filter`);
    }
    if (topics.length > MAX_TOPICS) throw invalidParams(`${where}: maximum ${MAX_TOPICS} topics per filter`);
    contractIds.forEach((id, position) => {
      if (!isContractId(id)) throw invalidParams(`${where}: contract ID ${position + 1} invalid`);
    });
    return {
      types: new Set(types),
      contractIds: new Set(contractIds),
      topics: topics.map((topic, position) => parseTopic(topic, `${where}: topic ${position + 1} invalid`)),
    };
  });
}

export function matchesAny(filters: readonly EventFilter[], event: EventRecord): boolean {
  return filters.length === 0 || filters.some((filter) => matches(filter, event));
}

function matches({ types, contractIds, topics }: EventFilter, event: EventRecord): boolean {
  if (types.size > 0 && !types.has(event.type)) return false;
  if (contractIds.size > 0 && !contractIds.has(event.contractId)) return false;
  return topics.length === 0 || topics.some((topic) => matchesTopic(topic, event.topics));
}

function matchesTopic(filter: readonly string[], topics: readonly string[]): boolean {
  const isOpen = filter.at(-1) === ANY_REST;
  const segments = isOpen ? filter.slice(0, -1) : filter;
  if (isOpen ? topics.length < segments.length : topics.length !== segments.length) return false;
  return segments.every((segment, index) => segment === ANY_ONE || segment === topics[index]);
}

function parseTypes(text: string, where: string): string[] {
  if (text === '') return [];
  const types = text.split(',');
  if (types.some((type) => type !== 'system' && type !== 'contract')) {
    throw invalidParams(`${where}: filter type invalid: if set, type must be either 'system' or 'contract'`);
  }
  return types;
}

function parseTopic(topic: unknown, where: string): string[] {
  if (!Array.isArray(topic) || topic.length === 0)
    throw invalidParams(`${where}: topic must have at least 1 segment`);
  const segments = topic as unknown[];
  const fixed = segments.at(-1) === ANY_REST ? segments.length - 1 : segments.length;
  const misplaced = segments.indexOf(ANY_REST);
  if (misplaced !== -1 && misplaced < fixed) {
    const rule = "wildcard '**' is only allowed as the last segment";
    throw invalidParams(`${where}: segment ${misplaced + 1} invalid: ${rule}`);
  }
  if (fixed > MAX_SEGMENTS)
    throw invalidParams(`${where}: topic cannot have more than ${MAX_SEGMENTS} segments`);
  return segments.map((segment, index) => {
    if (segment === ANY_ONE || segment === ANY_REST) return segment;
    try {
      return xdr.ScVal.fromXdr(segment as string, 'base64').toXdr('base64');
    } catch {
      throw invalidParams(`${where}: segment ${index + 1} invalid`);
    }
  });
}

function isContractId(text: string): boolean {
  if (!text.startsWith('C')) return false;
  try {
    return xdr.ScAddress.fromJson(text).type === 'scAddressTypeContract';
  } catch {
    return false;
  }
}
