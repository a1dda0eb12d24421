// The wire contract of the server: the single source of validation, static types and OpenAPI 3.1.
// Shapes only: whether an address exists, a balance suffices or a challenge is live is decided by the domains.
// WebAuthn payloads follow the JSON forms of WebAuthn Level 3 §5.1.8 and §5.1.9.
import { z } from 'zod';

const MAX_BASE64URL_CHARS = 16_384;
const base64Url = z
  .string()
  .max(MAX_BASE64URL_CHARS)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');

export const emailSchema = z.string().min(3).max(254);
export const addressSchema = z.string().max(64);
export const amountSchema = z.string().max(40);

export const registrationResponseSchema = z.object({
  id: base64Url,
  rawId: base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(32).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  response: z.object({
    clientDataJSON: base64Url,
    attestationObject: base64Url,
    authenticatorData: base64Url.optional(),
    transports: z.array(z.string().max(32)).max(8).optional(),
    publicKeyAlgorithm: z.number().optional(),
    publicKey: base64Url.optional(),
  }),
});

export const authenticationResponseSchema = z.object({
  id: base64Url,
  rawId: base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(32).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  response: z.object({
    clientDataJSON: base64Url,
    authenticatorData: base64Url,
    signature: base64Url,
    userHandle: base64Url.optional(),
  }),
});

/** Options as `@simplewebauthn/browser` takes them in `optionsJSON`; the browser is the one that validates them. */
const creationOptions = z.object({ challenge: base64Url }).loose();
const requestOptions = z.object({ challenge: base64Url }).loose();

export const sessionSchema = z.object({
  token: z.string().describe('JWT for the Authorization header: "Bearer <token>"'),
  email: z.string(),
  walletAddress: z.string(),
  expiresAt: z.number().int().describe('unix milliseconds'),
});

export const creationOptionsResponse = z.object({ options_json: creationOptions });
export const requestOptionsResponse = z.object({ options_json: requestOptions });

export const createWalletRequest = z.object({
  email: emailSchema,
  registrationResponseJSON: registrationResponseSchema,
});
export const createWalletResponse = z.object({
  status: z.enum(['confirmed', 'pending']),
  walletAddress: z.string(),
  transactionHash: z.string().nullable(),
  session: sessionSchema,
});

export const signInRequest = z.object({
  email: emailSchema,
  authenticationResponseJSON: authenticationResponseSchema,
});

export const transferQuery = z.object({
  fromWalletAddress: addressSchema,
  toWalletAddress: addressSchema,
  amount: amountSchema.describe('decimal, in units of the token: "12.5"'),
  token: addressSchema.optional().describe('token contract; the native asset contract when absent'),
});
export const tokenSchema = z.object({
  token: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
});
export const authorizationSchema = z.object({
  authorizationEntryXdr: z.string().describe('SorobanAuthorizationEntry that the passkey signs, base64'),
  networkPassphrase: z.string(),
  expiresAt: z.number().int().describe('unix milliseconds'),
  expiresAtLedger: z.number().int(),
  maxFeeStroops: z.string().describe('the most the service will pay for this transaction'),
});
export const transferOptionsResponse = z.object({
  options_json: requestOptions,
  authorization: authorizationSchema,
  token: tokenSchema,
});
export const transferRequest = transferQuery.extend({
  authenticationResponseJSON: authenticationResponseSchema,
});
export const transferReceipt = z.object({
  id: z.string(),
  status: z.enum(['confirmed', 'pending', 'failed']),
  transactionHash: z.string().nullable(),
  ledger: z.number().int().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

export const recoveryCodeRequest = z.object({ email: emailSchema });
export const recoverWalletRequest = z.object({
  email: emailSchema,
  registrationResponseJSON: registrationResponseSchema,
});
export const recoverWalletResponse = z.object({
  status: z.enum(['rotated', 'pending']),
  walletAddress: z.string(),
  transactionHash: z.string().nullable(),
  executableAt: z.number().int().nullable().describe('unix milliseconds, when a delay applies'),
  session: sessionSchema.nullable(),
});

export const cancelRecoveryOptionsResponse = z.object({
  options_json: requestOptions,
  authorization: authorizationSchema,
});
export const cancelRecoveryRequest = z.object({ authenticationResponseJSON: authenticationResponseSchema });
export const cancelRecoveryResponse = z.object({ transactionHash: z.string().nullable() });

export const walletView = z.object({
  email: z.string(),
  walletAddress: z.string(),
  network: z.object({ name: z.string(), passphrase: z.string(), friendbot: z.boolean() }),
  balances: z.array(tokenSchema.extend({ amount: z.string().describe('integer, in the smallest unit') })),
  pendingRotation: z
    .object({ executableAt: z.number().int(), initiatedByOwner: z.boolean() })
    .nullable()
    .describe('initiatedByOwner: asked for through this service with proof of the e-mail address'),
});

export const activityQuery = z.object({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});
export const activityResponse = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['created', 'sent', 'received', 'rotated']),
      at: z.number().int(),
      ledger: z.number().int(),
      counterparty: z.string().nullable(),
      amount: z.string().nullable(),
      symbol: z.string(),
      decimals: z.number().int(),
      transactionHash: z.string(),
      status: z.enum(['pending', 'confirmed', 'failed']),
    }),
  ),
  cursor: z.string().nullable(),
});

/** RFC 9457 problem details, with our stable `code`, the request's id and, for bad input, the field. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  field: z.string().optional(),
  rule: z.string().optional().describe('which rule of the relayer refused it'),
});

const base64Xdr = z.string().min(1).max(60_000);
/** What the relayer is asked to pay for: exactly one of a signed transaction, or a call with its signed entries. */
export const submissionRequest = z
  .object({
    xdr: base64Xdr.optional().describe('TransactionEnvelope, signed by its own source account'),
    func: base64Xdr.optional().describe('HostFunction'),
    auth: z.array(base64Xdr).max(16).optional().describe('SorobanAuthorizationEntry, signed'),
    maxFeeStroops: z
      .string()
      .regex(/^\d{1,10}$/)
      .optional()
      .describe('the most to be paid, when less than the key allows'),
  })
  .refine((it) => (it.xdr === undefined) !== (it.func === undefined), {
    message: 'send exactly one of xdr and func',
    path: ['xdr'],
  })
  .refine((it) => (it.func === undefined) === (it.auth === undefined), {
    message: 'auth goes with func',
    path: ['auth'],
  });
export const submissionBody = z.object({
  id: z.string(),
  status: z.enum(['queued', 'sent', 'confirmed', 'failed']),
  hash: z.string().nullable(),
  ledger: z.number().int().nullable(),
  feeChargedStroops: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;
export type AuthenticationResponse = z.infer<typeof authenticationResponseSchema>;
export type SessionBody = z.infer<typeof sessionSchema>;
export type AuthorizationBody = z.infer<typeof authorizationSchema>;
export type CreateWalletBody = z.infer<typeof createWalletResponse>;
export type TransferQuery = z.infer<typeof transferQuery>;
export type TransferOptionsBody = z.infer<typeof transferOptionsResponse>;
export type TransferReceiptBody = z.infer<typeof transferReceipt>;
export type RecoverWalletBody = z.infer<typeof recoverWalletResponse>;
export type CancelRecoveryOptionsBody = z.infer<typeof cancelRecoveryOptionsResponse>;
export type WalletViewBody = z.infer<typeof walletView>;
export type ActivityBody = z.infer<typeof activityResponse>;
export type SubmissionRequest = z.infer<typeof submissionRequest>;
export type SubmissionBody = z.infer<typeof submissionBody>;
export type Problem = z.infer<typeof problemSchema>;
