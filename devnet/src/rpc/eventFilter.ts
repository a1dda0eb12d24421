// The filters of getEvents: types, contracts and topics. Filters are alternatives, the parts of one filter must all
// match, and an empty part matches everything. `*` stands for one topic, a trailing `**` for any number.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { EventFilter, TopicFilter } from '../ledger/eventIndex.ts';
import type { EventRecord } from '../ledger/eventRecords.ts';
import { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';

const MAX_FILTERS = 5;
const MAX_CONTRACT_IDS = 5;
const MAX_TOPICS = 5;
const MAX_SEGMENTS = 4;
const ANY_ONE = '*';
const ANY_REST = '**';

export function parseEventFilters(filters: readonly unknown[]): EventFilter[] {
  if (filters.length > MAX_FILTERS) throw invalidParams(`maximum ${MAX_FILTERS} filters per request`);
  return filters.map((filter, index) => {
    const where = `filter ${index + 1} invalid`;
    if (typeof filter !== 'object' || Array.isArray(filter)) throw invalidParams(`${where}: not an object`);
    const params = new Params(filter);
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
      types,
      contractIds,
      topics: topics.map((topic, position) => parseTopic(topic, `${where}: topic ${position + 1} invalid`)),
    };
  });
}

function parseTypes(text: string, where: string): EventRecord['type'][] {
  if (text === '') return [];
  return text.split(',').map((type) => {
    if (type === 'system' || type === 'contract') return type;
    throw invalidParams(`${where}: filter type invalid: if set, type must be either 'system' or 'contract'`);
  });
}

function parseTopic(topic: unknown, where: string): TopicFilter {
  if (!Array.isArray(topic) || topic.length === 0) {
    throw invalidParams(`${where}: topic must have at least 1 segment`);
  }
  const isOpen = topic.at(-1) === ANY_REST;
  const segments: unknown[] = isOpen ? topic.slice(0, -1) : topic;
  const misplaced = segments.indexOf(ANY_REST);
  if (misplaced !== -1) {
    const rule = "wildcard '**' is only allowed as the last segment";
    throw invalidParams(`${where}: segment ${misplaced + 1} invalid: ${rule}`);
  }
  if (segments.length > MAX_SEGMENTS) {
    throw invalidParams(`${where}: topic cannot have more than ${MAX_SEGMENTS} segments`);
  }
  const parsed = segments.map((segment, index) => {
    if (segment === ANY_ONE) return null;
    try {
      return xdr.ScVal.fromXdr(segment as string, 'base64').toXdr('base64');
    } catch {
      throw invalidParams(`${where}: segment ${index + 1} invalid`);
    }
  });
  return { segments: parsed, isOpen };
}

function isContractId(text: string): boolean {
  if (!text.startsWith('C')) return false;
  try {
    return xdr.ScAddress.fromJson(text).type === 'scAddressTypeContract';
  } catch {
    return false;
  }
}
