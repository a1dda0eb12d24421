// Tables of the indexer: what the network's events say about wallets, and who is told of it. All but the webhook tables
// can be made again from the network. Ids of events are those of stellar-rpc: their order as text is the order in which
// things happened. Ledger numbers are integers, amounts are text, keys are hex and credential ids base64url.
import type { Kysely } from 'kysely';

export type IndexerStatus = 'following' | 'behind' | 'gap' | 'network-reset' | 'filling';

/** One row: how far the network has been read. It is written in the transaction that stores what was read. */
export type IndexerCursorTable = {
  /** always 'events' */
  id: string;
  /** first ledger whose events have not been stored */
  next_ledger: number;
  /** a ledger that was read, and its hash: another one under the same number is another network */
  anchor_ledger: number | null;
  anchor_hash: string | null;
  status: IndexerStatus;
  /** what to do about the status, in words */
  status_text: string | null;
};

/** Ledgers that could not be read any more. */
export type IndexerGapsTable = { from_ledger: number; to_ledger: number; found_at: number };

/** What a row was before the first gap: kept for those that changed since, so that a gap can still be filled. */
export type IndexedBeforeTable = {
  table_name: 'indexed_wallets' | 'indexed_signers' | 'pending_recoveries';
  row_key: string;
  /** JSON; null where there was no row */
  row: string | null;
};

export type IndexedWalletsTable = {
  address: string;
  factory: string;
  deployment_salt: string;
  deployed_at_ledger: number;
  wasm_hash: string;
  /** 0 once the wallet runs code that is not known; nothing it says after that is believed */
  is_known_code: number;
  admin_threshold: number;
  guardian: string | null;
  changed_at_ledger: number;
};

export type IndexedSignersTable = {
  wallet: string;
  signer_id: number;
  kind: 'passkey' | 'ed25519' | 'account' | 'post-quantum';
  credential_id: string | null;
  /** of a post-quantum signer the key's hash; null for an account */
  public_key: string | null;
  /** G… of an ed25519 key and C… or G… of an account */
  address: string | null;
  role: 'admin' | 'session';
  /** last ledger of a session */
  expires_at_ledger: number | null;
  /** the whole registration (key, role, co-signers), an ScVal in base64 */
  signer_xdr: string;
  /** JSON list of contract addresses */
  policies: string;
  added_at_ledger: number;
  changed_at_ledger: number;
  removed_at_ledger: number | null;
};

export type PendingRecoveriesTable = {
  wallet: string;
  /** contract that keeps the proposal: the wallet's guardian when it was made */
  recovery_contract: string;
  signer_id: number;
  key_xdr: string;
  credential_id: string | null;
  executable_at_seconds: number;
  proposed_at_ledger: number;
};

/** What happened to a wallet, one row for each wallet that an event concerns. Rows never change. */
export type WalletEventsTable = {
  wallet: string;
  /** the event's id */
  id: string;
  kind: string;
  ledger: number;
  /** unix milliseconds */
  closed_at: number;
  hash: string;
  signer_id: number | null;
  /** token, counterparty, amount and asset: of token transfers only */
  token: string | null;
  counterparty: string | null;
  amount: string | null;
  /** SEP-11 name, where the token is the asset's own contract */
  asset: string | null;
  /** JSON: what else the event says */
  detail: string;
};

/** What a wallet holds, read from the token's contract after an event said that it changed. */
export type WalletBalancesTable = {
  wallet: string;
  token: string;
  /** null until it was read; a token that does not answer keeps null */
  amount: string | null;
  changed_at_ledger: number;
  /** 1 while the amount has yet to be read */
  is_due: number;
  /** unix milliseconds before which it is not tried again */
  not_before: number;
};

export type WebhookEndpointsTable = {
  id: string;
  url: string;
  scheme: 'hmac' | 'ed25519';
  /** of a secret that an earlier version derived, until it is sealed */
  secret_version: number;
  /** sealed; null until a derived one is sealed */
  secret: string | null;
  /** sealed; signs beside the present one until that is replaced too */
  former_secret: string | null;
  /** since when it is told of nothing, because its receiver is gone */
  disabled_at: number | null;
  /** one wallet, or null for all */
  wallet: string | null;
  /** id and wallet of the last event that was handed over or put off */
  position: string;
  position_wallet: string;
  created_at: number;
};

/** Events that an endpoint did not take at once. */
export type WebhookRetriesTable = {
  endpoint_id: string;
  wallet: string;
  event_id: string;
  state: 'retrying' | 'dead';
  tries: number;
  not_before: number;
  /** status or error of the last try, in words */
  last_answer: string;
};

export type IndexerTables = {
  indexer_cursor: IndexerCursorTable;
  indexer_gaps: IndexerGapsTable;
  indexed_before: IndexedBeforeTable;
  indexed_wallets: IndexedWalletsTable;
  indexed_signers: IndexedSignersTable;
  pending_recoveries: PendingRecoveriesTable;
  wallet_events: WalletEventsTable;
  wallet_balances: WalletBalancesTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_retries: WebhookRetriesTable;
};

export async function createIndexerTables(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('indexer_cursor')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('next_ledger', 'bigint', (c) => c.notNull())
    .addColumn('anchor_ledger', 'bigint')
    .addColumn('anchor_hash', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('status_text', 'text')
    .execute();
  await schema
    .createTable('indexer_gaps')
    .addColumn('from_ledger', 'bigint', (c) => c.primaryKey())
    .addColumn('to_ledger', 'bigint', (c) => c.notNull())
    .addColumn('found_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('indexed_wallets')
    .addColumn('address', 'text', (c) => c.primaryKey())
    .addColumn('factory', 'text', (c) => c.notNull())
    .addColumn('deployment_salt', 'text', (c) => c.notNull())
    .addColumn('deployed_at_ledger', 'bigint', (c) => c.notNull())
    .addColumn('wasm_hash', 'text', (c) => c.notNull())
    .addColumn('is_known_code', 'bigint', (c) => c.notNull())
    .addColumn('admin_threshold', 'bigint', (c) => c.notNull())
    .addColumn('guardian', 'text')
    .addColumn('changed_at_ledger', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('indexed_signers')
    .addColumn('wallet', 'text', (c) => c.notNull().references('indexed_wallets.address'))
    .addColumn('signer_id', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('credential_id', 'text')
    .addColumn('public_key', 'text')
    .addColumn('address', 'text')
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('expires_at_ledger', 'bigint')
    .addColumn('signer_xdr', 'text', (c) => c.notNull())
    .addColumn('policies', 'text', (c) => c.notNull())
    .addColumn('added_at_ledger', 'bigint', (c) => c.notNull())
    .addColumn('changed_at_ledger', 'bigint', (c) => c.notNull())
    .addColumn('removed_at_ledger', 'bigint')
    .addPrimaryKeyConstraint('indexed_signers_key', ['wallet', 'signer_id'])
    .execute();
  for (const column of ['credential_id', 'public_key', 'address']) {
    await schema
      .createIndex(`indexed_signers_${column}`)
      .on('indexed_signers')
      .columns([column, 'wallet'])
      .execute();
  }
  await schema
    .createTable('pending_recoveries')
    .addColumn('wallet', 'text', (c) => c.notNull().references('indexed_wallets.address'))
    .addColumn('recovery_contract', 'text', (c) => c.notNull())
    .addColumn('signer_id', 'bigint', (c) => c.notNull())
    .addColumn('key_xdr', 'text', (c) => c.notNull())
    .addColumn('credential_id', 'text')
    .addColumn('executable_at_seconds', 'bigint', (c) => c.notNull())
    .addColumn('proposed_at_ledger', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('pending_recoveries_key', ['wallet', 'recovery_contract'])
    .execute();
  await schema
    .createTable('wallet_events')
    .addColumn('wallet', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('ledger', 'bigint', (c) => c.notNull())
    .addColumn('closed_at', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('signer_id', 'bigint')
    .addColumn('token', 'text')
    .addColumn('counterparty', 'text')
    .addColumn('amount', 'text')
    .addColumn('asset', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('wallet_events_key', ['wallet', 'id'])
    .execute();
  await schema.createIndex('wallet_events_order').on('wallet_events').columns(['id', 'wallet']).execute();
  await schema
    .createTable('wallet_balances')
    .addColumn('wallet', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('amount', 'text')
    .addColumn('changed_at_ledger', 'bigint', (c) => c.notNull())
    .addColumn('is_due', 'bigint', (c) => c.notNull())
    .addColumn('not_before', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('wallet_balances_key', ['wallet', 'token'])
    .execute();
  await schema
    .createIndex('wallet_balances_due')
    .on('wallet_balances')
    .columns(['is_due', 'not_before'])
    .execute();
  await schema
    .createTable('webhook_endpoints')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('scheme', 'text', (c) => c.notNull())
    .addColumn('secret_version', 'bigint', (c) => c.notNull())
    .addColumn('wallet', 'text')
    .addColumn('position', 'text', (c) => c.notNull())
    .addColumn('position_wallet', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('webhook_retries')
    .addColumn('endpoint_id', 'text', (c) => c.notNull().references('webhook_endpoints.id'))
    .addColumn('wallet', 'text', (c) => c.notNull())
    .addColumn('event_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('tries', 'bigint', (c) => c.notNull())
    .addColumn('not_before', 'bigint', (c) => c.notNull())
    .addColumn('last_answer', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('webhook_retries_key', ['endpoint_id', 'event_id', 'wallet'])
    .execute();
  await schema
    .createIndex('webhook_retries_due')
    .on('webhook_retries')
    .columns(['state', 'not_before'])
    .execute();
}

export async function addWebhookSecrets(db: Kysely<unknown>): Promise<void> {
  const table = () => db.schema.alterTable('webhook_endpoints');
  for (const column of ['secret', 'former_secret']) await table().addColumn(column, 'text').execute();
  await table().addColumn('disabled_at', 'bigint').execute();
}

export async function addIndexedBefore(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('indexed_before')
    .addColumn('table_name', 'text', (c) => c.notNull())
    .addColumn('row_key', 'text', (c) => c.notNull())
    .addColumn('row', 'text')
    .addPrimaryKeyConstraint('indexed_before_key', ['table_name', 'row_key'])
    .execute();
}
