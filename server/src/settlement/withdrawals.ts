// Withdrawals as their merchant sees them, whoever signs: one form, one answer. A request waits a while for the network;
// what came of it afterwards is asked for by id.
import {
  LatchkeyError,
  type PreparedBody,
  type SubmitRequest,
  type WithdrawalBody,
  type WithdrawQuery,
  type WithdrawRequest,
} from '@latchkey/sdk/api';
import type { ChallengeUse } from '../db/challenges.ts';
import type { Database } from '../db/database.ts';
import type { Merchant } from '../db/merchants.ts';
import { type PreparedCall, preparedCall } from '../db/preparedCalls.ts';
import {
  type WithdrawalWithOutcome,
  withdrawalById,
  withdrawalOfSubmission,
  withdrawalsPage,
} from '../db/withdrawals.ts';
import { SETTLE_TIMEOUT_MS } from '../wallets/answer.ts';
import type { SettlementNetworks } from './network.ts';
import type { ManagedWithdrawals } from './withdrawManaged.ts';
import type { PasskeyWithdrawals } from './withdrawPasskey.ts';

const DEFAULT_PAGE = 50;
const CURSOR = /^(\d{1,16})\.([0-9a-f-]{36})$/;
const OUTCOME_UNKNOWN =
  'It may still have been paid, or be paid yet. Look again in a few minutes, or at the payments, which are read from the network, before you repeat it.';

export type Withdrawals = {
  prepare(merchant: Merchant, query: WithdrawQuery): Promise<PreparedBody>;
  submit(merchant: Merchant, request: SubmitRequest): Promise<WithdrawalBody>;
  withdraw(merchant: Merchant, request: WithdrawRequest, use: ChallengeUse): Promise<WithdrawalBody>;
  byId(merchant: Merchant, id: string): Promise<WithdrawalBody>;
  page(
    merchant: Merchant,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<{ withdrawals: WithdrawalBody[]; cursor: string | null }>;
};

function errorOf({ state, error_code: code, error_message: message }: WithdrawalWithOutcome) {
  if (state === 'unknown') return { code: 'OUTCOME_UNKNOWN', message: OUTCOME_UNKNOWN };
  return state === 'failed' ? { code: code ?? 'TRANSACTION_FAILED', message: message ?? '' } : null;
}

function withdrawalBody(row: WithdrawalWithOutcome): WithdrawalBody {
  return {
    id: row.id,
    kind: row.kind,
    status: row.state,
    amount: row.amount,
    destination: row.destination,
    memo: row.memo,
    transactionHash: row.found_hash ?? row.hash,
    ledger: row.ledger,
    error: errorOf(row),
    createdAt: row.created_at,
  };
}

/** Of one that nobody has submitted. */
function preparedBody(row: PreparedCall, nowMs: number): WithdrawalBody {
  const { query, amount } = JSON.parse(row.detail) as { query: WithdrawQuery; amount: string };
  return {
    id: row.id,
    kind: 'passkey',
    status: nowMs > row.expires_at ? 'expired' : 'prepared',
    amount,
    destination: query.destination,
    memo: query.memo ?? null,
    transactionHash: null,
    ledger: null,
    error: null,
    createdAt: row.created_at,
  };
}

function readCursor(cursor: string | undefined) {
  if (cursor === undefined) return null;
  const [, createdAt, id] = CURSOR.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'cursor: not one that we gave.',
      details: { field: 'cursor' },
    });
  }
  return { createdAt: Number(createdAt), id };
}

export function createWithdrawals(deps: {
  db: Database;
  networks: SettlementNetworks;
  managed: ManagedWithdrawals;
  passkey: PasskeyWithdrawals;
  nowMs: () => number;
}): Withdrawals {
  const { db, networks, managed, passkey, nowMs } = deps;

  async function settled(merchant: Merchant, submissionId: string): Promise<WithdrawalBody> {
    await networks.of(merchant.network).relayer.settled(submissionId, SETTLE_TIMEOUT_MS);
    const row = await withdrawalOfSubmission(db, merchant.account_id, submissionId);
    if (!row) throw new LatchkeyError('NOT_FOUND');
    return withdrawalBody(row);
  }

  return {
    prepare: passkey.prepare,
    submit: async (merchant, request) => settled(merchant, await passkey.submit(merchant, request)),
    withdraw: async (merchant, request, use) =>
      settled(merchant, await managed.withdraw(merchant, request, use)),
    async byId(merchant, id) {
      const row = await withdrawalById(db, merchant.account_id, id);
      if (row) return withdrawalBody(row);
      const prepared = await preparedCall(db, merchant.account_id, id);
      if (prepared?.action !== 'withdraw') throw new LatchkeyError('NOT_FOUND');
      return preparedBody(prepared, nowMs());
    },
    async page(merchant, { cursor, limit = DEFAULT_PAGE }) {
      const { account_id: accountId, network } = merchant;
      const rows = await withdrawalsPage(db, accountId, network, readCursor(cursor), limit);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        withdrawals: rows.map(withdrawalBody),
        cursor: last ? `${last.created_at}.${last.id}` : null,
      };
    },
  };
}
