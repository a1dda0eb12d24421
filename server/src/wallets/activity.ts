// A wallet's history: what the native asset's own events say (SEP-41 transfer events), with creation, recovery and
// transfers of other tokens from our records; other tokens that arrive are not looked for. Events are read when somebody looks, from where the last look ended; rows and position are stored
// together. Events older than the node's retention are not there to be read.

import { type ActivityBody, LatchkeyError } from '@latchkey/sdk/api';
import {
  addressToScVal,
  type Rpc,
  type RpcMethods,
  scSymbol,
  scValToAddress,
  scValToI128,
  structField,
} from '@latchkey/sdk/chain';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import type { Wallet } from '../db/accounts.ts';
import { type Activity, activityPage, insertActivity, nextLedgerOf, setNextLedger } from '../db/activity.ts';
import type { Database } from '../db/database.ts';
import type { Tokens } from './tokens.ts';

const EVENTS_PER_PAGE = 200;
const MAX_PAGES = 50;
/** stellar-rpc searches at most this many ledgers in one call. */
const LEDGERS_PER_SEARCH = 10_000;
const DEFAULT_LIMIT = 20;
const CURSOR = /^(\d{1,16})\.(\d{1,10})\.(.{1,40})$/;

type EventPage = RpcMethods['getEvents']['result'];
type ChainEvent = EventPage['events'][number];

export type ActivityLog = {
  page(
    wallet: Wallet,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<ActivityBody>;
};

export function createActivityLog(deps: { db: Database; rpc: Rpc; tokens: Tokens }): ActivityLog {
  const { db, rpc, tokens } = deps;

  /** One `transfer` event as the wallet sees it; null for anything that only looks like one. */
  function read(event: ChainEvent, wallet: string): Activity | null {
    const [, from, to] = event.topic.map((xdr) => scValToAddress(ScVal.fromXdr(xdr, 'base64')));
    const value = ScVal.fromXdr(event.value, 'base64');
    const amount = scValToI128(value) ?? scValToI128(structField(value, 'amount'));
    if (amount === null || (from !== wallet && to !== wallet)) return null;
    return {
      id: event.id,
      wallet,
      kind: from === wallet ? 'sent' : 'received',
      at: Date.parse(event.ledgerClosedAt),
      ledger: event.ledger,
      counterparty: (from === wallet ? to : from) ?? null,
      token: event.contractId,
      amount: String(amount),
      hash: event.txHash,
      status: 'confirmed',
    };
  }

  async function sync(wallet: Wallet): Promise<void> {
    const { latestLedger, oldestLedger } = await rpc.call('getHealth');
    const transfer = scSymbol('transfer').toXdr('base64');
    const self = addressToScVal(wallet.address).toXdr('base64');
    const filters = [
      {
        type: 'contract',
        contractIds: [tokens.nativeTokenId],
        topics: [
          [transfer, self, '*', '**'],
          [transfer, '*', self, '**'],
        ],
      },
    ];
    let startLedger = Math.max(await nextLedgerOf(db, wallet.address), oldestLedger);
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES && startLedger <= latestLedger; page++) {
      const endLedger = Math.min(startLedger + LEDGERS_PER_SEARCH, latestLedger + 1);
      const found: EventPage = await rpc.call('getEvents', {
        ...(cursor === null ? { startLedger, endLedger } : {}),
        filters,
        pagination: { limit: EVENTS_PER_PAGE, ...(cursor === null ? {} : { cursor }) },
      });
      const { events } = found;
      // A full page may end inside a ledger. The cursor goes on from there now; after a restart that ledger is read
      // again from its start, which adds nothing twice.
      const isFull = events.length === EVENTS_PER_PAGE;
      const nextLedger = isFull ? events.at(-1)!.ledger : Math.max(endLedger, events.at(-1)?.ledger ?? 0);
      await db.transaction().execute(async (trx) => {
        for (const event of events) {
          const row = read(event, wallet.address);
          if (row) await insertActivity(trx, row);
        }
        await setNextLedger(trx, wallet.address, nextLedger);
      });
      cursor = isFull ? found.cursor : null;
      startLedger = nextLedger;
    }
  }

  async function pendingTransfers(wallet: Wallet): Promise<Omit<Activity, 'status'>[]> {
    const rows = await db
      .selectFrom('submissions')
      .innerJoin('transfers', 'transfers.submission_id', 'submissions.id')
      .selectAll()
      .where('account_id', '=', wallet.account_id)
      .where('state', 'in', ['queued', 'sent'])
      .execute();
    return rows.map((row) => ({
      id: row.id,
      wallet: wallet.address,
      kind: 'sent',
      at: row.created_at,
      ledger: 0,
      counterparty: row.to_address,
      token: row.token,
      amount: row.amount,
      hash: row.hash ?? '',
    }));
  }

  async function item(row: Omit<Activity, 'status'>, status: 'pending' | 'confirmed' | 'failed') {
    const { symbol, decimals } = await tokens.describe(row.token ?? tokens.nativeTokenId);
    const { id, kind, at, ledger, counterparty, amount, hash } = row;
    return { id, kind, at, ledger, counterparty, amount, symbol, decimals, transactionHash: hash, status };
  }

  return {
    async page(wallet, query) {
      const match = query.cursor === undefined ? null : CURSOR.exec(query.cursor);
      if (query.cursor !== undefined && !match) {
        throw new LatchkeyError('INVALID_REQUEST', {
          message: 'Take the cursor from the page before, or leave it out.',
          details: { field: 'cursor' },
        });
      }
      await sync(wallet);
      const limit = query.limit ?? DEFAULT_LIMIT;
      const before = match ? { at: Number(match[1]), ledger: Number(match[2]), id: match[3]! } : null;
      const rows = await activityPage(db, wallet.address, before, limit + 1);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const pending = before ? [] : await pendingTransfers(wallet);
      return {
        items: await Promise.all([
          ...pending.map((row) => item(row, 'pending')),
          ...shown.map((row) => item(row, row.status)),
        ]),
        cursor: rows.length > limit && last ? `${last.at}.${last.ledger}.${last.id}` : null,
      };
    },
  };
}
