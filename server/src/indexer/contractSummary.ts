// Wallets as smart-account-kit's indexer client reads them: a contract with rules that hold signers and policies. Here a
// signer with its policies is a rule of its own, under the signer's id. Removed and expired signers are left out, as that
// client expects. Pure: what the rows say, said in other words.
import type { ContractBody, ContractSummaryBody } from '@latchkey/sdk/api';
import type { IndexedSigner, IndexedWallet } from '../db/indexedWallets.ts';
import type { KnownSigner } from '../db/walletQueries.ts';

type KitSigner = ContractBody['contextRules'][number]['signers'][number];

export function isExpired(row: Pick<IndexedSigner, 'expires_at_ledger'>, asOfLedger: number): boolean {
  return row.expires_at_ledger !== null && row.expires_at_ledger < asOfLedger;
}

export function isLive(
  row: Pick<IndexedSigner, 'expires_at_ledger' | 'removed_at_ledger'>,
  asOfLedger: number,
): boolean {
  return row.removed_at_ledger === null && !isExpired(row, asOfLedger);
}

const TYPES: Record<IndexedSigner['kind'], KitSigner['signer_type']> = {
  passkey: 'External',
  'post-quantum': 'External',
  account: 'Delegated',
  ed25519: 'Native',
};

function kitSigner({ kind, credential_id, address }: KnownSigner): KitSigner {
  return {
    signer_type: TYPES[kind],
    signer_address: address,
    credential_id: credential_id === null ? null : Buffer.from(credential_id, 'base64url').toString('hex'),
  };
}

/** @param live its signers that are neither removed nor expired */
export function contractSummary(
  wallet: Pick<IndexedWallet, 'address' | 'deployed_at_ledger' | 'changed_at_ledger'>,
  live: Pick<IndexedSigner, 'signer_id' | 'kind' | 'changed_at_ledger'>[],
): ContractSummaryBody {
  const ofType = (type: KitSigner['signer_type']) => live.filter(({ kind }) => TYPES[kind] === type).length;
  return {
    contract_id: wallet.address,
    context_rule_count: live.length,
    external_signer_count: ofType('External'),
    delegated_signer_count: ofType('Delegated'),
    native_signer_count: ofType('Native'),
    first_seen_ledger: wallet.deployed_at_ledger,
    last_seen_ledger: Math.max(wallet.changed_at_ledger, ...live.map((it) => it.changed_at_ledger)),
    context_rule_ids: live.map((it) => it.signer_id),
  };
}

export function contractBody(wallet: IndexedWallet, live: KnownSigner[]): ContractBody {
  return {
    contractId: wallet.address,
    summary: contractSummary(wallet, live),
    contextRules: live.map((row) => ({
      context_rule_id: row.signer_id,
      signers: [kitSigner(row)],
      policies: (JSON.parse(row.policies) as string[]).map((policy_address) => ({
        policy_address,
        install_params: null,
      })),
    })),
  };
}
