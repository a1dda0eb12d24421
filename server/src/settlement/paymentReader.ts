// Follows the USDC contract's events of one network and keeps those that touch a merchant's address. What whole ledgers
// say, the messages about it and the cursor behind them are stored in one transaction, so that a process killed anywhere
// goes on where it was. Ledgers that the node no longer has are kept as a gap that merchants see, and read as soon as
// a node has them. That a network began anew under its old name is for the indexer to notice, which reads the same node.
import {
  type ChainEvent,
  type EventFilters,
  readEventPages,
  readTokenEvent,
  scSymbol,
  type TokenEvent,
  tokenEventNames,
} from '@latchkey/sdk/chain';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import { CursorMoved } from '../db/indexerCursor.ts';
import { announceSettlement } from '../db/settlementMessages.ts';
import {
  beginPaymentCursor,
  insertPayment,
  insertPaymentGap,
  movePaymentCursor,
  ownersOf,
  type PaymentRow,
  paymentCursor,
  paymentGaps,
  shrinkPaymentGap,
} from '../db/settlementPayments.ts';
import type { SettlementNetwork } from './network.ts';

/** About an hour: merchants that signed up just before the first reading had no money before that. */
const BEGIN_LEDGERS_BACK = 720;
/** Ledgers with something unreadable are read again this often, and so many of them remembered. */
const READ_AGAIN_MS = 600_000;
const MAX_UNREADABLE = 1_000;

export type PaymentReader = {
  /** Reads and stores up to the node's latest ledger. @throws LatchkeyError NETWORK_UNAVAILABLE, RpcError */
  catchUp(): Promise<void>;
};

type Transfer = TokenEvent & { source: ChainEvent };

function paymentFilters(contractId: string): EventFilters {
  const topics = tokenEventNames.map((name) => [scSymbol(name).toXdr('base64'), '**']);
  return [{ type: 'contract', contractIds: [contractId], topics }];
}

function readTransfer(source: ChainEvent, contractId: string): Transfer | null {
  if (source.contractId !== contractId) return null;
  const topics = source.topic.map((it) => ScVal.fromXdr(it, 'base64'));
  const event = readTokenEvent(topics, ScVal.fromXdr(source.value, 'base64'));
  return event && { ...event, source };
}

export function createPaymentReader(deps: {
  db: Database;
  network: Pick<SettlementNetwork, 'name' | 'rpc' | 'usdc' | 'confirmNetwork'>;
  log: Logger;
  nowMs: () => number;
  eventsPerPage?: number;
  /** called inside each transaction; tests stop the process there */
  inTransaction?: () => void;
  /** told once something was stored */
  onStored?: () => void;
}): PaymentReader {
  const { db, network, log, nowMs, eventsPerPage } = deps;
  const { name, rpc, usdc } = network;
  const filters = paymentFilters(usdc.contractId);
  const readAgainAt = new Map<number, number>();

  /** What cannot be read must not keep what can be from everybody. */
  function transferOf(event: ChainEvent): Transfer | 'unreadable' | null {
    try {
      return readTransfer(event, usdc.contractId);
    } catch (error) {
      log.error(
        { err: error, network: name, event: event.id },
        'an event of the USDC contract was not understood',
      );
      return 'unreadable';
    }
  }

  async function keep(trx: Db, row: PaymentRow, isOwn: boolean): Promise<void> {
    const isNew = await insertPayment(trx, row);
    if (!isNew || isOwn || row.direction === 'out') return;
    const data = {
      merchantId: row.account_id,
      network: name,
      address: row.address,
      from: row.counterparty,
      asset: `${usdc.code}:${usdc.issuer}`,
      amount: row.amount,
      decimals: 7,
      memo: row.memo,
      ledger: row.ledger,
      transactionHash: row.hash,
      eventId: row.event_id,
      at: new Date(row.at).toISOString(),
    };
    await announceSettlement(trx, row.account_id, 'settlement.received', data, nowMs());
  }

  /** Whose money moved. What is minted comes from the issuer, and what is burned or clawed back goes there. */
  async function apply(trx: Db, events: ChainEvent[]): Promise<void> {
    const transfers: Transfer[] = [];
    for (const event of events) {
      const transfer = transferOf(event);
      // Nobody may take such a ledger for one that was read: it is missing, and read again by and by.
      const gap = { network: name, from_ledger: event.ledger, to_ledger: event.ledger, found_at: nowMs() };
      if (transfer === 'unreadable') {
        await insertPaymentGap(trx, gap);
        if (readAgainAt.size < MAX_UNREADABLE) readAgainAt.set(event.ledger, nowMs() + READ_AGAIN_MS);
      } else if (transfer) transfers.push(transfer);
    }
    const addresses = new Set(transfers.flatMap(({ from, to }) => [from ?? [], to ?? []].flat()));
    const owners = new Map<string, string>();
    for (const { account_id, address } of await ownersOf(trx, name, [...addresses])) {
      owners.set(address, account_id);
    }
    for (const { source, from, to, amount, memo } of transfers) {
      const sides = [
        { direction: 'out' as const, address: from, counterparty: to ?? usdc.issuer },
        { direction: 'in' as const, address: to, counterparty: from ?? usdc.issuer },
      ];
      for (const { direction, address, counterparty } of sides) {
        const owner = address === null ? undefined : owners.get(address);
        if (address === null || owner === undefined) continue;
        const row: PaymentRow = {
          account_id: owner,
          network: name,
          event_id: source.id,
          direction,
          address,
          counterparty,
          memo,
          amount: String(amount),
          ledger: source.ledger,
          at: Date.parse(source.ledgerClosedAt),
          hash: source.txHash,
        };
        await keep(trx, row, owners.get(counterparty) === owner);
      }
    }
  }

  async function store(events: ChainEvent[], from: number, to: number): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await movePaymentCursor(trx, name, from, to);
      deps.inTransaction?.();
      await apply(trx, events);
    });
    if (events.length > 0) deps.onStored?.();
  }

  /** Where to read from; what lies before it and cannot be read becomes a gap. */
  async function position(oldest: number, latest: number): Promise<number> {
    const known = await paymentCursor(db, name);
    if (known === undefined) {
      await beginPaymentCursor(db, name, Math.max(oldest, latest - BEGIN_LEDGERS_BACK));
      return position(oldest, latest);
    }
    if (known >= oldest) return known;
    const gap = { network: name, from_ledger: known, to_ledger: oldest - 1, found_at: nowMs() };
    await db.transaction().execute(async (trx) => {
      await movePaymentCursor(trx, name, known, oldest);
      await insertPaymentGap(trx, gap);
    });
    log.error(
      { network: name, fromLedger: gap.from_ledger, toLedger: gap.to_ledger },
      'payments in these ledgers are missing: the node does not keep them any more. They are read as soon as a node that has them is configured.',
    );
    return oldest;
  }

  async function fillGaps(oldest: number, latest: number): Promise<void> {
    for (const gap of await paymentGaps(db, name)) {
      if (gap.to_ledger < oldest || nowMs() < (readAgainAt.get(gap.from_ledger) ?? 0)) continue;
      let open = gap;
      const from = Math.max(gap.from_ledger, oldest);
      const range = { filters, from, latest: Math.min(gap.to_ledger, latest), eventsPerPage };
      await readEventPages(rpc, range, async (events, readFrom, readTo) => {
        await db.transaction().execute(async (trx) => {
          await shrinkPaymentGap(trx, open, readFrom, readTo);
          await apply(trx, events);
        });
        open = { ...open, from_ledger: readTo };
      });
      if (open.from_ledger > gap.to_ledger)
        log.info({ network: name, fromLedger: from, toLedger: gap.to_ledger }, 'missing payments were read');
    }
  }

  async function read(): Promise<void> {
    await network.confirmNetwork();
    for (;;) {
      const { latestLedger, oldestLedger } = await rpc.call('getHealth');
      await fillGaps(oldestLedger, latestLedger);
      const from = await position(oldestLedger, latestLedger);
      if (from > latestLedger) return;
      const next = await readEventPages(rpc, { filters, from, latest: latestLedger, eventsPerPage }, store);
      if (next === from) return;
    }
  }

  return {
    async catchUp() {
      try {
        await read();
      } catch (error) {
        if (!(error instanceof CursorMoved)) throw error;
      }
    },
  };
}
