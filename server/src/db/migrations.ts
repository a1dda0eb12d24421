// Schema changes, oldest first, in the subset of SQL that libSQL and PostgreSQL share. A released migration is never
// edited: a change is a new entry.
import { type Kysely, type Migration, sql } from 'kysely';
import { addIndexedBefore, addWebhookSecrets, createIndexerTables } from './indexerSchema.ts';
import { createKeyUsage } from './keyUsage.ts';
import { relayerTables } from './relayerTables.ts';
import { createSettlementTables } from './settlementMigration.ts';

async function first(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('accounts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('email', 'text', (c) => c.notNull().unique())
    .addColumn('session_epoch', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('credentials')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id'))
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('sign_count', 'bigint', (c) => c.notNull())
    .addColumn('transports', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('credentials_account').on('credentials').column('account_id').execute();
  await schema
    .createTable('wallets')
    .addColumn('account_id', 'text', (c) => c.primaryKey().references('accounts.id'))
    .addColumn('address', 'text', (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('submission_id', 'text', (c) => c.notNull())
    .addColumn('funding_due', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('challenges')
    .addColumn('challenge', 'text', (c) => c.primaryKey())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('idempotency_key', 'text')
    .addColumn('request_hash', 'text')
    .addColumn('outcome_id', 'text')
    .execute();
  await schema.createIndex('challenges_expiry').on('challenges').column('expires_at').execute();
  await schema.createIndex('challenges_email').on('challenges').columns(['email', 'expires_at']).execute();
  await schema
    .createIndex('challenges_idempotency')
    .on('challenges')
    .column('idempotency_key')
    .unique()
    .execute();
  await schema
    .createTable('submissions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id'))
    .addColumn('host_function_xdr', 'text', (c) => c.notNull())
    .addColumn('auth_xdr', 'text', (c) => c.notNull())
    .addColumn('auth_expires_at_ledger', 'bigint')
    .addColumn('envelope_xdr', 'text')
    .addColumn('hash', 'text')
    .addColumn('valid_until_seconds', 'bigint')
    .addColumn('attempts', 'bigint', (c) => c.notNull())
    .addColumn('errors', 'bigint', (c) => c.notNull())
    .addColumn('not_before', 'bigint', (c) => c.notNull())
    .addColumn('ledger', 'bigint')
    .addColumn('ledger_closed_at', 'bigint')
    .addColumn('return_value_xdr', 'text')
    .addColumn('fee_charged_stroops', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('submissions_state').on('submissions').columns(['state', 'created_at']).execute();
  await schema
    .createIndex('submissions_account')
    .on('submissions')
    .columns(['account_id', 'created_at'])
    .execute();
  await schema
    .createTable('transfers')
    .addColumn('submission_id', 'text', (c) => c.primaryKey().references('submissions.id'))
    .addColumn('from_address', 'text', (c) => c.notNull())
    .addColumn('to_address', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('symbol', 'text', (c) => c.notNull())
    .addColumn('decimals', 'bigint', (c) => c.notNull())
    .addColumn('amount', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('rotations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id'))
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credentials.id'))
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('executable_at', 'bigint')
    .addColumn('submission_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('rotations_account').on('rotations').column('account_id').execute();
  await schema
    .createTable('recovery_codes')
    .addColumn('email', 'text', (c) => c.primaryKey())
    .addColumn('code_hash', 'text', (c) => c.notNull())
    .addColumn('tries', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('outbox')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('tries', 'bigint', (c) => c.notNull())
    .addColumn('not_before', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('activity')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('wallet', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('ledger', 'bigint', (c) => c.notNull())
    .addColumn('counterparty', 'text')
    .addColumn('token', 'text')
    .addColumn('amount', 'text')
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('activity_key', ['wallet', 'id'])
    .execute();
  await schema
    .createIndex('activity_time')
    .on('activity')
    .columns(['wallet', 'at', 'ledger', 'id'])
    .execute();
  await schema
    .createTable('activity_cursors')
    .addColumn('wallet', 'text', (c) => c.primaryKey())
    .addColumn('next_ledger', 'bigint', (c) => c.notNull())
    .execute();
}

/** What one writer at a time had held by looking first has to be held by the database where there are many. */
async function manyWriters(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('rotations_open')
    .unique()
    .on('rotations')
    .column('account_id')
    .where(sql.ref('state'), 'in', ['submitted', 'pending', 'executing'])
    .execute();
  await db.schema
    .alterTable('wallets')
    .addColumn('funding_not_before', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
}

/** Submissions that are classic operations instead of a contract call, and what the network said of any. */
async function submissionOperations(db: Kysely<unknown>): Promise<void> {
  for (const column of ['operations_xdr', 'memo_xdr', 'result_xdr'])
    await db.schema.alterTable('submissions').addColumn(column, 'text').execute();
}

/** A server may send to two networks: each relayer takes the rows and the channel accounts of its own. */
async function networks(db: Kysely<unknown>): Promise<void> {
  for (const table of ['submissions', 'channels'])
    await db.schema
      .alterTable(table)
      .addColumn('network', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
}

export const migrations: Record<string, Migration> = {
  '2026-11-21-first': { up: first },
  '2026-11-21-many-writers': { up: manyWriters },
  '2026-11-21-relayer': { up: relayerTables },
  '2026-11-22-0200-indexer': { up: createIndexerTables },
  '2026-11-23-0100-submission-operations': { up: submissionOperations },
  '2026-11-23-0110-key-usage': { up: createKeyUsage },
  '2026-11-23-0200-settlement': { up: createSettlementTables },
  '2026-11-23-0300-networks': { up: networks },
  '2026-11-24-0100-webhook-secrets': { up: addWebhookSecrets },
  '2026-11-24-0200-indexed-before': { up: addIndexedBefore },
};
