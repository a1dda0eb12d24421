// The wire contract of merchants and their settlement wallets: sign-up and sign-in, the upgrade from a managed key to a
// passkey wallet with its migration, withdrawals, devices, payments. Amounts are decimal in units of USDC on the way in
// ("12.5") and whole numbers of the smallest unit (7 decimals) on the way out. Times are unix milliseconds.
import { z } from 'zod';
import {
  amountSchema,
  authenticationResponseSchema,
  authorizationSchema,
  creationOptionsResponse,
  emailSchema,
  registrationResponseSchema,
  requestOptionsResponse,
} from './schema.ts';

const time = z.number().int().describe('unix milliseconds');
const amountOut = z.string().describe('in the smallest unit, 7 decimals');
/** G… or C… of 56 characters, or M… of 69. */
const recipientSchema = z.string().max(69).describe('G…, M… or C…');
const sixDigits = z.string().regex(/^\d{6}$/, 'must be six digits');
const eightDigits = z.string().regex(/^\d{8}$/, 'must be eight digits');
const signedXdr = z.string().min(1).max(60_000).describe('TransactionEnvelope with the signed entry, base64');
const wireError = z.object({ code: z.string(), message: z.string() });

/** Step-up of whoever is signed in: the present code of the authenticator app, or a passkey's assertion. */
const stepUp = {
  totp: sixDigits.optional(),
  authenticationResponseJSON: authenticationResponseSchema.optional(),
};

export const emailCodeRequest = z.object({ email: emailSchema });
export const merchantSignUpRequest = z.object({
  email: emailSchema,
  code: eightDigits.describe('sent to the e-mail address'),
  name: z.string().trim().min(1).max(120),
});
export const merchantSignInRequest = z.object({
  email: emailSchema,
  code: eightDigits,
  totp: sixDigits.optional().describe('once an authenticator app was confirmed'),
});
export const passkeySignInOptionsRequest = z.object({ email: emailSchema });
export const signedTextOptionsResponse = requestOptionsResponse.extend({
  signedText: z
    .string()
    .describe('JSON that says what it is for; the challenge is sha256 of its UTF-8 bytes'),
});
export const passkeySignInOptionsResponse = signedTextOptionsResponse;
export const stepUpOptionsResponse = signedTextOptionsResponse;
export const passkeySignInRequest = z.object({
  email: emailSchema,
  authenticationResponseJSON: authenticationResponseSchema,
});
export const settlementStatusSchema = z.enum([
  'provisioning',
  'managed',
  'upgrading',
  'migrating',
  'self-custody',
]);
export const migrationStateSchema = z.enum([
  'ready',
  'confirmed',
  'transferring',
  'transferred',
  'closing',
  'closed',
  'done',
]);
export const migrationSchema = z.object({
  id: z.uuid(),
  state: migrationStateSchema,
  round: z.number().int().describe('1, and one more for each payment that arrived in between'),
  fromAddress: z.string(),
  toAddress: z.string(),
  movedAmount: amountOut,
  /** why it waits for a retry; both wallets are usable meanwhile */
  error: wireError.nullable(),
  transactionHash: z.string().nullable().describe('of the newest transaction'),
  notBefore: time.nullable().describe('until when limits on withdrawals hold it up; null while nothing does'),
  createdAt: time,
  updatedAt: time,
});
export const networkNameSchema = z.enum(['testnet', 'mainnet']);
export const merchantSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  network: networkNameSchema,
  networkPassphrase: z.string(),
  settlementAddress: z.string().nullable().describe('where payments go; null until it is on the network'),
  settlement: z.object({
    status: settlementStatusSchema,
    managed: z.boolean(),
    managedAddress: z.string().nullable(),
    smartWalletAddress: z.string().nullable(),
    deviceCount: z.number().int(),
    balance: amountOut.nullable().describe('null while the network does not answer'),
  }),
  usdc: z.object({ code: z.string(), issuer: z.string(), contractId: z.string(), decimals: z.literal(7) }),
  totpConfirmed: z.boolean(),
  hasPasskey: z.boolean(),
  migration: migrationSchema.nullable().describe('the one in progress, or the last'),
  createdAt: time,
});
export const merchantSessionSchema = z.object({
  token: z.string(),
  expiresAt: time,
  merchant: merchantSchema,
});

/** Asked of those only who have an authenticator app already. */
export const totpSetupRequest = z.object(stepUp);
export const totpSetupResponse = z.object({ secret: z.string(), otpauthUrl: z.string() });
export const totpConfirmRequest = z.object({ totp: sixDigits });

export const apiKeyScopeSchema = z.enum(['read', 'withdraw']);
export const createMerchantKeyRequest = z.object({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(apiKeyScopeSchema).min(1).max(2),
  ...stepUp,
});
/** The step-up's action is `create-api-key`, its details `{id}`. */
export const rotateMerchantKeyRequest = z.object(stepUp);
export const merchantKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(apiKeyScopeSchema),
  createdAt: time,
  lastUsedAt: time.nullable(),
});
export const createdMerchantKeySchema = merchantKeySchema.extend({
  secret: z.string().describe('shown this once'),
});
export const merchantKeysResponse = z.object({ apiKeys: z.array(merchantKeySchema) });

/** What step-up assertions are asked for; their challenge is the hash of exactly this action. */
export const stepUpActionSchema = z.enum([
  'withdraw',
  'upgrade',
  'create-api-key',
  'loosen-rules',
  'set-webhook',
  'set-up-totp',
  'abandon-upgrade',
]);
export const stepUpOptionsRequest = z.object({
  action: stepUpActionSchema,
  details: z.record(z.string(), z.unknown()).default({}).describe('the body of the request it is for'),
});

export const upgradeRequest = z.object({
  registrationResponseJSON: registrationResponseSchema,
  ...stepUp,
});
/** Until the migration has begun to move anything. The step-up's action is `abandon-upgrade`, its details `{}`. */
export const abandonUpgradeRequest = z.object(stepUp);
export const upgradeResponse = z.object({
  status: z.enum(['confirmed', 'pending']),
  smartWalletAddress: z.string(),
  transactionHash: z.string().nullable(),
});
export const gateResponse = requestOptionsResponse.extend({
  migrationId: z.uuid(),
  balance: amountOut,
  fromAddress: z.string(),
  toAddress: z.string(),
  networkPassphrase: z.string(),
  notBefore: time.nullable().describe('when it will begin, where limits on withdrawals hold it up'),
  expiresAt: time,
});
export const gateRequest = z.object({ authenticationResponseJSON: authenticationResponseSchema });
/** The gate's challenge is sha256 over the UTF-8 bytes of this, as JSON with these keys in this order. */
export const gateSubject = z.object({
  type: z.literal('latchkey settlement migration'),
  migrationId: z.string(),
  fromAddress: z.string(),
  toAddress: z.string(),
  balance: z.string(),
  networkPassphrase: z.string(),
  nonce: z.string().describe('32 random bytes, base64url'),
});
export const gateOptionsResponse = gateResponse.extend({ nonce: z.string() });

export const withdrawQuery = z.object({
  amount: amountSchema.describe('decimal, in units of USDC: "12.5"; answers are in the smallest unit'),
  destination: recipientSchema,
  memo: z.string().min(1).max(28).optional(),
  memoType: z
    .enum(['text', 'id'])
    .optional()
    .describe('a memo of digits only is an id, and anything else a text, unless this says otherwise'),
});
export const withdrawRequest = withdrawQuery.extend(stepUp);
export const withdrawalSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['managed', 'passkey']),
  status: z
    .enum(['prepared', 'pending', 'confirmed', 'failed', 'expired', 'unknown'])
    .describe('unknown: the network no longer says; look at the payments before repeating it'),
  amount: amountOut,
  destination: z.string(),
  memo: z.string().nullable(),
  transactionHash: z.string().nullable(),
  ledger: z.number().int().nullable(),
  error: wireError.nullable(),
  createdAt: time,
});
export const preparedSchema = requestOptionsResponse.extend({
  id: z.uuid(),
  transactionXdr: z.string().describe('TransactionEnvelope, its entry unsigned, base64'),
  authorization: authorizationSchema,
  signers: z
    .array(z.object({ credentialId: z.string(), signerId: z.number().int(), origin: z.string() }))
    .describe("which of the wallet's signers each passkey is"),
  summary: z.string().describe('what it does, in words'),
  expiresAt: time,
});
export const submitRequest = z.object({ id: z.uuid(), signedXdr });
export const withdrawalsResponse = z.object({
  withdrawals: z.array(withdrawalSchema),
  cursor: z.string().nullable(),
});
export const withdrawalRulesSchema = z.object({
  dailyLimit: amountOut.nullable(),
  allowListOnly: z.boolean(),
  allowed: z.array(z.object({ address: z.string(), label: z.string(), effectiveAt: time })),
  pending: z
    .object({ dailyLimit: amountOut.nullable(), allowListOnly: z.boolean(), effectiveAt: time })
    .nullable()
    .describe('a loosening that waits out its 24 hours'),
  withdrawnToday: amountOut,
});
export const setWithdrawalRulesRequest = z.object({
  dailyLimit: amountSchema.nullable().describe('decimal, in units of USDC'),
  allowListOnly: z.boolean(),
  ...stepUp,
});
export const allowDestinationRequest = z.object({
  address: recipientSchema,
  label: z.string().trim().max(80),
  ...stepUp,
});

export const disallowDestinationRequest = z.object({ address: recipientSchema });

export const deviceSchema = z.object({
  signerId: z.number().int().nullable().describe('null until it is a signer on the network'),
  credentialId: z.string(),
  name: z.string(),
  state: z.enum(['adding', 'active', 'removing']),
  addedAt: time,
});
export const devicesResponse = z.object({ devices: z.array(deviceSchema) });
export const addDeviceOptionsResponse = creationOptionsResponse;
export const addDeviceRequest = z.object({
  registrationResponseJSON: registrationResponseSchema,
  name: z.string().trim().min(1).max(80),
});
export const prepareDeviceRequest = z.object({
  credentialId: z
    .string()
    .min(1)
    .max(2048)
    .describe('of a device that is being added, once its call has expired'),
});
export const removeDeviceRequest = z.object({ signerId: z.number().int().min(0) });
export const deviceChangeResponse = z.object({
  status: z.enum(['confirmed', 'pending', 'failed']),
  transactionHash: z.string().nullable(),
  error: wireError.nullable(),
  devices: z.array(deviceSchema),
  session: merchantSessionSchema
    .nullable()
    .describe('after a removal, which ends every session of the merchant: a new one'),
});

export const paymentSchema = z.object({
  id: z.string().describe('id of the event, and -in or -out'),
  direction: z.enum(['in', 'out']),
  /** 'migration' moves between the merchant's own wallets */
  kind: z.enum(['payment', 'withdrawal', 'migration']),
  amount: amountOut,
  counterparty: z.string(),
  memo: z.string().nullable(),
  ledger: z.number().int(),
  at: time,
  transactionHash: z.string(),
});
export const paymentsQuery = z.object({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
export const paymentsResponse = z.object({
  payments: z.array(paymentSchema),
  cursor: z.string().nullable(),
  missing: z
    .array(z.object({ fromLedger: z.number().int(), toLedger: z.number().int() }))
    .describe('ledgers that the node no longer had: payments in them are not listed'),
});
export const auditQuery = paymentsQuery;
export const balanceHistoryQuery = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });
export const balanceHistoryResponse = z.object({
  points: z.array(z.object({ at: time, balance: amountOut })).describe('oldest first; the last is now'),
});
export const auditResponse = z.object({
  entries: z.array(
    z.object({ id: z.string(), at: time, action: z.string(), detail: z.record(z.string(), z.unknown()) }),
  ),
  cursor: z.string().nullable(),
});
export const settlementEventNameSchema = z.enum([
  'settlement.received',
  'settlement.withdrawn',
  'settlement.migrated',
]);
export const createMerchantWebhookRequest = z.object({
  url: z.url({ protocol: /^https?$/ }).max(2048),
  scheme: z.enum(['hmac', 'ed25519']).default('hmac'),
  ...stepUp,
});
export const merchantWebhookSchema = z.object({
  id: z.uuid(),
  url: z.string(),
  scheme: z.enum(['hmac', 'ed25519']),
  verificationKey: z
    .string()
    .nullable()
    .describe('the public key; null for a shared secret, which is told once'),
  failing: z.boolean().describe('the last message was given up, or the endpoint is disabled'),
  disabledAt: time.nullable().describe('it answered 410 Gone; a replay enables it again'),
  createdAt: time,
});
export const createdMerchantWebhookSchema = merchantWebhookSchema.extend({
  verificationKey: z.string().describe('a shared secret is told this once'),
});
export const merchantMessageSchema = z.object({
  id: z.uuid().describe('webhook-id'),
  name: settlementEventNameSchema,
  state: z.enum(['waiting', 'delivered', 'given-up']),
  tries: z.number().int(),
  lastAnswer: z.string().nullable().describe('what came instead of 2xx'),
  nextTryAt: time.nullable(),
  createdAt: time,
});
export const merchantMessagesResponse = z.object({ messages: z.array(merchantMessageSchema) });
export const replayMessagesRequest = z.object({ since: time });
export const replayedResponse = z.object({ messages: z.number().int().describe('so many go out once more') });
export const merchantWebhooksResponse = z.object({ endpoints: z.array(merchantWebhookSchema) });
export const setNetworkRequest = z.object({
  network: networkNameSchema,
  leaveFunds: z
    .boolean()
    .default(false)
    .describe('move although money is left on the former network, whose keys are kept'),
});
export const merchantNetworkSchema = z.object({
  id: z.uuid(),
  network: networkNameSchema,
  settlementAddress: z.string().nullable().describe('null until the account there is on the network'),
});

export type StepUpAction = z.infer<typeof stepUpActionSchema>;
export type SignedTextOptionsBody = z.infer<typeof signedTextOptionsResponse>;
export type MerchantBody = z.infer<typeof merchantSchema>;
export type MerchantSessionBody = z.infer<typeof merchantSessionSchema>;
export type MigrationBody = z.infer<typeof migrationSchema>;
export type GateBody = z.infer<typeof gateOptionsResponse>;
export type GateSubject = z.infer<typeof gateSubject>;
export type UpgradeBody = z.infer<typeof upgradeResponse>;
export type WithdrawalBody = z.infer<typeof withdrawalSchema>;
export type WithdrawalRulesBody = z.infer<typeof withdrawalRulesSchema>;
export type PreparedBody = z.infer<typeof preparedSchema>;
export type WithdrawQuery = z.infer<typeof withdrawQuery>;
export type WithdrawRequest = z.infer<typeof withdrawRequest>;
export type SubmitRequest = z.infer<typeof submitRequest>;
export type AddDeviceRequest = z.infer<typeof addDeviceRequest>;
export type CreationOptionsBody = z.infer<typeof addDeviceOptionsResponse>;
export type DeviceChangeBody = z.infer<typeof deviceChangeResponse>;
export type DeviceBody = z.infer<typeof deviceSchema>;
export type PaymentBody = z.infer<typeof paymentSchema>;
export type MerchantNetworkBody = z.infer<typeof merchantNetworkSchema>;
export type PaymentsBody = z.infer<typeof paymentsResponse>;
export type AuditBody = z.infer<typeof auditResponse>;
export type MerchantWebhookBody = z.infer<typeof merchantWebhookSchema>;
export type CreatedMerchantWebhookBody = z.infer<typeof createdMerchantWebhookSchema>;
export type MerchantMessageBody = z.infer<typeof merchantMessageSchema>;
export type MerchantKeyBody = z.infer<typeof merchantKeySchema>;
export type CreatedMerchantKeyBody = z.infer<typeof createdMerchantKeySchema>;
export type ApiKeyScope = z.infer<typeof apiKeyScopeSchema>;
