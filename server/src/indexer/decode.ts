// From the stream of the network's events to what they say, dropping early what cannot concern a wallet. Provenance
// starts here: an event is the factory's only if a configured factory's contract published it.
import {
  type ChainEvent,
  type EventFilters,
  eventTopics,
  type FactoryEvent,
  type RecoveryEvent,
  readFactoryEvent,
  readRecoveryEvent,
  readTokenEvent,
  readWalletEvent,
  scSymbol,
  type TokenEvent,
  tokenEventNames,
  type WalletEvent,
} from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import { ScVal } from '@stellar/stellar-sdk/xdr';

export type { ChainEvent };

export type DecodedEvent = { source: ChainEvent } & (
  | { from: 'wallet'; event: WalletEvent }
  | { from: 'factory'; event: FactoryEvent }
  | { from: 'recovery'; event: RecoveryEvent }
  | { from: 'token'; event: TokenEvent }
);

/** stellar-rpc takes five topic patterns in a filter, and five filters. */
const TOPICS_PER_FILTER = 5;
const SC_ADDRESS = 18;
const SC_ADDRESS_CONTRACT = 1;
const CONTRACT_ADDRESS_BYTES = 40;

const topic = (name: string) => scSymbol(name).toXdr('base64');
const pattern = ({ name, more }: { name: string; more: number }) => [topic(name), ...Array(more).fill('*')];

const origins = new Map<string, DecodedEvent['from']>([
  ...eventTopics.wallet.map(({ name }) => [topic(name), 'wallet'] as const),
  ...eventTopics.factory.map(({ name }) => [topic(name), 'factory'] as const),
  ...eventTopics.recovery.map(({ name }) => [topic(name), 'recovery'] as const),
  ...tokenEventNames.map((name) => [topic(name), 'token'] as const),
]);

/** Wallets cannot be named one by one, so their events are asked for by name, whoever published them. */
export function eventFilters(factoryIds: string[]): EventFilters {
  const patterns = [
    ...eventTopics.wallet.map(pattern),
    ...eventTopics.recovery.map(pattern),
    ...tokenEventNames.map((name) => [topic(name), '**']),
  ];
  const filters: EventFilters = [
    { type: 'contract', contractIds: factoryIds, topics: eventTopics.factory.map(pattern) },
  ];
  for (let at = 0; at < patterns.length; at += TOPICS_PER_FILTER) {
    filters.push({ type: 'contract', topics: patterns.slice(at, at + TOPICS_PER_FILTER) });
  }
  return filters;
}

/** The contract address that a topic is, without decoding what is none; null for everything else. */
function contractOf(topicXdr: string): string | null {
  const bytes = Buffer.from(topicXdr, 'base64');
  if (bytes.length !== CONTRACT_ADDRESS_BYTES) return null;
  if (bytes.readUInt32BE(0) !== SC_ADDRESS || bytes.readUInt32BE(4) !== SC_ADDRESS_CONTRACT) return null;
  return StrKey.encodeContract(bytes.subarray(8));
}

/** Contracts that the event may concern as wallets. */
export function concerned(event: ChainEvent): string[] {
  switch (origins.get(event.topic[0] ?? '')) {
    case 'wallet':
      return [event.contractId];
    case 'token':
      return event.topic.slice(1, 4).flatMap((it) => contractOf(it) ?? []);
    case 'factory':
    case 'recovery':
      return event.topic.slice(1, 2).flatMap((it) => contractOf(it) ?? []);
    default:
      return [];
  }
}

/** Null for what only looks like an event of ours. */
export function decodeEvent(source: ChainEvent, factoryIds: ReadonlySet<string>): DecodedEvent | null {
  const from = origins.get(source.topic[0] ?? '');
  if (from === undefined || (from === 'factory' && !factoryIds.has(source.contractId))) return null;
  const topics = source.topic.map((it) => ScVal.fromXdr(it, 'base64'));
  const value = ScVal.fromXdr(source.value, 'base64');
  const decoded = <F extends DecodedEvent['from'], E>(origin: F, event: E | null) =>
    event && { from: origin, source, event };
  switch (from) {
    case 'wallet':
      return decoded(from, readWalletEvent(topics, value));
    case 'factory':
      return decoded(from, readFactoryEvent(topics, value));
    case 'recovery':
      return decoded(from, readRecoveryEvent(topics, value));
    case 'token':
      return decoded(from, readTokenEvent(topics, value));
  }
}
