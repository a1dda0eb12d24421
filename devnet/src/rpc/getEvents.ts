// getEvents: events of a range of ledgers, filtered, in ledger order, a page at a time. Fee events and refunds are
// part of the stream, those of failed transactions included.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { ClosedLedger } from '../ledger/closedLedger.ts';
import type { EventRecord } from '../ledger/eventRecords.ts';
import { firstIndex } from '../ledger/firstIndex.ts';
import type { Network } from '../network/network.ts';
import { parseEventFilters } from './eventFilter.ts';
import type { Params } from './params.ts';
import { invalidParams, invalidRequest } from './rpcError.ts';
import { decodeToid, encodeToid, parseToid, type Toid } from './toid.ts';
import type { XdrFormat } from './xdrField.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
const MAX_LEDGER_RANGE = 10_000;
const MAX_EVENT_INDEX = 0xffff_ffff;
const END_OF_LEDGER = { transaction: 0xf_ffff, operation: 0xfff, event: MAX_EVENT_INDEX };

/** A place in the stream of events. */
type Position = Toid & { readonly event: number };

export function getEvents(network: Network, params: Params) {
  const format = params.xdrFormat();
  const range = readRange(params);
  const filters = parseEventFilters(params.list('filters'));
  const { latest } = network;
  const { history } = network.ledger;
  const oldest = history.oldest.sequence;
  const { start, limit } = range;
  if (start.ledger < oldest || start.ledger > latest.sequence) {
    throw invalidRequest(`startLedger must be within the ledger range: ${oldest} - ${latest.sequence}`);
  }
  const end = Math.min(latest.sequence + 1, start.ledger + MAX_LEDGER_RANGE, range.endLedger);
  const from = { sequence: start.ledger, position: eventsBefore(history.at(start.ledger), start) };
  const events = history.findEvents(filters, from, end, limit).map(({ ledger, event }) => {
    return render(ledger, event, eventId(positionOf(ledger, event)), format);
  });
  const endOfRange = eventId({ ledger: end - 1, ...END_OF_LEDGER });
  const cursor = events.length === limit ? events.at(-1)!.id : endOfRange;
  return {
    events,
    cursor,
    latestLedger: latest.sequence,
    oldestLedger: oldest,
    latestLedgerCloseTime: String(latest.closeTimeSeconds),
    oldestLedgerCloseTime: String(history.oldest.closeTimeSeconds),
  };
}

function readRange(params: Params): { start: Position; endLedger: number; limit: number } {
  const pagination = params.nested('pagination');
  const cursor = pagination.optionalText('cursor') || undefined;
  const limit = pagination.u32('limit') || DEFAULT_LIMIT;
  const startLedger = params.u32('startLedger');
  const endLedger = params.u32('endLedger');
  if (cursor !== undefined && (startLedger !== 0 || endLedger !== 0)) {
    throw invalidParams('ledger ranges and cursor cannot both be set');
  }
  if (cursor === undefined && startLedger === 0) throw invalidParams('startLedger must be positive');
  if (limit > MAX_LIMIT) throw invalidParams(`limit must not exceed ${MAX_LIMIT}`);
  const start =
    cursor === undefined ? { ledger: startLedger, transaction: 0, operation: 0, event: 0 } : after(cursor);
  return { start, endLedger: endLedger || Number.POSITIVE_INFINITY, limit };
}

/** The position right after a cursor, which names an event or the end of a ledger. */
function after(cursor: string): Position {
  const [, toidText = '', eventText] = /^(\d{1,19})-(\d{1,10})$/.exec(cursor) ?? [];
  const toid = parseToid(toidText);
  const event = Number(eventText);
  if (toid === null || event > MAX_EVENT_INDEX) throw invalidParams(`invalid event id ${cursor}`);
  return { ...decodeToid(toid), event: event + 1 };
}

function positionOf(ledger: ClosedLedger, event: EventRecord): Position {
  const { transactionIndex: transaction, operationIndex: operation, eventIndex } = event;
  return { ledger: ledger.sequence, transaction, operation, event: eventIndex };
}

/** How many events of the position's ledger come before it. */
function eventsBefore(ledger: ClosedLedger | undefined, position: Position): number {
  return firstIndex(ledger?.events ?? [], (event) => {
    if (event.transactionIndex !== position.transaction) return event.transactionIndex > position.transaction;
    if (event.operationIndex !== position.operation) return event.operationIndex > position.operation;
    return event.eventIndex >= position.event;
  });
}

function eventId(position: Position): string {
  return `${String(encodeToid(position)).padStart(19, '0')}-${String(position.event).padStart(10, '0')}`;
}

function render(ledger: ClosedLedger, event: EventRecord, id: string, format: XdrFormat) {
  const json = (value: string) => xdr.ScVal.fromXdr(value, 'base64').toJson();
  return {
    type: event.type,
    ledger: ledger.sequence,
    ledgerClosedAt: new Date(ledger.closeTimeSeconds * 1000).toISOString().replace('.000Z', 'Z'),
    contractId: event.contractId,
    id,
    operationIndex: event.operationIndex,
    transactionIndex: event.transactionIndex,
    txHash: ledger.transactions[event.applicationOrder - 1]!.hash,
    inSuccessfulContractCall: event.isSuccessful,
    ...(format === 'json'
      ? { topicJson: event.topics.map(json), valueJson: json(event.value) }
      : { topic: event.topics, value: event.value }),
  };
}
