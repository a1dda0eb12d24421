// The events of a ledger as getEvents serves them: fees before all transactions, then what the operations of each
// transaction emitted, then refunds. Fee events are kept for failed transactions too.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { toBase64, toLatin1 } from '../bytes.ts';
import type { EventfulMeta } from './transactionMetaXdr.ts';

/** Place of refund events in a ledger: after all transactions. */
export const AFTER_ALL_TRANSACTIONS = 0xf_ffff;

export type EventRecord = {
  readonly type: 'contract' | 'system';
  /** Which of the ledger's transactions it belongs to, from 1. */
  readonly applicationOrder: number;
  /** Where it stands: 0 before all transactions, the application order, or `AFTER_ALL_TRANSACTIONS`. */
  readonly transactionIndex: number;
  readonly operationIndex: number;
  readonly eventIndex: number;
  readonly isSuccessful: boolean;
  /** Contract address, or an empty string. */
  readonly contractId: string;
  /** Base64 ScVal each. */
  readonly topics: readonly string[];
  readonly value: string;
};

type Source = {
  readonly isSuccess: boolean;
  readonly meta: EventfulMeta;
};

/** The events of transactions in their order of application. */
export function eventRecords(transactions: readonly Source[]): EventRecord[] {
  const before: EventRecord[] = [];
  const within: EventRecord[] = [];
  const after: EventRecord[] = [];
  transactions.forEach(({ meta, isSuccess }, index) => {
    const applicationOrder = index + 1;
    for (const { stage, event } of meta.events) {
      const isRefund = stage.name === 'transactionEventStageAfterAllTxs';
      const list = isRefund ? after : before;
      const transactionIndex = isRefund ? AFTER_ALL_TRANSACTIONS : 0;
      const place = { applicationOrder, transactionIndex, operationIndex: 0, eventIndex: list.length };
      list.push(eventRecord(event, place, isSuccess));
    }
    meta.operations.forEach(({ events }, operationIndex) => {
      events.forEach((event, eventIndex) => {
        const place = { applicationOrder, transactionIndex: applicationOrder, operationIndex, eventIndex };
        within.push(eventRecord(event, place, isSuccess));
      });
    });
  });
  return [...before, ...within, ...after];
}

function eventRecord(
  event: xdr.ContractEvent,
  place: Pick<EventRecord, 'applicationOrder' | 'transactionIndex' | 'operationIndex' | 'eventIndex'>,
  isSuccessful: boolean,
): EventRecord {
  const { topics, data } = event.body.v0;
  return {
    type: event.type.name === 'system' ? 'system' : 'contract',
    ...place,
    isSuccessful,
    contractId: event.contractId ? addressOf(event.contractId) : '',
    topics: topics.map(encodedTopic),
    value: toBase64(data.toXdr()),
  };
}

const encodedTopics = new WeakMap<xdr.ScVal, string>();

/** In base64. Topics that many events share are encoded once. */
function encodedTopic(topic: xdr.ScVal): string {
  const known = encodedTopics.get(topic);
  if (known !== undefined) return known;
  const text = shared(toBase64(topic.toXdr()));
  encodedTopics.set(topic, text);
  return text;
}

const addresses = new Map<string, string>();

function addressOf(contractId: xdr.ContractId): string {
  const bytes = toLatin1(contractId.toBytes());
  const known = addresses.get(bytes);
  if (known !== undefined) return known;
  if (addresses.size >= MAX_SHARED_TEXTS) addresses.clear();
  const address = shared(String(contractId.toJson()));
  addresses.set(bytes, address);
  return address;
}

const MAX_SHARED_TEXTS = 10_000;
const sharedTexts = new Map<string, string>();

/** The one copy of a text that many events have. */
function shared(text: string): string {
  const known = sharedTexts.get(text);
  if (known !== undefined) return known;
  if (sharedTexts.size >= MAX_SHARED_TEXTS) sharedTexts.clear();
  sharedTexts.set(text, text);
  return text;
}
