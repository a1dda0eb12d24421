// What wallets hold, asked of the tokens themselves once an event said that it changed: sums of events would be wrong for
// tokens that move amounts without saying so. A contract that does not answer as a token has no balance; one that the
// node cannot ask holds up no other.
import { LatchkeyError } from '@latchkey/sdk/api';
import { type Rpc, RpcError, scValToI128, simulate, tokenCalls } from '@latchkey/sdk/chain';
import type { Database } from '../db/database.ts';
import { dueBalances, updateBalance, type WalletBalance } from '../db/indexedWallets.ts';

const BATCH = 50;
const RETRY_AFTER_MS = 30_000;
const LAGGING_NODE_RETRY_MS = 1_000;

type Answer = { amount: string | null } | { retryAfterMs: number };

async function balanceOf(rpc: Rpc, row: WalletBalance): Promise<Answer> {
  try {
    const hostFunction = tokenCalls.balance(row.token, row.wallet);
    const { returnValue, latestLedger } = await simulate(rpc, { hostFunction });
    if (latestLedger < row.changed_at_ledger) return { retryAfterMs: LAGGING_NODE_RETRY_MS };
    const amount = scValToI128(returnValue);
    return { amount: amount === null ? null : String(amount) };
  } catch (error) {
    const isRefused = error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED';
    if (isRefused) return { amount: null };
    if (error instanceof LatchkeyError || error instanceof RpcError) return { retryAfterMs: RETRY_AFTER_MS };
    throw error;
  }
}

/** All that are due now. */
export async function readDueBalances(db: Database, rpc: Rpc, nowMs: () => number): Promise<void> {
  for (;;) {
    const due = await dueBalances(db, nowMs(), BATCH);
    for (const row of due) {
      const answer = await balanceOf(rpc, row);
      const change =
        'amount' in answer
          ? { amount: answer.amount, is_due: 0, not_before: 0 }
          : { not_before: nowMs() + answer.retryAfterMs };
      await updateBalance(db, row, change);
    }
    if (due.length < BATCH) return;
  }
}
