// @latchkey/sdk: passkey smart wallets on Stellar, in the browser and in Node. The chain side alone is at
// `@latchkey/sdk/chain`, the wire contract at `@latchkey/sdk/api`, a software authenticator at `@latchkey/sdk/testing`.
export { formatAmount, parseAmount } from './api/amount.ts';
export { type ErrorCode, errorTraits, isErrorCode, LatchkeyError } from './api/errors.ts';
export { createLookups, type Lookups, type WalletRef } from './api/lookups.ts';
export { parseAddress } from './chain/address.ts';
export {
  browserPasskeys,
  type PasskeyCeremonies,
  type PasskeySupport,
  passkeySupport,
} from './signers/passkey.ts';
export {
  type ActivityItem,
  type Balance,
  createLatchkey,
  type Latchkey,
  type LatchkeyOptions,
  type PreparedTransfer,
  type RecoveryResult,
  type TransferAsk,
  type TransferReceipt,
  type TransferReview,
  type WalletView,
} from './wallet/latchkey.ts';
export type { Session } from './wallet/session.ts';
