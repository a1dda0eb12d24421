// Merchants' webhook endpoints. An endpoint is disabled once its receiver said that it is gone, and enabled again by a
// replay; one that is removed takes its messages along.
import type { Db } from './database.ts';
import type { SettlementWebhooksTable } from './settlementTables.ts';

export type SettlementWebhook = SettlementWebhooksTable;

/** To be called in a transaction. False when the merchant has `limit` endpoints already. */
export async function insertSettlementWebhook(
  trx: Db,
  row: SettlementWebhook,
  limit: number,
): Promise<boolean> {
  // Changes nothing and locks the merchant's row: of two at once the second counts the first one's endpoint.
  await trx
    .updateTable('merchants')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('account_id', '=', row.account_id)
    .execute();
  if ((await settlementWebhooksOf(trx, row.account_id)).length >= limit) return false;
  await trx.insertInto('settlement_webhooks').values(row).execute();
  return true;
}

export function settlementWebhooksOf(db: Db, accountId: string): Promise<SettlementWebhook[]> {
  return db
    .selectFrom('settlement_webhooks')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export function settlementWebhookById(db: Db, id: string): Promise<SettlementWebhook | undefined> {
  return db.selectFrom('settlement_webhooks').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function updateSettlementWebhook(
  db: Db,
  id: string,
  change: Partial<Pick<SettlementWebhook, 'failures' | 'disabled_at'>>,
): Promise<void> {
  await db.updateTable('settlement_webhooks').set(change).where('id', '=', id).execute();
}

/** With its messages, in the caller's transaction. False when the merchant has no such endpoint. */
export async function removeSettlementWebhook(trx: Db, accountId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('settlement_webhooks')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (numDeletedRows !== 1n) return false;
  await trx.deleteFrom('settlement_messages').where('webhook_id', '=', id).execute();
  return true;
}
