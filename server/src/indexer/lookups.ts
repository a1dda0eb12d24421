// Answers from the indexer's tables. They are as of the last ledger that was read, which every answer about a wallet says;
// what a key may do now is for the wallet's contract to decide.
import {
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
import {
  type IndexedSigner,
  pendingRecoveriesOf,
  signersOf,
  type WalletEventRow,
  walletsAmong,
} from '../db/indexedWallets.ts';
import { indexerCursor, indexerGaps } from '../db/indexerCursor.ts';
import { countRows, type KeyColumn, walletHistory, walletsWithKey } from '../db/lookups.ts';
import { signerOf } from './signerRow.ts';

const WALLETS_PER_PAGE = 100;
const DEFAULT_LIMIT = 50;
const COUNTS_LIVE_MS = 10_000;

export type Lookups = {
  /** @throws LatchkeyError WALLET_NOT_FOUND */
  wallet(address: string): Promise<IndexedWalletBody>;
  byKey(column: KeyColumn, value: string, afterWallet?: string): Promise<LookupBody>;
  /** @throws LatchkeyError WALLET_NOT_FOUND */
  history(
    address: string,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<HistoryBody>;
  stats(): Promise<IndexerStatsBody>;
};

function signerBody(row: IndexedSigner, asOfLedger: number): IndexedSignerBody {
  const { key, role, coSigners } = signerOf(row);
  const isExpired = row.expires_at_ledger !== null && row.expires_at_ledger < asOfLedger;
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
    status: row.removed_at_ledger !== null ? 'removed' : isExpired ? 'expired' : 'live',
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

export function createLookups(deps: { db: Database; nowMs: () => number }): Lookups {
  const { db, nowMs } = deps;
  let counts: { wallets: number; signers: number; events: number } | null = null;
  let countedAtMs = 0;

  /** Counting reads whole tables, so it is done once in a while, whoever asks how often. */
  async function counted() {
    if (!counts || nowMs() - countedAtMs > COUNTS_LIVE_MS) {
      countedAtMs = nowMs();
      counts = {
        wallets: await countRows(db, 'indexed_wallets'),
        signers: await countRows(db, 'indexed_signers'),
        events: await countRows(db, 'wallet_events'),
      };
    }
    return counts;
  }

  async function known(address: string) {
    const [wallet] = await walletsAmong(db, [address]);
    if (!wallet) throw new LatchkeyError('WALLET_NOT_FOUND');
    return wallet;
  }

  return {
    async wallet(address) {
      const wallet = await known(address);
      const asOfLedger = ((await indexerCursor(db))?.next_ledger ?? 1) - 1;
      const gaps = await indexerGaps(db);
      const signers = await signersOf(db, [address]);
      const pending = await pendingRecoveriesOf(db, [address]);
      const balances = await db
        .selectFrom('wallet_balances')
        .selectAll()
        .where('wallet', '=', address)
        .orderBy('token')
        .execute();
      return {
        contractId: wallet.address,
        generation: 'latchkey',
        factory: wallet.factory,
        deployedAtLedger: wallet.deployed_at_ledger,
        wasmHash: wallet.wasm_hash,
        isKnownCode: wallet.is_known_code === 1,
        isComplete: !gaps.some((gap) => gap.to_ledger >= wallet.deployed_at_ledger),
        adminThreshold: wallet.admin_threshold,
        guardian: wallet.guardian,
        asOfLedger,
        signers: signers.map((row) => signerBody(row, asOfLedger)),
        pendingRecoveries: pending.map((row) => ({
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
    async byKey(column, value, afterWallet = '') {
      const found = await walletsWithKey(db, column, value, afterWallet, WALLETS_PER_PAGE + 1);
      const shown = found.slice(0, WALLETS_PER_PAGE).map(({ wallet }) => wallet);
      const signers = (await signersOf(db, shown)).filter((it) => it.removed_at_ledger === null);
      return {
        wallets: shown.map((wallet) => {
          const own = signers.filter((it) => it.wallet === wallet);
          return {
            contract_id: wallet,
            generation: 'latchkey' as const,
            signer_count: own.length,
            signer_ids: own.filter((it) => it[column] === value).map((it) => it.signer_id),
          };
        }),
        count: shown.length,
        cursor: found.length > shown.length ? shown.at(-1)! : null,
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
      return {
        status: cursor?.status ?? 'starting',
        statusText: cursor?.status_text ?? null,
        lastLedger: cursor ? cursor.next_ledger - 1 : null,
        gaps: gaps.map((gap) => ({ fromLedger: gap.from_ledger, toLedger: gap.to_ledger })),
        ...(await counted()),
      };
    },
  };
}
