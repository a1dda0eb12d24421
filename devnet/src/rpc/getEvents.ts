// getEvents: events of a range of ledgers, filtered, in ledger order, a page at a time. Fee events and refunds are
// part of the stream, those of failed transactions included.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { ClosedLedger } from '../ledger/closedLedger.ts';
import type { EventRecord } from '../ledger/eventRecords.ts';
import type { Network } from '../network.ts';
import { matchesAny, parseEventFilters } from './eventFilter.ts';
import type { Params } from './params.ts';
import { invalidParams, RPC_ERROR, RpcError } from './rpcError.ts';
import { decodeToid, encodeToid } from './toid.ts';
import type { XdrFormat } from './xdrField.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
const MAX_LEDGER_RANGE = 10_000;
const LAST_IN_LEDGER = { transaction: 0xf_ffff, operation: 0xfff };
const MAX_EVENT_INDEX = 0xffff_ffff;

type Position = { readonly toid: bigint; readonly eventIndex: bigint };

export function getEvents(network: Network, params: Params) {
  const format = params.xdrFormat();
  const filters = parseEventFilters(params.list('filters'));
  const { latest } = network;
  const { history } = network.ledger;
  const { start, first, end, limit } = searchRange(network, params);
  const events = [];
  let cursor: string | null = null;
  search: for (const ledger of history.from(first)) {
    if (ledger.sequence >= end) break;
    for (const event of ledger.events) {
      const position = positionOf(ledger, event);
      if (isBefore(position, start) || !matchesAny(filters, event)) continue;
      events.push(render(ledger, event, eventId(position), format));
      if (events.length < limit) continue;
      cursor = eventId(position);
      break search;
    }
  }
  const endOfRange = encodeToid({ ledger: end - 1, ...LAST_IN_LEDGER });
  return {
    events,
    cursor: cursor ?? eventId({ toid: endOfRange, eventIndex: BigInt(MAX_EVENT_INDEX) }),
    latestLedger: latest.sequence,
    oldestLedger: history.oldest.sequence,
    latestLedgerCloseTime: String(latest.closeTimeSeconds),
    oldestLedgerCloseTime: String(history.oldest.closeTimeSeconds),
  };
}

function searchRange(network: Network, params: Params) {
  const pagination = params.nested('pagination');
  const cursor = pagination.optionalText('cursor') || undefined;
  const limit = pagination.u32('limit') || DEFAULT_LIMIT;
  const startLedger = params.u32('startLedger');
  const endLedger = params.u32('endLedger');
  if (limit > MAX_LIMIT) throw invalidParams(`limit must not exceed ${MAX_LIMIT}`);
  if (cursor !== undefined && (startLedger !== 0 || endLedger !== 0)) {
    throw invalidParams('ledger ranges and cursor cannot both be set');
  }
  if (cursor === undefined && startLedger === 0) throw invalidParams('startLedger must be positive');
  const start = cursor === undefined ? startOf(startLedger) : after(cursor);
  const first = decodeToid(start.toid).ledger;
  const oldest = network.ledger.history.oldest.sequence;
  const latest = network.latest.sequence;
  if (first < oldest || first > latest) {
    throw new RpcError(
      RPC_ERROR.invalidRequest,
      `startLedger must be within the ledger range: ${oldest} - ${latest}`,
    );
  }
  const end = Math.min(latest + 1, first + MAX_LEDGER_RANGE, endLedger || Number.POSITIVE_INFINITY);
  return { start, first, end, limit };
}

function startOf(ledger: number): Position {
  return { toid: encodeToid({ ledger, transaction: 0, operation: 0 }), eventIndex: 0n };
}

/** The position right after a cursor, which names an event or the end of a ledger. */
function after(cursor: string): Position {
  const parts = /^(\d{19})-(\d{10})$/.exec(cursor);
  if (!parts) throw invalidParams(`invalid event cursor '${cursor}'`);
  const toid = BigInt(parts[1]!);
  const eventIndex = BigInt(parts[2]!);
  return { toid, eventIndex: eventIndex + 1n };
}

function positionOf(ledger: ClosedLedger, event: EventRecord): Position {
  const { transactionIndex: transaction, operationIndex: operation } = event;
  const toid = encodeToid({ ledger: ledger.sequence, transaction, operation });
  return { toid, eventIndex: BigInt(event.eventIndex) };
}

function isBefore(left: Position, right: Position): boolean {
  return left.toid < right.toid || (left.toid === right.toid && left.eventIndex < right.eventIndex);
}

function eventId({ toid, eventIndex }: Position): string {
  return `${String(toid).padStart(19, '0')}-${String(eventIndex).padStart(10, '0')}`;
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
