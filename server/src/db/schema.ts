// Every table and column, as TypeScript sees them. Times are unix milliseconds, amounts and XDR are text, ledger
// numbers are integers. What may change after insert is said where the table is written (one file per table).

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
  created_at: number;
};

export type ChallengePurpose = 'create' | 'sign-in' | 'transfer' | 'recover' | 'cancel-recovery';

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

export type SubmissionKind =
  | 'deploy'
  | 'transfer'
  | 'rotate'
  | 'propose-rotation'
  | 'cancel-rotation'
  | 'execute-rotation';

export type SubmissionsTable = {
  id: string;
  kind: SubmissionKind;
  state: SubmissionState;
  account_id: string;
  host_function_xdr: string;
  /** JSON list of signed authorization entries */
  auth_xdr: string;
  /** last ledger in which the signatures are valid; null when nothing is signed */
  auth_expires_at_ledger: number | null;
  envelope_xdr: string | null;
  hash: string | null;
  /** unix seconds: no later ledger includes the envelope */
  valid_until_seconds: number | null;
  /** envelopes made so far */
  attempts: number;
  /** steps that ended in an unexpected error, and when the next may be tried */
  errors: number;
  not_before: number;
  ledger: number | null;
  /** unix milliseconds */
  ledger_closed_at: number | null;
  return_value_xdr: string | null;
  fee_charged_stroops: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: number;
  updated_at: number;
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

export type Tables = {
  accounts: AccountsTable;
  credentials: CredentialsTable;
  wallets: WalletsTable;
  challenges: ChallengesTable;
  submissions: SubmissionsTable;
  transfers: TransfersTable;
  rotations: RotationsTable;
  recovery_codes: RecoveryCodesTable;
  outbox: OutboxTable;
  activity: ActivityTable;
  activity_cursors: ActivityCursorsTable;
};
