// The migration that makes the tables of merchants and settlement wallets; settlementTables.ts says what they hold.
// It must not change any more once it was released.
import type { Kysely } from 'kysely';

type Column = 'text' | 'bigint' | 'text?' | 'bigint?';

/** A table whose first columns, `keys` of them, are its primary key. */
async function table(
  db: Kysely<unknown>,
  name: string,
  keys: number,
  columns: Record<string, Column>,
  owner?: string,
): Promise<void> {
  let builder = db.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns)) {
    builder = builder.addColumn(column, kind.startsWith('text') ? 'text' : 'bigint', (c) => {
      const typed = kind.endsWith('?') ? c : c.notNull();
      return owner !== undefined && column === 'account_id' ? typed.references(owner) : typed;
    });
  }
  const key = Object.keys(columns).slice(0, keys) as never[];
  await builder.addPrimaryKeyConstraint(`${name}_key`, key).execute();
}

async function index(db: Kysely<unknown>, on: string, columns: string[], isUnique = false): Promise<void> {
  const builder = db.schema.createIndex(`${on}_${columns[0]}`).on(on).columns(columns);
  await (isUnique ? builder.unique() : builder).execute();
}

export async function createSettlementTables(db: Kysely<unknown>): Promise<void> {
  await table(
    db,
    'merchants',
    1,
    {
      account_id: 'text',
      email: 'text',
      name: 'text',
      network: 'text',
      settlement_address: 'text?',
      session_epoch: 'bigint',
      totp_sealed: 'text?',
      totp_next_sealed: 'text?',
      totp_confirmed_at: 'bigint?',
      totp_last_step: 'bigint?',
      created_at: 'bigint',
    },
    'accounts.id',
  );
  await index(db, 'merchants', ['email'], true);
  await index(db, 'merchants', ['created_at']);
  const merchant = 'merchants.account_id';
  await table(db, 'merchant_codes', 1, {
    email: 'text',
    code_hash: 'text',
    tries: 'bigint',
    expires_at: 'bigint',
  });
  await table(
    db,
    'merchant_passkeys',
    1,
    {
      id: 'text',
      account_id: 'text',
      public_key: 'text',
      sign_count: 'bigint',
      transports: 'text',
      origin: 'text',
      name: 'text',
      signer_id: 'bigint?',
      state: 'text',
      submission_id: 'text?',
      created_at: 'bigint',
    },
    merchant,
  );
  await index(db, 'merchant_passkeys', ['account_id']);
  await table(
    db,
    'merchant_api_keys',
    1,
    {
      id: 'text',
      account_id: 'text',
      name: 'text',
      secret_hash: 'text',
      scopes: 'text',
      created_at: 'bigint',
      last_used_at: 'bigint?',
      revoked_at: 'bigint?',
    },
    merchant,
  );
  await index(db, 'merchant_api_keys', ['account_id']);
  await index(db, 'merchant_api_keys', ['secret_hash'], true);
  await table(
    db,
    'merchant_settlement_keys',
    2,
    {
      account_id: 'text',
      network: 'text',
      managed: 'bigint',
      address: 'text',
      encrypted_seed: 'text?',
      kek_version: 'bigint?',
      passkey_credential_id: 'text?',
      smart_wallet_address: 'text?',
      status: 'text',
      provision_submission_id: 'text?',
      provision_tries: 'bigint',
      provision_not_before: 'bigint',
      deploy_submission_id: 'text?',
      created_at: 'bigint',
      updated_at: 'bigint',
    },
    merchant,
  );
  await index(db, 'merchant_settlement_keys', ['address'], true);
  await index(db, 'merchant_settlement_keys', ['smart_wallet_address'], true);
  await index(db, 'merchant_settlement_keys', ['kek_version']);
  await index(db, 'merchant_settlement_keys', ['status', 'provision_not_before']);
  await table(db, 'settlement_kek_checks', 1, { version: 'bigint', check_value: 'text' });
  await table(
    db,
    'settlement_migrations',
    1,
    {
      id: 'text',
      account_id: 'text',
      network: 'text',
      state: 'text',
      round: 'bigint',
      from_address: 'text',
      to_address: 'text',
      gate_subject: 'text?',
      gate_assertion: 'text?',
      submission_id: 'text?',
      close_submission_id: 'text?',
      seen_ledger: 'bigint',
      not_before: 'bigint',
      moved_amount: 'text',
      moved_native_stroops: 'text',
      error_code: 'text?',
      error_message: 'text?',
      version: 'bigint',
      created_at: 'bigint',
      updated_at: 'bigint',
    },
    merchant,
  );
  // One wallet on each network, one migration, whoever asks twice.
  await index(db, 'settlement_migrations', ['account_id', 'network'], true);
  await index(db, 'settlement_migrations', ['state']);
  await table(
    db,
    'prepared_calls',
    1,
    {
      id: 'text',
      account_id: 'text',
      network: 'text',
      action: 'text',
      detail: 'text',
      envelope_xdr: 'text',
      expires_at: 'bigint',
      submission_id: 'text?',
      created_at: 'bigint',
    },
    merchant,
  );
  await index(db, 'prepared_calls', ['account_id', 'expires_at']);
  await index(db, 'prepared_calls', ['submission_id']);
  await table(
    db,
    'withdrawals',
    1,
    {
      id: 'text',
      account_id: 'text',
      network: 'text',
      kind: 'text',
      state: 'text',
      amount: 'text',
      destination: 'text',
      memo: 'text?',
      submission_id: 'text',
      found_event: 'text?',
      found_hash: 'text?',
      idempotency_key: 'text?',
      request_hash: 'text?',
      created_at: 'bigint',
    },
    merchant,
  );
  await index(db, 'withdrawals', ['account_id', 'created_at']);
  await index(db, 'withdrawals', ['submission_id'], true);
  await index(db, 'withdrawals', ['state']);
  await index(db, 'withdrawals', ['idempotency_key', 'account_id'], true);
  await table(
    db,
    'withdrawal_rules',
    1,
    {
      account_id: 'text',
      daily_limit: 'text?',
      allow_list_only: 'bigint',
      next_daily_limit: 'text?',
      next_allow_list_only: 'bigint?',
      next_effective_at: 'bigint?',
    },
    merchant,
  );
  await table(
    db,
    'allowed_destinations',
    2,
    { account_id: 'text', address: 'text', label: 'text', effective_at: 'bigint' },
    merchant,
  );
  await table(
    db,
    'settlement_payments',
    4,
    {
      account_id: 'text',
      network: 'text',
      event_id: 'text',
      direction: 'text',
      address: 'text',
      counterparty: 'text',
      memo: 'text?',
      amount: 'text',
      ledger: 'bigint',
      at: 'bigint',
      hash: 'text',
    },
    merchant,
  );
  await table(db, 'settlement_cursors', 1, { network: 'text', next_ledger: 'bigint' });
  await table(db, 'settlement_gaps', 2, {
    network: 'text',
    from_ledger: 'bigint',
    to_ledger: 'bigint',
    found_at: 'bigint',
  });
  await table(
    db,
    'settlement_audit',
    1,
    { id: 'text', account_id: 'text', at: 'bigint', action: 'text', detail: 'text' },
    merchant,
  );
  await index(db, 'settlement_audit', ['account_id', 'at']);
  await table(
    db,
    'settlement_webhooks',
    1,
    {
      id: 'text',
      account_id: 'text',
      url: 'text',
      scheme: 'text',
      secret_sealed: 'text',
      failures: 'bigint',
      disabled_at: 'bigint?',
      created_at: 'bigint',
    },
    merchant,
  );
  await index(db, 'settlement_webhooks', ['account_id']);
  await table(db, 'settlement_messages', 1, {
    id: 'text',
    webhook_id: 'text',
    name: 'text',
    body: 'text',
    tries: 'bigint',
    due_at: 'bigint?',
    last_answer: 'text?',
    delivered_at: 'bigint?',
    given_up_at: 'bigint?',
    created_at: 'bigint',
  });
  await index(db, 'settlement_messages', ['due_at']);
  await index(db, 'settlement_messages', ['webhook_id', 'created_at']);
}
