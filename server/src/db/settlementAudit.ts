// What was done to a merchant's settlement wallet, by whom it was asked and what came of it: one row each, written in the
// transaction that made it true, never changed. What must not be in it (seeds, codes, secrets) is for the caller to
// leave out.
import { randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import type { SettlementAuditTable } from './settlementTables.ts';

export type AuditEntry = SettlementAuditTable;

/** Where a page ends: the position of its last row. */
export type AuditPosition = { at: number; id: string };

export async function recordAudit(
  trx: Db,
  accountId: string,
  action: string,
  detail: Record<string, unknown>,
  nowMs: number,
): Promise<void> {
  await trx
    .insertInto('settlement_audit')
    .values({ id: randomUUID(), account_id: accountId, at: nowMs, action, detail: JSON.stringify(detail) })
    .execute();
}

/** Newest first, older than `before`; at most `limit`. */
export function auditPage(
  db: Db,
  accountId: string,
  before: AuditPosition | null,
  limit: number,
): Promise<AuditEntry[]> {
  let query = db.selectFrom('settlement_audit').selectAll().where('account_id', '=', accountId);
  if (before) {
    query = query.where((eb) =>
      eb.or([eb('at', '<', before.at), eb.and([eb('at', '=', before.at), eb('id', '<', before.id)])]),
    );
  }
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}
