// Tables of merchants and their settlement wallets, as TypeScript sees them (settlementMigration.ts makes them). A merchant is
// an account with a row here; its passkeys are not those of a person's wallet. Amounts are text in the smallest unit,
// times unix milliseconds. A sealed secret is never readable without a key that is not in the database.
export type NetworkName = 'testnet' | 'mainnet';

export type MerchantsTable = {
  /** id of an account of its own: apart from that of a person's wallet with the same e-mail address */
  account_id: string;
  /** normalised */
  email: string;
  name: string;
  network: NetworkName;
  /** mirror of the address that payments go to; null until that is on the network */
  settlement_address: string | null;
  /** sessions of the dashboard carry it; raising it ends them all */
  session_epoch: number;
  /** sealed under KEY_ENCRYPTION_KEY; null before an authenticator app was set up */
  totp_sealed: string | null;
  /** of an app that is being set up, until a code of it was seen */
  totp_next_sealed: string | null;
  totp_confirmed_at: number | null;
  /** last time step of which a code was taken (RFC 6238 §5.2: a code is good once) */
  totp_last_step: number | null;
  created_at: number;
};

/** E-mail codes of sign-up and sign-in, apart from those of a wallet's recovery. */
export type MerchantCodesTable = { email: string; code_hash: string; tries: number; expires_at: number };

export type MerchantPasskeyState = 'incoming' | 'active' | 'adding' | 'removing' | 'removed';

export type MerchantPasskeysTable = {
  /** base64url credential id */
  id: string;
  account_id: string;
  /** COSE key, base64 */
  public_key: string;
  sign_count: number;
  transports: string;
  origin: string;
  name: string;
  /** signer of the smart wallet; null until it is one on chain */
  signer_id: number | null;
  state: MerchantPasskeyState;
  submission_id: string | null;
  created_at: number;
};

export type MerchantApiKeysTable = {
  id: string;
  account_id: string;
  name: string;
  /** sha256 of the secret, hex */
  secret_hash: string;
  /** JSON list */
  scopes: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

export type SettlementStatus = 'provisioning' | 'managed' | 'upgrading' | 'migrating' | 'self-custody';

/** Who signs for what a merchant receives: one row for each network that it was on. */
export type MerchantSettlementKeysTable = {
  account_id: string;
  network: NetworkName;
  /** 1 while the service signs for the settlement address; 0 from the moment the mirror points at the smart wallet */
  managed: number;
  /** G… of the managed account */
  address: string;
  /** null once the account is closed */
  encrypted_seed: string | null;
  kek_version: number | null;
  passkey_credential_id: string | null;
  smart_wallet_address: string | null;
  status: SettlementStatus;
  /** of the provisioning, null while that waits for its (next) try; and of the smart wallet's deployment */
  provision_submission_id: string | null;
  provision_tries: number;
  provision_not_before: number;
  deploy_submission_id: string | null;
  created_at: number;
  updated_at: number;
};

export type MigrationState =
  | 'ready'
  | 'confirmed'
  | 'transferring'
  | 'transferred'
  | 'closing'
  | 'closed'
  | 'done';

/** A known text sealed under each key encryption key that was ever used, so that a wrong one is noticed at the start. */
export type SettlementKekChecksTable = { version: number; check_value: string };

export type SettlementMigrationsTable = {
  id: string;
  account_id: string;
  network: NetworkName;
  state: MigrationState;
  round: number;
  from_address: string;
  to_address: string;
  /** what the owner approved at the gate: the subject as JSON, and the raw assertion as JSON */
  gate_subject: string | null;
  gate_assertion: string | null;
  /** the step in progress */
  submission_id: string | null;
  /** what closed the account, or is to; null again once that was found not to have happened */
  close_submission_id: string | null;
  /** the latest ledger of which this migration knows something: what a node shows as of an earlier one is not believed */
  seen_ledger: number;
  /** nothing is done before this time */
  not_before: number;
  moved_amount: string;
  /** XLM that had come to the managed account, moved or given back, in stroops */
  moved_native_stroops: string;
  /** set while it waits for a retry */
  error_code: string | null;
  error_message: string | null;
  /** counts changes: a change names the version it saw */
  version: number;
  created_at: number;
  updated_at: number;
};

export type PreparedAction = 'withdraw' | 'add-device' | 'remove-device';

/** Calls that wait for a passkey's signature: unsigned envelopes, each good once and for a few minutes. */
export type PreparedCallsTable = {
  id: string;
  account_id: string;
  network: NetworkName;
  action: PreparedAction;
  /** JSON: what the call does, as its domain reads it back */
  detail: string;
  /** the unsigned envelope, base64 */
  envelope_xdr: string;
  expires_at: number;
  /** set once by whoever submits it */
  submission_id: string | null;
  created_at: number;
};

/** `unknown`: it failed as far as anybody knows, but may still have been paid, or be paid yet */
export type WithdrawalState = 'pending' | 'confirmed' | 'failed' | 'unknown';

export type WithdrawalsTable = {
  id: string;
  account_id: string;
  network: NetworkName;
  kind: 'managed' | 'passkey';
  state: WithdrawalState;
  amount: string;
  destination: string;
  memo: string | null;
  submission_id: string;
  /** the payment that it was, where that is not in the submission's transaction: anybody can carry out a signed entry */
  found_event: string | null;
  found_hash: string | null;
  /** of the request that made it, so that a repeated one gets the first one's answer */
  idempotency_key: string | null;
  request_hash: string | null;
  created_at: number;
};

export type WithdrawalRulesTable = {
  account_id: string;
  daily_limit: string | null;
  allow_list_only: number;
  /** a loosening that waits: what it will be, and from when */
  next_daily_limit: string | null;
  next_allow_list_only: number | null;
  next_effective_at: number | null;
};

export type AllowedDestinationsTable = {
  account_id: string;
  address: string;
  label: string;
  effective_at: number;
};

export type SettlementPaymentsTable = {
  account_id: string;
  network: NetworkName;
  /** id of the event; one event can be out for one merchant and in for another */
  event_id: string;
  direction: 'in' | 'out';
  /** which of the merchant's addresses */
  address: string;
  counterparty: string;
  memo: string | null;
  amount: string;
  ledger: number;
  at: number;
  hash: string;
};

/** One row a network: how far its USDC events were read. */
export type SettlementCursorsTable = { network: NetworkName; next_ledger: number };

/** Ledgers that the node had no longer when they were to be read: payments in them are missing. */
export type SettlementGapsTable = {
  network: NetworkName;
  from_ledger: number;
  to_ledger: number;
  found_at: number;
};

export type SettlementAuditTable = {
  id: string;
  account_id: string;
  at: number;
  action: string;
  /** JSON, without secrets */
  detail: string;
};

export type SettlementWebhooksTable = {
  id: string;
  account_id: string;
  url: string;
  scheme: 'hmac' | 'ed25519';
  /** sealed under the key encryption key */
  secret_sealed: string;
  /** consecutive messages given up */
  failures: number;
  disabled_at: number | null;
  created_at: number;
};

/** Messages to hand over: written in the transaction that made them true. */
export type SettlementMessagesTable = {
  id: string;
  webhook_id: string;
  name: string;
  /** the payload as it is signed and sent */
  body: string;
  tries: number;
  /** null once it was delivered or given up */
  due_at: number | null;
  /** what was answered instead of taking it */
  last_answer: string | null;
  delivered_at: number | null;
  given_up_at: number | null;
  created_at: number;
};

export type SettlementTables = {
  merchants: MerchantsTable;
  merchant_codes: MerchantCodesTable;
  merchant_passkeys: MerchantPasskeysTable;
  merchant_api_keys: MerchantApiKeysTable;
  merchant_settlement_keys: MerchantSettlementKeysTable;
  settlement_kek_checks: SettlementKekChecksTable;
  settlement_migrations: SettlementMigrationsTable;
  prepared_calls: PreparedCallsTable;
  withdrawals: WithdrawalsTable;
  withdrawal_rules: WithdrawalRulesTable;
  allowed_destinations: AllowedDestinationsTable;
  settlement_payments: SettlementPaymentsTable;
  settlement_cursors: SettlementCursorsTable;
  settlement_gaps: SettlementGapsTable;
  settlement_audit: SettlementAuditTable;
  settlement_webhooks: SettlementWebhooksTable;
  settlement_messages: SettlementMessagesTable;
};
