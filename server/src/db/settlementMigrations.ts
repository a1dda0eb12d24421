// Migrations from a managed account to a smart wallet: one row for each merchant and network, a unique index holds that. A
// change names the version that it saw, so of several that were thought out side by side one is stored. Which state follows
// which is decided in settlement/migrationSteps.ts and settlement/migrationEffects.ts.
import type { Db } from './database.ts';
import type { MigrationState, NetworkName, SettlementMigrationsTable } from './settlementTables.ts';

export type Migration = SettlementMigrationsTable;

/** States that somebody has to move on; in the others an owner, or a submission, does. */
export const DUE_STATES: readonly MigrationState[] = ['confirmed', 'transferred', 'closed'];
/** States in which a submission is on its way; without one they are due as well. */
const SUBMITTED: readonly MigrationState[] = ['transferring', 'closing'];
/** What ends by itself, so that due work tries again without being asked. */
const MENDS_ITSELF = ['NETWORK_UNAVAILABLE', 'RATE_LIMITED'];

export function migrationOf(db: Db, accountId: string, network: NetworkName): Promise<Migration | undefined> {
  return db
    .selectFrom('settlement_migrations')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .executeTakeFirst();
}

export function migrationById(db: Db, id: string): Promise<Migration | undefined> {
  return db.selectFrom('settlement_migrations').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The migration whose step in progress this submission is. */
export function migrationOfSubmission(db: Db, submissionId: string): Promise<Migration | undefined> {
  return db
    .selectFrom('settlement_migrations')
    .selectAll()
    .where('submission_id', '=', submissionId)
    .executeTakeFirst();
}

/** @returns false when the merchant has one already */
export async function insertMigration(db: Db, migration: Migration): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('settlement_migrations')
    .values(migration)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** What a process can move on now, in the order of their ids, from after `afterId`. */
export function dueMigrations(
  db: Db,
  networks: NetworkName[],
  nowMs: number,
  afterId: string,
  limit: number,
): Promise<Migration[]> {
  return db
    .selectFrom('settlement_migrations')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('state', 'in', DUE_STATES),
        eb.and([
          eb('state', 'in', SUBMITTED),
          eb.not(
            eb.exists(
              eb
                .selectFrom('submissions')
                .select('submissions.id')
                .whereRef('submissions.id', '=', 'settlement_migrations.submission_id')
                .where('submissions.state', 'in', ['queued', 'sent']),
            ),
          ),
        ]),
      ]),
    )
    .where('network', 'in', networks)
    .where('not_before', '<=', nowMs)
    .where('id', '>', afterId)
    .where((eb) => eb.or([eb('error_code', 'is', null), eb('error_code', 'in', MENDS_ITSELF)]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

export type MigrationChange = Partial<
  Pick<
    Migration,
    | 'state'
    | 'round'
    | 'gate_subject'
    | 'gate_assertion'
    | 'submission_id'
    | 'close_submission_id'
    | 'seen_ledger'
    | 'not_before'
    | 'moved_amount'
    | 'moved_native_stroops'
    | 'error_code'
    | 'error_message'
  >
>;

/** Changes the row if nobody has since it was read. @returns the row as it is now, null when somebody was faster */
export async function updateMigration(
  db: Db,
  migration: Migration,
  change: MigrationChange,
  nowMs: number,
): Promise<Migration | null> {
  const changed = { ...change, version: migration.version + 1, updated_at: nowMs };
  const { numUpdatedRows } = await db
    .updateTable('settlement_migrations')
    .set(changed)
    .where('id', '=', migration.id)
    .where('version', '=', migration.version)
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ...migration, ...changed } : null;
}

/** Takes the migration back as if nobody had begun it. @returns false when it has been changed since it was read */
export async function deleteMigration(trx: Db, migration: Migration): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('settlement_migrations')
    .where('id', '=', migration.id)
    .where('version', '=', migration.version)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
