// Answers from the indexer's tables. They are as of the last ledger that was read, which every answer about a wallet says;
// what a key may do now is for the wallet's contract to decide.
import {
  type ContractBody,
  type HistoryBody,
  type IndexedSignerBody,
  type IndexedWalletBody,
  type IndexerStatsBody,
  LatchkeyError,
  type LookupBody,
  type WalletEventBody,
} from '@latchkey/sdk/api';
import { bytesToHex } from '@latchkey/sdk/chain';
import type { Database } from '../db/database.ts';
import type { WalletEventRow } from '../db/indexedWallets.ts';
import { indexerCursor, indexerGaps } from '../db/indexerCursor.ts';
import { countIndex, type IndexCounts, walletHistory } from '../db/lookups.ts';
import { type KeyColumn, type KnownSigner, knownWallet, walletsWithKey } from '../db/walletQueries.ts';
import { contractBody, contractSummary, isExpired, isLive } from './contractSummary.ts';
import { signerOf } from './signerRow.ts';

const WALLETS_PER_PAGE = 100;
const DEFAULT_LIMIT = 50;
const COUNTS_LIVE_MS = 60_000;

export type Lookups = {
  /** @throws LatchkeyError WALLET_NOT_FOUND */
  wallet(address: string): Promise<IndexedWalletBody>;
  /** @throws LatchkeyError WALLET_NOT_FOUND */
  contract(address: string): Promise<ContractBody>;
  byKey(column: KeyColumn, value: string, afterWallet?: string): Promise<LookupBody>;
  /** @throws LatchkeyError WALLET_NOT_FOUND */
  history(
    address: string,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<HistoryBody>;
  stats(): Promise<IndexerStatsBody>;
};

function signerBody(row: KnownSigner, asOfLedger: number): IndexedSignerBody {
  const { key, role, coSigners } = signerOf(row);
  const value = () => {
    switch (key.kind) {
      case 'passkey':
        return bytesToHex(key.passkey.credentialId);
      case 'post-quantum':
        return bytesToHex(key.publicKeyHash);
      default:
        return row.address!;
    }
  };
  return {
    id: row.signer_id,
    key: { type: key.kind === 'passkey' ? 'secp256r1' : key.kind, value: value() },
    ...(row.public_key !== null && key.kind !== 'post-quantum' ? { publicKey: row.public_key } : {}),
    ...(key.kind === 'passkey' ? { origin: key.passkey.origin } : {}),
    role: role.kind,
    storage: role.kind === 'admin' ? 'persistent' : 'temporary',
    status: row.removed_at_ledger !== null ? 'removed' : isLive(row, asOfLedger) ? 'live' : 'expired',
    ...(role.kind === 'session'
      ? {
          expiration: role.expiresAtLedger,
          expiration_unit: 'ledger' as const,
          limits: Object.fromEntries(role.contracts.map((contract) => [contract, null])),
        }
      : {}),
    coSigners,
    policies: JSON.parse(row.policies) as string[],
    signerXdr: row.signer_xdr,
    addedAtLedger: row.added_at_ledger,
    changedAtLedger: row.changed_at_ledger,
    removedAtLedger: row.removed_at_ledger,
  };
}

export function walletEventBody(row: WalletEventRow): WalletEventBody {
  const { signer_id, token, counterparty, amount, asset } = row;
  return {
    id: row.id,
    wallet: row.wallet,
    kind: row.kind,
    ledger: row.ledger,
    closedAt: row.closed_at,
    transactionHash: row.hash,
    ...(signer_id === null ? {} : { signerId: signer_id }),
    ...(token === null ? {} : { token }),
    ...(counterparty === null ? {} : { counterparty }),
    ...(amount === null ? {} : { amount }),
    ...(asset === null ? {} : { asset }),
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}

const lastLedger = (row: { next_ledger: number | null }) => (row.next_ledger ?? 1) - 1;

export function createLookups(deps: { db: Database; nowMs: () => number }): Lookups {
  const { db, nowMs } = deps;
  const walletAt = knownWallet(db);
  const withKey = (column: KeyColumn) => walletsWithKey(db, column, WALLETS_PER_PAGE + 1);
  const walletsBy = {
    credential_id: withKey('credential_id'),
    public_key: withKey('public_key'),
    address: withKey('address'),
  };
  let counts: IndexCounts | null = null;
  let countedAtMs = 0;

  /** Counting reads whole tables, so it is done once in a while, whoever asks how often. */
  async function counted(): Promise<IndexCounts> {
    if (!counts || nowMs() - countedAtMs > COUNTS_LIVE_MS) {
      countedAtMs = nowMs();
      counts = await countIndex(db);
    }
    return counts;
  }

  async function known(address: string) {
    const wallet = await walletAt(address);
    if (!wallet) throw new LatchkeyError('WALLET_NOT_FOUND');
    return { ...wallet, asOfLedger: lastLedger(wallet) };
  }

  return {
    async wallet(address) {
      const wallet = await known(address);
      const { asOfLedger, last_gap_ledger, signers, recoveries, balances } = wallet;
      return {
        contractId: wallet.address,
        generation: 'latchkey',
        factory: wallet.factory,
        deployedAtLedger: wallet.deployed_at_ledger,
        wasmHash: wallet.wasm_hash,
        isKnownCode: wallet.is_known_code === 1,
        isComplete: last_gap_ledger === null || last_gap_ledger < wallet.deployed_at_ledger,
        adminThreshold: wallet.admin_threshold,
        guardian: wallet.guardian,
        asOfLedger,
        signers: signers.map((row) => signerBody(row, asOfLedger)),
        pendingRecoveries: recoveries.map((row) => ({
          recoveryContract: row.recovery_contract,
          signerId: row.signer_id,
          credentialId: row.credential_id,
          keyXdr: row.key_xdr,
          executableAtSeconds: row.executable_at_seconds,
          proposedAtLedger: row.proposed_at_ledger,
        })),
        balances: balances.map(({ token, amount, changed_at_ledger }) => ({
          token,
          amount,
          changedAtLedger: changed_at_ledger,
        })),
      };
    },
    async contract(address) {
      const wallet = await known(address);
      return contractBody(
        wallet,
        wallet.signers.filter((it) => isLive(it, wallet.asOfLedger)),
      );
    },
    async byKey(column, value, afterWallet = '') {
      const found = await walletsBy[column](value, afterWallet);
      const shown = found.slice(0, WALLETS_PER_PAGE);
      return {
        wallets: shown.map(({ address, signers }) => ({
          contract_id: address,
          generation: 'latchkey' as const,
          signer_count: signers.length,
          signer_ids: signers.filter((it) => it[column] === value).map((it) => it.signer_id),
        })),
        contracts: shown.map((wallet) => {
          const asOfLedger = lastLedger(wallet);
          const live = wallet.signers.filter((it) => !isExpired(it, asOfLedger));
          return contractSummary(wallet, live);
        }),
        count: shown.length,
        cursor: found.length > shown.length ? shown.at(-1)!.address : null,
      };
    },
    async history(address, { cursor, limit = DEFAULT_LIMIT }) {
      await known(address);
      const rows = await walletHistory(db, address, cursor ?? null, limit + 1);
      const shown = rows.slice(0, limit);
      return {
        items: shown.map(walletEventBody),
        cursor: rows.length > limit ? shown.at(-1)!.id : null,
      };
    },
    async stats() {
      const cursor = await indexerCursor(db);
      const gaps = await indexerGaps(db);
      const { wallets, signers, credentials, events, firstLedger } = await counted();
      const last = cursor ? cursor.next_ledger - 1 : null;
      return {
        status: cursor?.status ?? 'starting',
        statusText: cursor?.status_text ?? null,
        lastLedger: last,
        gaps: gaps.map((gap) => ({ fromLedger: gap.from_ledger, toLedger: gap.to_ledger })),
        wallets,
        signers,
        events,
        stats: {
          total_events: events,
          unique_contracts: wallets,
          unique_credentials: credentials,
          first_ledger: firstLedger,
          last_ledger: last,
          eventTypes: [],
        },
      };
    },
  };
}
