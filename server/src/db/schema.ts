// Every table and column, as TypeScript sees them. Times are unix milliseconds, amounts and XDR are text, ledger
// numbers are integers. What may change after insert is said where the table is written (one file per table).
import type { IndexerTables } from './indexerSchema.ts';
import type { SettlementTables } from './settlementTables.ts';

export type AccountsTable = {
  id: string;
  /** normalised: trimmed, lower case */
  email: string;
  /** sessions carry it; raising it ends them all */
  session_epoch: number;
  created_at: number;
};

export type CredentialState = 'active' | 'incoming' | 'replaced';

export type CredentialsTable = {
  /** base64url credential id */
  id: string;
  account_id: string;
  /** COSE key, base64 */
  public_key: string;
  sign_count: number;
  transports: string;
  /** origin it was registered on; the on-chain signer accepts no other */
  origin: string;
  state: CredentialState;
  created_at: number;
};

export type WalletState = 'deploying' | 'active' | 'failed';

export type WalletsTable = {
  account_id: string;
  address: string;
  state: WalletState;
  submission_id: string;
  /** 1 until test money was asked for, on networks that give it away */
  funding_due: number;
  /** until then somebody is asking for it, or has in vain */
  funding_not_before: number;
  created_at: number;
};

export type ChallengePurpose =
  | 'create'
  | 'sign-in'
  | 'transfer'
  | 'recover'
  | 'cancel-recovery'
  /** of merchants */
  | 'merchant-sign-in'
  | 'merchant-step-up'
  | 'settlement-upgrade'
  | 'settlement-gate'
  | 'settlement-withdraw'
  | 'settlement-add-device'
  | 'settlement-remove-device';

export type ChallengesTable = {
  /** base64url, as in clientDataJSON */
  challenge: string;
  purpose: ChallengePurpose;
  email: string;
  /** JSON: what exactly is approved */
  subject: string;
  expires_at: number;
  used_at: number | null;
  idempotency_key: string | null;
  request_hash: string | null;
  /** what came of it: a submission or account id */
  outcome_id: string | null;
};

export type SubmissionState = 'queued' | 'sent' | 'confirmed' | 'failed';

/** Of a merchant's settlement address: contract calls, or classic operations. */
export const settlementKinds = [
  'provision-settlement',
  'deploy-settlement',
  'withdraw-settlement',
  'migrate-settlement',
  'return-settlement',
  'close-settlement',
  'add-settlement-device',
  'remove-settlement-device',
] as const;
export type SettlementKind = (typeof settlementKinds)[number];

export function isSettlementKind(kind: SubmissionKind): kind is SettlementKind {
  return (settlementKinds as readonly SubmissionKind[]).includes(kind);
}

export type WalletKind =
  | 'deploy'
  | 'transfer'
  | 'rotate'
  | 'propose-rotation'
  | 'cancel-rotation'
  | 'execute-rotation';

export type SubmissionKind =
  | WalletKind
  | SettlementKind
  /** what a holder of an API key asks for: a call with signed entries, or a transaction signed by its own source */
  | 'call'
  | 'envelope';

export type SubmissionsTable = {
  id: string;
  /** which network it is for: empty for the server's own, else the name of the other one that merchants may be on */
  network: string;
  kind: SubmissionKind;
  state: SubmissionState;
  /** whose wallet it is about; null for a submission by API key */
  account_id: string | null;
  api_key_id: string | null;
  /** first address that authorizes it; null when nobody does */
  wallet: string | null;
  idempotency_key: string | null;
  request_hash: string | null;
  /** empty where there are operations instead */
  host_function_xdr: string;
  /** JSON list of signed authorization entries */
  auth_xdr: string;
  /** last ledger in which the signatures are valid; null when nothing is signed */
  auth_expires_at_ledger: number | null;
  /** kind `envelope` only: what its owner signed, base64 */
  signed_xdr: string | null;
  /** JSON list of classic operations, base64 XDR, each with a source account of its own; null for a contract call */
  operations_xdr: string | null;
  /** memo of a transaction with operations; null for none */
  memo_xdr: string | null;
  /** the most that may be paid for it, resource fee included */
  max_fee_stroops: string;
  /** 1 when archived entries that it needs may be restored at the sponsor's cost */
  may_restore: number;
  /** channel account that is its source, while it has one */
  channel: string | null;
  /** the newest fee bump */
  envelope_xdr: string | null;
  /** what it is looked up by: the inner transaction's hash, and once it is in a ledger the hash it has there */
  hash: string | null;
  /** unix seconds: no later ledger includes the envelope */
  valid_until_seconds: number | null;
  /** transactions made so far, and bids made for the present one */
  attempts: number;
  bids: number;
  /** latest ledger when the newest bid was made */
  bid_at_ledger: number | null;
  /** a process works on it until then */
  claimed_until: number;
  /** steps that ended in an unexpected error, and when the next may be tried */
  errors: number;
  not_before: number;
  ledger: number | null;
  /** unix milliseconds */
  ledger_closed_at: number | null;
  return_value_xdr: string | null;
  /** TransactionResult of the network, of a fee bump where it is in a ledger */
  result_xdr: string | null;
  fee_charged_stroops: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: number;
  updated_at: number;
};

/** The seed of the channel accounts' keys, one row. */
export type ChannelSeedTable = { id: number; sealed: string };

export type ChannelsTable = {
  address: string;
  /** which key of the seed */
  key_index: number;
  /** as in submissions */
  network: string;
  state: 'active' | 'retiring';
  /** last sequence number that is known to be used; null when the network has to be asked */
  sequence: string | null;
  /** the submission that has it at present */
  submission_id: string | null;
};

export type ApiKeysTable = {
  id: string;
  name: string;
  /** sha256 of the secret, hex */
  secret_hash: string;
  /** JSON list of {contract, functions} */
  allowed: string;
  max_fee_stroops: string;
  submissions_per_day: number;
  stroops_per_day: string;
  wallet_submissions_per_day: number;
  may_restore: number;
  /** 1 for the one key under which requests without a key are served */
  is_public: number;
  created_at: number;
  expires_at: number | null;
};

/** What a key has asked for in a step of time (keyUsage.ts). */
export type KeyUsageTable = {
  api_key_id: string;
  starts_at: number;
  submissions: number;
  stroops: number;
};

export type TransfersTable = {
  submission_id: string;
  from_address: string;
  to_address: string;
  token: string;
  symbol: string;
  decimals: number;
  amount: string;
};

export type RotationState = 'submitted' | 'pending' | 'executing' | 'executed' | 'cancelled' | 'failed';

export type RotationsTable = {
  id: string;
  account_id: string;
  credential_id: string;
  state: RotationState;
  executable_at: number | null;
  submission_id: string;
  created_at: number;
};

export type RecoveryCodesTable = {
  email: string;
  code_hash: string;
  tries: number;
  expires_at: number;
};

export type OutboxTable = {
  id: string;
  account_id: string;
  kind: string;
  subject: string;
  text: string;
  tries: number;
  not_before: number;
};

export type ActivityTable = {
  id: string;
  wallet: string;
  kind: 'created' | 'sent' | 'received' | 'rotated';
  at: number;
  ledger: number;
  counterparty: string | null;
  token: string | null;
  amount: string | null;
  hash: string;
  status: 'confirmed' | 'failed';
};

export type ActivityCursorsTable = {
  wallet: string;
  /** first ledger whose events have not been read */
  next_ledger: number;
};

export type Tables = IndexerTables &
  SettlementTables & {
    accounts: AccountsTable;
    credentials: CredentialsTable;
    wallets: WalletsTable;
    challenges: ChallengesTable;
    submissions: SubmissionsTable;
    channel_seed: ChannelSeedTable;
    channels: ChannelsTable;
    api_keys: ApiKeysTable;
    key_usage: KeyUsageTable;
    transfers: TransfersTable;
    rotations: RotationsTable;
    recovery_codes: RecoveryCodesTable;
    outbox: OutboxTable;
    activity: ActivityTable;
    activity_cursors: ActivityCursorsTable;
  };
