// @latchkey/sdk/merchant: settlement wallets of merchants, in the browser and in Node.
export { formatAmount, parseAmount } from '../api/amount.ts';
export { type ErrorCode, errorTraits, isErrorCode, LatchkeyError } from '../api/errors.ts';
export type {
  ApiKeyScope,
  AuditBody,
  CreatedMerchantKeyBody,
  CreatedMerchantWebhookBody,
  DeviceBody,
  DeviceChangeBody,
  MerchantKeyBody,
  MerchantMessageBody,
  MerchantWebhookBody,
} from '../api/settlementSchema.ts';
export { type PasskeySupport, passkeySupport } from '../signers/passkey.ts';
export type { StepUp } from './connection.ts';
export { requireDestination, withMemoId } from './destination.ts';
export type { PreparedDeviceChange } from './devices.ts';
export { createMerchantClient, type MerchantClient, type MerchantSession } from './merchantClient.ts';
export type {
  BalancePoint,
  Merchant,
  Migration,
  Payment,
  Withdrawal,
  WithdrawalRules,
} from './merchantTypes.ts';
export type { NewPasskey, PreparedMigration } from './upgrade.ts';
export type { PreparedWithdrawal, WithdrawalAsk } from './withdrawals.ts';
