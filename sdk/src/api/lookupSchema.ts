// The wire contract of the indexer's look-ups: which wallets a key belongs to, what signers a wallet has, what happened
// to it. The forms of a signer's key and status are those that passkey-kit's clients read, contracts with their rules those
// of smart-account-kit's; names in snake case are theirs.
import { z } from 'zod';

const ledger = z.number().int();

export const contractParam = z.string().regex(/^C[A-Z2-7]{55}$/, 'must be a contract address (C…)');
export const stellarAddressParam = z.string().regex(/^[GC][A-Z2-7]{55}$/, 'must be an address (G… or C…)');
export const hexParam = z
  .string()
  .max(2048)
  .regex(/^(?:[0-9a-fA-F]{2})+$/, 'must be hex');
/** Ids of events, as stellar-rpc makes them. */
export const eventIdSchema = z.string().regex(/^\d{19}-\d{10}$/, 'must be the id of an event');

export const lookupQuery = z.object({
  cursor: contractParam.optional().describe('wallet that the page before ended with'),
});
export const historyQuery = z.object({
  cursor: eventIdSchema.optional().describe('id that the page before ended with'),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

export const indexedSignerSchema = z.object({
  id: z.number().int(),
  key: z.object({
    type: z.enum(['secp256r1', 'ed25519', 'account', 'post-quantum']),
    value: z.string().describe('credential id in hex, address, or hash of the public key in hex'),
  }),
  publicKey: z.string().optional().describe('hex'),
  origin: z.string().optional().describe('of a passkey: the only origin it signs on'),
  role: z.enum(['admin', 'session']),
  storage: z.enum(['persistent', 'temporary']),
  status: z.enum(['live', 'expired', 'removed']),
  expiration: ledger.optional(),
  expiration_unit: z.literal('ledger').optional(),
  limits: z.record(z.string(), z.null()).optional().describe('contracts that a session may call'),
  coSigners: z
    .object({ signerIds: z.array(z.number().int()), threshold: z.number().int() })
    .nullable()
    .describe('signers of whom this many have to sign too'),
  policies: z.array(z.string()),
  signerXdr: z.string().describe('the whole registration, an ScVal in base64'),
  addedAtLedger: ledger,
  changedAtLedger: ledger,
  removedAtLedger: ledger.nullable(),
});

export const indexedWalletSchema = z.object({
  contractId: z.string(),
  generation: z.literal('latchkey'),
  factory: z.string(),
  deployedAtLedger: ledger,
  wasmHash: z.string(),
  isKnownCode: z
    .boolean()
    .describe(
      'false: the wallet replaced its code by one that is not known here, and what follows is from before',
    ),
  isComplete: z
    .boolean()
    .describe('false: ledgers after its deployment were not read, and what they changed is not known'),
  adminThreshold: z.number().int(),
  guardian: z.string().nullable(),
  asOfLedger: ledger,
  signers: z.array(indexedSignerSchema),
  pendingRecoveries: z.array(
    z.object({
      recoveryContract: z.string(),
      signerId: z.number().int(),
      credentialId: z.string().nullable(),
      keyXdr: z.string(),
      executableAtSeconds: z.number().int(),
      proposedAtLedger: ledger,
    }),
  ),
  balances: z.array(
    z.object({
      token: z.string(),
      amount: z.string().nullable().describe('null while it has not been read'),
      changedAtLedger: ledger,
    }),
  ),
});

export const walletRefSchema = z.object({
  contract_id: z.string(),
  generation: z.literal('latchkey'),
  signer_count: z.number().int().describe('signers that were not removed'),
  signer_ids: z.array(z.number().int()).describe('those that have the key'),
});
export const contractSummarySchema = z.object({
  contract_id: z.string(),
  context_rule_count: z.number().int(),
  external_signer_count: z.number().int().describe('passkeys and post-quantum keys'),
  delegated_signer_count: z.number().int().describe('accounts'),
  native_signer_count: z.number().int().describe('ed25519 keys'),
  first_seen_ledger: ledger,
  last_seen_ledger: ledger,
  context_rule_ids: z.array(z.number().int()).describe('ids of signers: each is a rule of its own'),
});
export const contractSchema = z.object({
  contractId: z.string(),
  summary: contractSummarySchema,
  contextRules: z.array(
    z.object({
      context_rule_id: z.number().int(),
      signers: z.array(
        z.object({
          signer_type: z.enum(['External', 'Delegated', 'Native']),
          signer_address: z.string().nullable(),
          credential_id: z.string().nullable().describe('hex'),
        }),
      ),
      policies: z.array(
        z.object({
          policy_address: z.string(),
          install_params: z.null().describe('events do not carry them'),
        }),
      ),
    }),
  ),
});
export const lookupResponse = z.object({
  credentialId: z.string().optional().describe('what was asked for'),
  signerAddress: z.string().optional().describe('what was asked for'),
  wallets: z.array(walletRefSchema),
  contracts: z.array(contractSummarySchema).describe('the same wallets'),
  count: z.number().int(),
  cursor: z.string().nullable(),
});

export const walletEventSchema = z.object({
  id: z.string(),
  wallet: z.string(),
  kind: z.string(),
  ledger,
  closedAt: z.number().int().describe('unix milliseconds'),
  transactionHash: z.string(),
  signerId: z.number().int().optional(),
  token: z.string().optional(),
  counterparty: z.string().optional(),
  amount: z.string().optional(),
  asset: z.string().optional().describe("SEP-11 name, where the token is the asset's own contract"),
  detail: z.record(z.string(), z.unknown()),
});
export const historyResponse = z.object({
  items: z.array(walletEventSchema),
  cursor: z.string().nullable(),
});

export const indexerStatsSchema = z.object({
  status: z.enum(['starting', 'following', 'behind', 'gap', 'network-reset', 'filling']),
  statusText: z.string().nullable(),
  lastLedger: ledger.nullable(),
  gaps: z.array(z.object({ fromLedger: ledger, toLedger: ledger })),
  wallets: z.number().int(),
  signers: z.number().int(),
  events: z.number().int(),
  stats: z.object({
    total_events: z.number().int(),
    unique_contracts: z.number().int(),
    unique_credentials: z.number().int(),
    first_ledger: ledger.nullable(),
    last_ledger: ledger.nullable(),
    eventTypes: z
      .array(z.object({ event_type: z.string(), count: z.number().int() }))
      .describe('for smart-account-kit: empty, because kinds are not counted one by one'),
  }),
});

export type IndexedSignerBody = z.infer<typeof indexedSignerSchema>;
export type IndexedWalletBody = z.infer<typeof indexedWalletSchema>;
export type ContractSummaryBody = z.infer<typeof contractSummarySchema>;
export type ContractBody = z.infer<typeof contractSchema>;
export type LookupBody = z.infer<typeof lookupResponse>;
export type WalletEventBody = z.infer<typeof walletEventSchema>;
export type HistoryBody = z.infer<typeof historyResponse>;
export type IndexerStatsBody = z.infer<typeof indexerStatsSchema>;
