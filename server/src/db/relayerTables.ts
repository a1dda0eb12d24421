// The migration that gives the relayer its pool, its keys and its bids. Submissions no longer need an account, which
// means a new table with the old rows: SQLite cannot loosen a column. All of it happens or nothing.
import { type Kysely, sql } from 'kysely';

type Any = Kysely<unknown>;

export async function relayerTables(db: Any): Promise<void> {
  if (db.isTransaction) await up(db);
  else await db.transaction().execute(up);
}

async function up(db: Any): Promise<void> {
  await submissions(db);
  const { schema } = db;
  await schema
    .createTable('channel_seed')
    .addColumn('id', 'bigint', (c) => c.primaryKey())
    .addColumn('sealed', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('channels')
    .addColumn('address', 'text', (c) => c.primaryKey())
    .addColumn('key_index', 'bigint', (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('sequence', 'text')
    .addColumn('submission_id', 'text', (c) => c.unique())
    .execute();
  await schema
    .createTable('api_keys')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('allowed', 'text', (c) => c.notNull())
    .addColumn('max_fee_stroops', 'text', (c) => c.notNull())
    .addColumn('submissions_per_day', 'bigint', (c) => c.notNull())
    .addColumn('stroops_per_day', 'text', (c) => c.notNull())
    .addColumn('wallet_submissions_per_day', 'bigint', (c) => c.notNull())
    .addColumn('may_restore', 'bigint', (c) => c.notNull())
    .addColumn('is_public', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .execute();
}

/** Columns that stay as they were, in their order. */
const kept = [
  'id',
  'kind',
  'state',
  'account_id',
  'host_function_xdr',
  'auth_xdr',
  'auth_expires_at_ledger',
  'envelope_xdr',
  'hash',
  'valid_until_seconds',
  'attempts',
  'errors',
  'not_before',
  'ledger',
  'ledger_closed_at',
  'return_value_xdr',
  'fee_charged_stroops',
  'error_code',
  'error_message',
  'created_at',
  'updated_at',
];
const keptOfTransfers = [
  'submission_id',
  'from_address',
  'to_address',
  'token',
  'symbol',
  'decimals',
  'amount',
];
/** What the server paid at most before each submission said it. */
const FORMER_MAX_FEE_STROOPS = '10000000';

async function submissions(db: Any): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('new_submissions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.references('accounts.id'))
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
    .addColumn('api_key_id', 'text')
    .addColumn('wallet', 'text')
    .addColumn('idempotency_key', 'text')
    .addColumn('request_hash', 'text')
    .addColumn('signed_xdr', 'text')
    .addColumn('max_fee_stroops', 'text', (c) => c.notNull().defaultTo(FORMER_MAX_FEE_STROOPS))
    .addColumn('may_restore', 'bigint', (c) => c.notNull().defaultTo(1))
    .addColumn('channel', 'text')
    .addColumn('bids', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('bid_at_ledger', 'bigint')
    .addColumn('claimed_until', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('new_transfers')
    .addColumn('submission_id', 'text', (c) => c.primaryKey().references('new_submissions.id'))
    .addColumn('from_address', 'text', (c) => c.notNull())
    .addColumn('to_address', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('symbol', 'text', (c) => c.notNull())
    .addColumn('decimals', 'bigint', (c) => c.notNull())
    .addColumn('amount', 'text', (c) => c.notNull())
    .execute();
  await copy(db, 'submissions', kept);
  await copy(db, 'transfers', keptOfTransfers);
  for (const table of ['transfers', 'submissions']) await schema.dropTable(table).execute();
  for (const table of ['submissions', 'transfers'])
    await schema.alterTable(`new_${table}`).renameTo(table).execute();
  const index = (name: string, columns: string[]) =>
    schema.createIndex(name).on('submissions').columns(columns);
  await index('submissions_state', ['state', 'created_at']).execute();
  await index('submissions_account', ['account_id', 'created_at']).execute();
  await index('submissions_api_key', ['api_key_id', 'created_at']).execute();
  await index('submissions_waiting', ['api_key_id', 'state', 'created_at']).execute();
  await index('submissions_wallet', ['wallet', 'created_at']).execute();
  await index('submissions_idempotency', ['api_key_id', 'idempotency_key']).unique().execute();
}

async function copy(db: Any, table: string, columns: string[]): Promise<void> {
  const list = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(`new_${table}`)} (${list}) select ${list} from ${sql.table(table)}`.execute(
    db,
  );
}
