// Merchants' own limits on withdrawals: one row of rules, with a loosening that waits, and the destinations that are allowed
// from some time on. What they mean is decided in settlement/withdrawalRules.ts. A merchant without a row has no limits.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Db } from './database.ts';
import type { AllowedDestinationsTable, WithdrawalRulesTable } from './settlementTables.ts';

const MAX_ALLOWED_DESTINATIONS = 200;

export type WithdrawalRulesRow = Omit<WithdrawalRulesTable, 'account_id'>;

export function rulesRow(db: Db, accountId: string): Promise<WithdrawalRulesRow | undefined> {
  return db.selectFrom('withdrawal_rules').selectAll().where('account_id', '=', accountId).executeTakeFirst();
}

/** The rules, held until the transaction ends; a merchant without any gets a row. */
export function lockRules(trx: Db, accountId: string): Promise<WithdrawalRulesRow> {
  return trx
    .insertInto('withdrawal_rules')
    .values({
      account_id: accountId,
      daily_limit: null,
      allow_list_only: 0,
      next_daily_limit: null,
      next_allow_list_only: null,
      next_effective_at: null,
    })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ account_id: accountId }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function updateRules(trx: Db, accountId: string, rules: WithdrawalRulesRow): Promise<void> {
  const { daily_limit, allow_list_only, next_daily_limit, next_allow_list_only, next_effective_at } = rules;
  await trx
    .updateTable('withdrawal_rules')
    .set({ daily_limit, allow_list_only, next_daily_limit, next_allow_list_only, next_effective_at })
    .where('account_id', '=', accountId)
    .execute();
}

export function allowedDestinations(db: Db, accountId: string): Promise<AllowedDestinationsTable[]> {
  return db
    .selectFrom('allowed_destinations')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('effective_at')
    .orderBy('address')
    .execute();
}

/**
 * Of a destination that is there already only the label changes. Call it with the rules held.
 * @throws LatchkeyError RATE_LIMITED when the list is full
 */
export async function allowDestination(trx: Db, destination: AllowedDestinationsTable): Promise<void> {
  const known = await allowedDestinations(trx, destination.account_id);
  const isNew = known.every((it) => it.address !== destination.address);
  if (isNew && known.length >= MAX_ALLOWED_DESTINATIONS) {
    throw new LatchkeyError('RATE_LIMITED', {
      message: `The list holds ${MAX_ALLOWED_DESTINATIONS} destinations. Remove one first.`,
    });
  }
  await trx
    .insertInto('allowed_destinations')
    .values(destination)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'address']).doUpdateSet({ label: destination.label }),
    )
    .execute();
}

/** False when it was not on the list. */
export async function disallowDestination(trx: Db, accountId: string, address: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('allowed_destinations')
    .where('account_id', '=', accountId)
    .where('address', '=', address)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
