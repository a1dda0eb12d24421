// What merchants' webhooks are to be told: written in the transaction that made it true, handed over afterwards. A
// message is claimed for a while before it is sent: of several servers one sends it, and if that one dies another does,
// perhaps a second time; receivers know it by its id.
import { randomUUID } from 'node:crypto';
import { unclaimed } from './claim.ts';
import type { Db } from './database.ts';
import type { SettlementMessagesTable } from './settlementTables.ts';

export type SettlementMessage = SettlementMessagesTable;
export type SettlementEventName = 'settlement.received' | 'settlement.withdrawn' | 'settlement.migrated';

/** One message for each endpoint that the merchant has and that still takes any. */
export async function announceSettlement(
  trx: Db,
  accountId: string,
  name: SettlementEventName,
  data: Record<string, unknown>,
  nowMs: number,
): Promise<void> {
  const webhooks = await trx
    .selectFrom('settlement_webhooks')
    .select('id')
    .where('account_id', '=', accountId)
    .where('disabled_at', 'is', null)
    .execute();
  if (webhooks.length === 0) return;
  const body = JSON.stringify({ type: name, timestamp: new Date(nowMs).toISOString(), data });
  const rows = webhooks.map(({ id }) => ({
    id: randomUUID(),
    webhook_id: id,
    name,
    body,
    tries: 0,
    due_at: nowMs,
    last_answer: null,
    delivered_at: null,
    given_up_at: null,
    created_at: nowMs,
  }));
  await trx.insertInto('settlement_messages').values(rows).execute();
}

/**
 * The message that is due longest, which nobody else gets until `leaseUntilMs`.
 * @param busy endpoints that are to get nothing now
 */
export function claimDueMessage(
  db: Db,
  nowMs: number,
  leaseUntilMs: number,
  busy: string[],
): Promise<SettlementMessage | undefined> {
  return db
    .with(
      (cte) => cte('due').materialized(),
      (qb) => {
        let due = qb.selectFrom('settlement_messages').select('id').where('due_at', '<=', nowMs);
        if (busy.length > 0) due = due.where('webhook_id', 'not in', busy);
        return unclaimed(db, due.orderBy('due_at').orderBy('created_at').limit(1));
      },
    )
    .updateTable('settlement_messages')
    .set({ due_at: leaseUntilMs })
    .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
    .returningAll()
    .executeTakeFirst();
}

/** Changes the message while the claim is the caller's; nothing when another has it by now, or it is gone. */
export async function updateClaimed(
  db: Db,
  { id, due_at }: SettlementMessage,
  change: Partial<
    Pick<SettlementMessage, 'tries' | 'due_at' | 'last_answer' | 'delivered_at' | 'given_up_at'>
  >,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('settlement_messages')
    .set(change)
    .where('id', '=', id)
    .where('due_at', '=', due_at)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** What the endpoint has not taken is given up. */
export async function giveUpMessages(trx: Db, webhookId: string, nowMs: number): Promise<void> {
  await trx
    .updateTable('settlement_messages')
    .set({ due_at: null, given_up_at: nowMs })
    .where('webhook_id', '=', webhookId)
    .where('due_at', 'is not', null)
    .execute();
}

/** Newest first. */
export function messagesOf(db: Db, webhookId: string, limit: number): Promise<SettlementMessage[]> {
  return db
    .selectFrom('settlement_messages')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Everything since then goes out once more, under the ids it had; how much that is. */
export async function replayMessages(
  trx: Db,
  webhookId: string,
  sinceMs: number,
  nowMs: number,
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('settlement_messages')
    .set({ due_at: nowMs, tries: 0, delivered_at: null, given_up_at: null, last_answer: null })
    .where('webhook_id', '=', webhookId)
    .where('created_at', '>=', sinceMs)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Delivered or given up, and older than that: gone. */
export async function removeOldMessages(db: Db, beforeMs: number): Promise<void> {
  await db
    .deleteFrom('settlement_messages')
    .where('created_at', '<', beforeMs)
    .where('due_at', 'is', null)
    .execute();
}
